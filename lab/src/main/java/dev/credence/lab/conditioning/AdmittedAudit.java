package dev.credence.lab.conditioning;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The audit where the evidence excludes texts, of which it says −∞. Any copies above 0 of it, many or few, lead into the prior
 * given that a text is admitted, and there to the same posteriors as ever; so a policy that keeps to admitted texts is audited
 * against that prior, and ln 1/P(admitted) is added to what conditioning explains: KL(π‖π0) = KL(π‖π0(·|admitted)) −
 * ln π0(admitted). A policy with an excluded text has an infinite KL from each of these posteriors: 0 % of its move is
 * conditioning on the evidence.
 */
final class AdmittedAudit {
    /** How much of the policy is on excluded texts. */
    static final String EXCLUDED = "mass.excluded";

    private static final String QUESTION = "How much of the policy's mass is on texts that the evidence excludes?";
    private static final String UNDER_PRIOR =
            "the evidence excludes texts of the prior: under it the log-likelihood has no mean and no slope";
    private static final String OUTSIDE =
            "the policy gives mass to texts that the evidence excludes: no copies of the evidence lead there";
    private static final Set<String> MOVED =
            Set.of("kl.policy_prior", "kl.policy_prior.sampled", "kl.asked_prior", "kl.explained");
    private static final Set<String> OF_PRIOR = Set.of(
            "copies.prior_slope",
            "copies.mixture_slope",
            "copies.per_sigma",
            "copies.ceiling",
            "nuisance.log_prior",
            "nuisance.length",
            "nuisance.reward_squared");
    private static final double CONDITIONAL = 0.95;
    private static final double MOSTLY = 0.8;
    private static final double PARTLY = 0.3;
    private static final double NEAR = 0.1; // nats
    private static final double UNMOVED = 1e-9;

    private AdmittedAudit() {}

    /**
     * Audits a table.
     *
     * @param prior the prior
     * @param policy what a method came to
     * @param reward the evidence's log-likelihood of each text, −∞ of some
     * @param options what is asked
     * @return the audit
     * @throws NoPosteriorException if a prompt's texts are all excluded
     */
    static StepAudit of(TableModel prior, TableModel policy, RewardFunction reward, AuditOptions options) {
        TableModel admitted = prior.map((prompt, texts) -> admitted(prompt, texts, reward));
        Map<String, Double> gaps = new HashMap<>();
        double outside = 0;
        for (String prompt : prior.prompts()) {
            gaps.put(prompt, gap(prior.given(prompt), admitted.given(prompt)));
            outside += prior.weight(prompt) * outside(policy.given(prompt), admitted.given(prompt));
        }
        boolean inside = outside == 0;
        StepAudit among = Audit.of(admitted, inside ? policy : admitted, Map.of(options.reward(), reward), options);
        Finding excluded = exact(EXCLUDED, QUESTION, outside, "share");
        if (!inside) {
            return outside(prior, policy, admitted, reward, among, options, excluded);
        }
        StepAudit moved = moved(among, gaps, options, excluded);
        moved.findings().putAll(ofPrior(prior));
        return moved;
    }

    private static Distribution admitted(String prompt, Distribution texts, RewardFunction reward) {
        double[] logs = texts.logProbabilities().clone();
        double left = 0;
        for (int i = 0; i < logs.length; i++) {
            if (reward.reward(prompt, texts.outcome(i)) == Double.NEGATIVE_INFINITY) {
                logs[i] = Double.NEGATIVE_INFINITY;
            }
            left += Math.exp(logs[i]);
        }
        if (!(left > 0)) {
            throw new NoPosteriorException(
                    "the evidence excludes every text of prompt '" + prompt + "': there is nothing to condition on");
        }
        return Distribution.ofLogWeights(texts.outcomes(), logs);
    }

    /** ln 1/P(admitted), nats. */
    private static double gap(Distribution prior, Distribution admitted) {
        double mass = 0;
        for (int i = 0; i < prior.size(); i++) {
            mass += admitted.probability(i) > 0 ? prior.probability(i) : 0;
        }
        return -Math.log(Math.min(1, mass));
    }

    private static double outside(Distribution policy, Distribution admitted) {
        double mass = 0;
        for (int i = 0; i < policy.size(); i++) {
            mass += admitted.probability(policy.outcome(i)) > 0 ? 0 : policy.probability(i);
        }
        return mass;
    }

    /**
     * An audit against the prior of the admitted texts, as one against the prior of all.
     *
     * @param among the audit among admitted texts
     * @param gaps ln 1/P(admitted) by prompt, nats
     * @param options what was asked
     * @param excluded how much of the policy's mass is elsewhere: none
     * @return the audit; its map of findings may be added to
     */
    static StepAudit moved(StepAudit among, Map<String, Double> gaps, AuditOptions options, Finding excluded) {
        double gap = among.prompts().stream()
                .mapToDouble(prompt -> prompt.weight() * gaps.getOrDefault(prompt.prompt(), 0.0))
                .sum();
        Map<String, Finding> findings = moved(among.findings(), gap);
        findings.put(EXCLUDED, excluded);
        List<PromptAudit> prompts = new ArrayList<>();
        for (PromptAudit own : among.prompts()) {
            prompts.add(new PromptAudit(
                    own.prompt(),
                    own.weight(),
                    own.priorRecords(),
                    own.policyRecords(),
                    moved(own.findings(), gaps.getOrDefault(own.prompt(), 0.0))));
        }
        List<Gate> gates = among.gates().stream()
                .filter(gate -> gap <= UNMOVED || !gate.id().equals("no_update"))
                .toList();
        Verdict verdict = verdict(findings, gap, options);
        return new StepAudit(
                among.step(), findings, prompts, gates, List.of(), verdict, Map.of("stated", verdict), among.plots());
    }

    private static Map<String, Finding> moved(Map<String, Finding> among, double gap) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        among.forEach((id, finding) -> findings.put(id, moved(finding, gap)));
        findings.computeIfPresent("bayes_fraction", (id, finding) -> fraction(finding, findings));
        return findings;
    }

    private static Finding moved(Finding finding, double gap) {
        String id = finding.id();
        if (MOVED.contains(id)) {
            return plus(finding, gap);
        }
        if (id.equals("log_z")) {
            return plus(finding, -gap);
        }
        if (id.equals("kl.prior_policy")) {
            return all(finding, Double.POSITIVE_INFINITY);
        }
        if (id.equals("reward.prior")) {
            return all(finding, Double.NEGATIVE_INFINITY);
        }
        if (OF_PRIOR.contains(id) || id.equals("entropy.prior") || id.equals("modes.prior")) {
            return all(finding, Double.NaN).withdrawn(UNDER_PRIOR);
        }
        return id.endsWith(".population")
                ? all(finding, Double.NaN).withdrawn("prompts are not taken as units where the evidence excludes texts")
                : finding;
    }

    /** 1 − KL(π‖fitted)/KL(π‖π0), its ends from theirs. */
    private static Finding fraction(Finding among, Map<String, Finding> findings) {
        Finding departure = findings.get("kl.departure");
        Finding kl = findings.get("kl.policy_prior");
        if (departure == null || kl == null || !(kl.estimate() > UNMOVED)) {
            return among;
        }
        boolean stands = departure.stands() && kl.stands();
        double estimate = 1 - departure.estimate() / kl.estimate();
        Finding fraction = new Finding(
                among.id(),
                among.question(),
                Math.min(estimate, 1 - departure.upper() / kl.lower()),
                estimate,
                Math.max(estimate, 1 - Math.max(0, departure.lower()) / kl.upper()),
                stands ? kl.grade() : Grade.WITHDRAWN,
                among.unit(),
                kl.interval(),
                null);
        return stands ? fraction : fraction.withdrawn("what it is a share of was withdrawn");
    }

    private static Verdict verdict(Map<String, Finding> findings, double gap, AuditOptions options) {
        Finding fraction = findings.getOrDefault("bayes_fraction", exact("bayes_fraction", "", Double.NaN, ""));
        Finding departure = findings.getOrDefault("kl.departure", fraction);
        if (!fraction.stands() || Double.isNaN(fraction.estimate())) {
            String why = "Whether the policy is the prior conditioned on the evidence cannot be told: ";
            return new Verdict(Verdict.Label.CANNOT_TELL, why + fraction.reason() + ".", List.of());
        }
        Verdict.Label label = label(fraction, departure, agree(findings));
        Finding copies = findings.get("copies.moment_match");
        if (copies != null && copies.stands() && copies.upper() < 0 && label != Verdict.Label.NOT) {
            label = Verdict.Label.OPPOSITE;
        }
        String text = String.format(
                "The policy keeps to texts that the evidence admits (%s), which is %s nats of its move; of the move of %s"
                        + " nats, %s %% is Bayesian conditioning and %s nats are departure.",
                options.reward(),
                FigureFormat.of(gap),
                FigureFormat.of(estimate(findings, "kl.policy_prior")),
                FigureFormat.of(100 * fraction.estimate()),
                FigureFormat.of(departure.estimate()));
        return new Verdict(label, text, List.of());
    }

    /**
     * The label that intervals allow, by the thresholds of every audit.
     *
     * @param fraction the Bayes fraction
     * @param departure KL(π‖fitted), nats
     * @param agree whether the counts of copies do
     * @return the label; never that of opposite copies
     */
    static Verdict.Label label(Finding fraction, Finding departure, boolean agree) {
        if (fraction.lower() >= CONDITIONAL && departure.upper() <= NEAR && agree) {
            return Verdict.Label.CONDITIONAL;
        }
        if (fraction.lower() >= MOSTLY) {
            return Verdict.Label.MOSTLY;
        }
        if (fraction.lower() >= PARTLY) {
            return Verdict.Label.PARTLY;
        }
        return fraction.upper() < PARTLY ? Verdict.Label.NOT : Verdict.Label.CANNOT_TELL;
    }

    /** Whether ℓ − λr hardly varies under the policy, which is what the counts of copies agree on. */
    private static boolean agree(Map<String, Finding> findings) {
        Finding residual = findings.get("residual.policy_variance");
        return residual != null && residual.stands() && residual.estimate() <= NEAR * NEAR;
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        Finding finding = findings.get(id);
        return finding == null ? Double.NaN : finding.estimate();
    }

    private static Map<String, Finding> ofPrior(TableModel prior) {
        double entropy = 0;
        for (String prompt : prior.prompts()) {
            entropy += prior.weight(prompt) * prior.given(prompt).entropy();
        }
        Map<String, Finding> findings = new LinkedHashMap<>();
        findings.put("entropy.prior", exact("entropy.prior", "Entropy of the prior?", entropy, "nats"));
        findings.put(
                "modes.prior",
                exact("modes.prior", "Effective number of texts of the prior?", Math.exp(entropy), "texts"));
        return findings;
    }

    /** A policy with excluded texts: what can be had without a fitted posterior. */
    private static StepAudit outside(
            TableModel prior,
            TableModel policy,
            TableModel admitted,
            RewardFunction reward,
            StepAudit among,
            AuditOptions options,
            Finding excluded) {
        double copies = options.beta() == null ? Double.NaN : 1 / options.beta();
        Map<String, Double> values = new HashMap<>();
        List<PromptAudit> prompts = new ArrayList<>();
        for (PromptAudit own : among.prompts()) {
            String prompt = own.prompt();
            Distribution texts = prior.given(prompt);
            Distribution asked = asked(prompt, admitted.given(prompt), reward, copies);
            Map<String, Double> figures = figures(texts, policy.given(prompt), asked);
            figures.put(
                    "log_z",
                    own.findings().containsKey("log_z")
                            ? estimate(own.findings(), "log_z") - gap(texts, admitted.given(prompt))
                            : Double.NaN);
            figures.forEach((id, value) -> values.merge(id, own.weight() * value, Double::sum));
            prompts.add(new PromptAudit(prompt, own.weight(), 0, 0, replaced(own.findings(), modes(figures))));
        }
        Map<String, Finding> findings = replaced(among.findings(), modes(values));
        findings.put(EXCLUDED, excluded);
        String text = String.format(
                "The policy is not the prior conditioned on the evidence (%s), in any number of copies: %s of its mass is"
                        + " on texts that the evidence excludes.",
                options.reward(), FigureFormat.of(excluded.estimate()));
        Verdict verdict = new Verdict(Verdict.Label.NOT, text, List.of());
        Plots none = new Plots(List.of(), Double.NaN, null, List.of());
        return new StepAudit(null, findings, prompts, List.of(), List.of(), verdict, Map.of("stated", verdict), none);
    }

    private static Distribution asked(String prompt, Distribution admitted, RewardFunction reward, double copies) {
        double[] logs = admitted.logProbabilities().clone();
        for (int i = 0; i < logs.length; i++) {
            logs[i] += admitted.probability(i) > 0 ? copies * reward.reward(prompt, admitted.outcome(i)) : 0;
        }
        return Distribution.ofLogWeights(admitted.outcomes(), logs);
    }

    private static Map<String, Double> figures(Distribution prior, Distribution policy, Distribution asked) {
        Map<String, Double> figures = new HashMap<>();
        double kl = Divergences.kl(policy, prior);
        figures.put("kl.policy_prior", kl);
        figures.put("kl.prior_policy", Divergences.kl(prior, policy));
        figures.put("kl.asked_prior", Divergences.kl(asked, prior));
        figures.put("kl.policy_asked", Double.POSITIVE_INFINITY);
        figures.put("kl.asked_policy", Divergences.kl(asked, policy));
        figures.put("kl.explained", 0.0);
        figures.put("kl.departure", kl);
        figures.put("kl.departure.least", kl);
        figures.put("bayes_fraction", 0.0);
        figures.put("gap.objective", Double.POSITIVE_INFINITY);
        figures.put("reward.prior", Double.NEGATIVE_INFINITY);
        figures.put("reward.policy", Double.NEGATIVE_INFINITY);
        figures.put("entropy.prior", prior.entropy());
        figures.put("entropy.policy", policy.entropy());
        figures.put("entropy.asked", asked.entropy());
        figures.put("recall", recall(asked, policy));
        return figures;
    }

    private static Map<String, Double> modes(Map<String, Double> figures) {
        Map<String, Double> all = new HashMap<>(figures);
        for (String whose : List.of("prior", "policy", "asked")) {
            all.put("modes." + whose, Math.exp(figures.getOrDefault("entropy." + whose, Double.NaN)));
        }
        return all;
    }

    /** Posterior mass on texts that the policy gives at least half as much. */
    private static double recall(Distribution asked, Distribution policy) {
        double mass = 0;
        for (int i = 0; i < asked.size(); i++) {
            double p = asked.probability(i);
            mass += policy.probability(asked.outcome(i)) >= p / 2 ? p : 0;
        }
        return mass;
    }

    private static Map<String, Finding> replaced(Map<String, Finding> skeleton, Map<String, Double> values) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        skeleton.forEach((id, finding) -> findings.put(
                id,
                values.containsKey(id)
                        ? exact(id, finding.question(), values.getOrDefault(id, Double.NaN), finding.unit())
                        : id.equals("reward.asked")
                                ? finding
                                : all(finding, Double.NaN).withdrawn(OUTSIDE)));
        return findings;
    }

    private static Finding plus(Finding finding, double more) {
        return new Finding(
                finding.id(),
                finding.question(),
                finding.lower() + more,
                finding.estimate() + more,
                finding.upper() + more,
                finding.grade(),
                finding.unit(),
                finding.interval(),
                finding.reason());
    }

    private static Finding all(Finding finding, double value) {
        return exact(finding.id(), finding.question(), value, finding.unit());
    }

    private static Finding exact(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }
}
