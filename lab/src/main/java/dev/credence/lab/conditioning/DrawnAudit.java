package dev.credence.lab.conditioning;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.StudentT;
import dev.credence.core.audit.Verdict;
import dev.credence.core.diagnostics.BinomialInterval;
import dev.credence.core.figures.FigureFormat;
import dev.credence.lab.conditioning.DrawnConditioning.PolicyWeights;
import dev.credence.methods.ConditionedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The audit of draws whose log π/π0 was itself estimated from draws. The audit's own intervals take these for known; so the whole
 * is repeated without each tenth of all draws, the weights fitted anew (the delete-a-group jackknife), and an interval is made as
 * wide as that error where it is the larger.
 */
public final class DrawnAudit {
    private static final int GROUPS = 10;
    private static final String SUBSETS = "kl.policy_prior.subsets";
    private static final String BOUND = "kl.policy_prior.bound";
    private static final String ACCEPTANCE = "acceptance";
    private static final double MOST_FREEDOM = 1e6; // as good as all
    private static final String NO_PROBABILITY =
            "the draws have no log-probability under the policy: neither the method's procedure nor its aim states one";
    private static final String OF_THE_REWARD =
            "the draws' log-probabilities under the policy were computed from their rewards: what else these have to do with cannot show";
    private static final String TOO_RARE = "fewer than two draws of the prior are texts that the evidence admits";
    private static final String EXCLUDED_DRAWN =
            "the policy draws texts that the evidence excludes: no copies of the evidence lead there";

    private final List<DrawnPrompt> drawn;
    private final ConditionedModel policy;
    private final AuditOptions options;
    private final OptionalInt pool; // of best-of-n
    private final long looked;

    /**
     * Draws to be audited.
     *
     * @param drawn by prompt
     * @param policy whose they are
     * @param options what is asked
     * @param pool n of best-of-n, for its own figures
     * @param looked draws of the prior that the method took
     */
    public DrawnAudit(
            List<DrawnPrompt> drawn, ConditionedModel policy, AuditOptions options, OptionalInt pool, long looked) {
        this.drawn = drawn;
        this.policy = policy;
        this.options = options;
        this.pool = pool;
        this.looked = looked;
    }

    /**
     * What came of it.
     *
     * @param audit figures with intervals, and the verdict on them
     */
    public record Outcome(StepAudit audit) {}

    /** {@return the audit of these draws} */
    public Outcome run() {
        double excluded = share(drawn);
        boolean isCounted = excludes(drawn);
        if (!new PolicyWeights(drawn, policy).areKnown()) {
            return new Outcome(without(NO_PROBABILITY, Verdict.Label.CANNOT_TELL, false));
        }
        if (excluded > 0) {
            return new Outcome(without(EXCLUDED_DRAWN, Verdict.Label.NOT, true));
        }
        if (isCounted && !canBeAdmitted(drawn)) {
            return new Outcome(without(TOO_RARE, Verdict.Label.CANNOT_TELL, false));
        }
        StepAudit whole = audit(drawn, options);
        Map<String, double[]> parts = new HashMap<>(); // (groups) figures by id
        int used = 0;
        for (int group = 0; group < GROUPS; group++) {
            List<DrawnPrompt> rest = without(group);
            if (excludes(rest) && !canBeAdmitted(rest)) {
                continue;
            }
            int at = used++;
            audit(rest, figuresAlone())
                    .findings()
                    .forEach((id, finding) -> parts.computeIfAbsent(id, key -> unknown())[at] = finding.estimate());
        }
        int groups = used;
        Map<String, Finding> findings = new LinkedHashMap<>();
        boolean isByAim = new PolicyWeights(drawn, policy).areByAim();
        whole.findings().forEach((id, finding) -> {
            Finding own = widened(finding, parts.get(id), groups);
            findings.put(id, isByAim && id.startsWith("nuisance.") ? own.withdrawn(OF_THE_REWARD) : own);
        });
        findings.put(ACCEPTANCE, acceptance());
        return new Outcome(judged(whole, findings));
    }

    private static double[] unknown() {
        double[] none = new double[GROUPS];
        Arrays.fill(none, Double.NaN);
        return none;
    }

    /** Without the verdict on the aim, which takes most of an audit's time. */
    private AuditOptions figuresAlone() {
        return new AuditOptions(
                options.beta(), options.reward(), options.rewardType(), options.candidates(), null, options.seed());
    }

    private StepAudit audit(List<DrawnPrompt> of, AuditOptions asked) {
        PolicyWeights weights = new PolicyWeights(of, policy);
        boolean excludes = excludes(of);
        Map<String, Double> gaps = new HashMap<>();
        StepAudit among = Audit.of(log(of, weights, excludes, gaps), asked);
        StepAudit audit = excludes ? AdmittedAudit.moved(among, gaps, options, noneExcluded(of)) : among;
        Map<String, Finding> findings = new LinkedHashMap<>(audit.findings());
        if (pool.isPresent()) {
            int n = pool.getAsInt();
            findings.put(SUBSETS, figure(SUBSETS, weights.overSubsets(n), "nats"));
            double bound = Math.log(n) - (n - 1.0) / n;
            findings.put(
                    BOUND, new Finding(BOUND, question(BOUND), bound, bound, bound, Grade.EXACT, "nats", null, null));
        }
        return audit.withFindings(findings);
    }

    /** Records of all texts, or of the admitted ones with the prior given that they are. */
    private RolloutLog log(List<DrawnPrompt> of, PolicyWeights weights, boolean excludes, Map<String, Double> gaps) {
        List<double[]> rows = new ArrayList<>(); // reward, log π0, log π, source, tokens
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < of.size(); c++) {
            DrawnPrompt own = of.get(c);
            double gap = excludes ? gap(own) : 0;
            gaps.put(own.text(), gap);
            int from = rows.size();
            int cut = add(rows, own.prior(), weights.logRatios(c, own.prior()), RolloutLog.PRIOR, gap)
                    + add(rows, own.policy(), weights.logRatios(c, own.policy()), RolloutLog.POLICY, gap);
            prompts.add(new RolloutLog.Prompt(
                    own.text(), own.weight(), from, rows.size(), false, cut, List.of(), List.of()));
        }
        int size = rows.size();
        double[][] columns = new double[3][size];
        byte[] source = new byte[size];
        int[] tokens = new int[size];
        for (int i = 0; i < size; i++) {
            double[] row = rows.get(i);
            for (int k = 0; k < columns.length; k++) {
                columns[k][i] = row[k];
            }
            source[i] = (byte) row[3];
            tokens[i] = (int) row[4];
        }
        return new RolloutLog(
                List.of(options.reward()),
                List.of("prior", "policy"),
                prompts,
                new RolloutLog.Columns(
                        new double[][] {columns[0]}, columns[1], columns[2], source, null, tokens, null));
    }

    private static int add(
            List<double[]> rows, List<ConditionedModel.Text> texts, double[] ratios, byte source, double gap) {
        int cut = 0;
        for (int i = 0; i < ratios.length; i++) {
            ConditionedModel.Text text = texts.get(i);
            if (text.logLikelihood() == Double.NEGATIVE_INFINITY) {
                continue;
            }
            double logPrior = Math.min(0, text.sample().logProb());
            rows.add(new double[] {
                text.logLikelihood(),
                Math.min(0, logPrior + gap),
                Math.min(0, logPrior + ratios[i]),
                source,
                text.sample().tokens().length
            });
            cut += text.sample().finished() ? 0 : 1;
        }
        return cut;
    }

    /** Whether a text drawn from the prior is excluded. */
    private static boolean excludes(List<DrawnPrompt> of) {
        return of.stream()
                .anyMatch(own -> Arrays.stream(own.pool()).anyMatch(DrawnAudit::isExcluded)
                        || own.prior().stream().anyMatch(text -> isExcluded(text.logLikelihood())));
    }

    private static boolean isExcluded(double logLikelihood) {
        return logLikelihood == Double.NEGATIVE_INFINITY;
    }

    private static boolean canBeAdmitted(List<DrawnPrompt> of) {
        return of.stream()
                .allMatch(own -> own.prior().stream()
                                .filter(text -> !isExcluded(text.logLikelihood()))
                                .count()
                        >= 2);
    }

    /** ln 1/P(admitted) by all draws of the prior, nats. */
    private static double gap(DrawnPrompt own) {
        long admitted =
                Arrays.stream(own.pool()).filter(value -> !isExcluded(value)).count()
                        + own.prior().stream()
                                .filter(text -> !isExcluded(text.logLikelihood()))
                                .count();
        return Math.log((double) (own.pool().length + own.prior().size()) / admitted);
    }

    /** The policy's share of excluded texts. */
    private static double share(List<DrawnPrompt> of) {
        return of.stream()
                .mapToDouble(own -> own.weight()
                        * own.policy().stream()
                                .filter(text -> isExcluded(text.logLikelihood()))
                                .count()
                        / own.policy().size())
                .sum();
    }

    /** All but a tenth of each prompt's draws: of the prior, of the policy, and of the pool that those were made of. */
    private List<DrawnPrompt> without(int group) {
        return drawn.stream()
                .map(own -> new DrawnPrompt(
                        own.text(),
                        own.weight(),
                        own.ids(),
                        rest(own.prior(), group),
                        rest(own.policy(), group),
                        rest(own.pool(), group)))
                .toList();
    }

    private static <T> List<T> rest(List<T> all, int group) {
        List<T> rest = new ArrayList<>(all.subList(0, all.size() * group / GROUPS));
        rest.addAll(all.subList(all.size() * (group + 1) / GROUPS, all.size()));
        return rest;
    }

    private static double[] rest(double[] all, int group) {
        int from = (int) ((long) all.length * group / GROUPS);
        int to = (int) ((long) all.length * (group + 1) / GROUPS);
        double[] rest = new double[all.length - (to - from)];
        System.arraycopy(all, 0, rest, 0, from);
        System.arraycopy(all, to, rest, from, all.length - to);
        return rest;
    }

    private static Finding widened(Finding finding, double @Nullable [] parts, int groups) {
        if (finding.grade() != Grade.ESTIMATED
                || !Double.isFinite(finding.estimate())
                || finding.id().equals(AdmittedAudit.EXCLUDED)
                || parts == null) {
            return finding;
        }
        double mean = Arrays.stream(parts, 0, groups).average().orElse(Double.NaN);
        double square = Arrays.stream(parts, 0, groups)
                .map(x -> (x - mean) * (x - mean))
                .sum();
        double half = StudentT.ofMean(groups) * Math.sqrt(square * (groups - 1) / groups);
        if (groups < 2 || !Double.isFinite(half)) {
            return finding;
        }
        boolean has = !Double.isNaN(finding.lower()) && !Double.isNaN(finding.upper());
        if (!has && finding.interval() == null && !isOwn(finding.id())) {
            return finding; // a diagnostic without an interval
        }
        double lower = finding.estimate() - half;
        double upper = finding.estimate() + half;
        if (isOwn(finding.id()) || lower < finding.lower() || upper > finding.upper()) {
            lower = has ? Math.min(finding.lower(), lower) : lower;
            upper = has ? Math.max(finding.upper(), upper) : upper;
            String how = isOwn(finding.id()) ? "jackknife" : finding.interval() + ", jackknife of the weights";
            return new Finding(
                    finding.id(),
                    finding.question(),
                    clamped(finding, lower, true),
                    finding.estimate(),
                    clamped(finding, upper, false),
                    finding.grade(),
                    finding.unit(),
                    how,
                    finding.reason());
        }
        return finding;
    }

    private static boolean isOwn(String id) {
        return id.equals(SUBSETS);
    }

    /** A divergence is not below 0, a share neither that nor above 1, and no number of texts below 1. */
    private static double clamped(Finding finding, double end, boolean isLower) {
        String id = finding.id();
        boolean isShare = id.equals("bayes_fraction") || id.equals("recall");
        boolean isPositive = id.startsWith("kl.") || id.startsWith("entropy.");
        if (isLower && (isPositive || isShare || id.startsWith("modes."))) {
            return Math.min(finding.estimate(), Math.max(id.startsWith("modes.") ? 1 : 0, end));
        }
        return !isLower && isShare ? Math.max(finding.estimate(), Math.min(1, end)) : end;
    }

    /** The verdict that the wider intervals still allow. */
    private static StepAudit judged(StepAudit whole, Map<String, Finding> findings) {
        Verdict verdict = whole.verdict();
        Finding fraction = findings.get("bayes_fraction");
        Finding departure = findings.get("kl.departure");
        if (fraction != null && departure != null && fraction.stands() && departure.stands()) {
            Verdict.Label allowed = AdmittedAudit.label(fraction, departure, true);
            boolean isKnown = verdict.label() != Verdict.Label.CANNOT_TELL && verdict.label() != Verdict.Label.OPPOSITE;
            if (isKnown && allowed.ordinal() > verdict.label().ordinal()) {
                verdict = new Verdict(
                        allowed,
                        verdict.text()
                                + String.format(
                                        " The policy's probabilities were estimated from draws as well: with that error the"
                                                + " Bayes fraction is between %s and %s.",
                                        FigureFormat.of(fraction.lower()), FigureFormat.of(fraction.upper())),
                        verdict.advice());
            }
        }
        return whole.withFindings(findings).withVerdict(verdict);
    }

    private Finding acceptance() {
        long texts = drawn.stream().mapToLong(own -> own.policy().size()).sum();
        return share(ACCEPTANCE, (double) texts / looked, (double) looked);
    }

    /** Where policy and prior cannot be compared: the reward's means, and every other figure withdrawn with the reason. */
    private StepAudit without(String why, Verdict.Label label, boolean isOutside) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        for (String id : List.of(
                "log_z",
                "kl.policy_prior",
                "kl.prior_policy",
                "kl.asked_prior",
                "kl.policy_asked",
                "kl.asked_policy",
                "kl.explained",
                "kl.departure",
                "bayes_fraction",
                "copies.moment_match",
                "copies.self_consistent",
                "copies.prior_slope",
                "copies.policy_slope",
                "copies.mixture_slope",
                "copies.per_sigma",
                "recall",
                "gap.objective")) {
            findings.put(
                    id,
                    figure(id, Double.NaN, id.startsWith("kl.") ? "nats" : "").withdrawn(why));
        }
        if (isOutside) {
            exact(findings, "kl.policy_asked", Double.POSITIVE_INFINITY, "nats");
            exact(findings, "kl.explained", 0, "nats");
            exact(findings, "bayes_fraction", 0, "share");
            findings.put(AdmittedAudit.EXCLUDED, share(AdmittedAudit.EXCLUDED, share(drawn), texts(drawn)));
        }
        findings.put("reward.prior", mean("reward.prior", true));
        findings.put("reward.policy", mean("reward.policy", false));
        findings.put(ACCEPTANCE, acceptance());
        String text = isOutside
                ? "The policy is not the prior conditioned on the evidence, in any number of copies: it draws texts that the"
                        + " evidence excludes."
                : "Whether the policy is the prior conditioned on the evidence cannot be told: " + why + ".";
        Verdict verdict = new Verdict(label, text, List.of());
        Plots none = new Plots(List.of(), Double.NaN, null, List.of());
        return new StepAudit(null, findings, List.of(), List.of(), List.of(), verdict, Map.of("stated", verdict), none);
    }

    /** No draw of the policy is excluded, of which a few in so many could be. */
    private static Finding noneExcluded(List<DrawnPrompt> of) {
        return share(AdmittedAudit.EXCLUDED, 0, texts(of));
    }

    /** How many draws of the policy, all of one weight, would be worth as much as these. */
    private static double texts(List<DrawnPrompt> of) {
        return 1
                / of.stream()
                        .mapToDouble(own ->
                                own.weight() * own.weight() / own.policy().size())
                        .sum();
    }

    private static Finding share(String id, double share, double trials) {
        double[] ends = BinomialInterval.ofShare(share, trials);
        return new Finding(
                id, question(id), ends[0], share, ends[2], Grade.ESTIMATED, "share", "Clopper-Pearson", null);
    }

    private static void exact(Map<String, Finding> findings, String id, double value, String unit) {
        findings.put(id, new Finding(id, question(id), value, value, value, Grade.EXACT, unit, null, null));
    }

    /** A plain mean over the draws, with Student's interval of stratified prompts (Satterthwaite's degrees of freedom). */
    private Finding mean(String id, boolean ofPrior) {
        double mean = 0;
        double variance = 0;
        double ofVariance = 0;
        for (DrawnPrompt own : drawn) {
            double[] values = (ofPrior ? own.prior() : own.policy())
                    .stream().mapToDouble(ConditionedModel.Text::logLikelihood).toArray();
            double average = Arrays.stream(values).average().orElse(Double.NaN);
            double square = Arrays.stream(values)
                    .map(x -> (x - average) * (x - average))
                    .sum();
            mean += own.weight() * average;
            double part = own.weight() * own.weight() * square / (values.length - 1) / values.length;
            variance += part;
            ofVariance += part * part / (values.length - 1);
        }
        int freedom = variance > 0 ? (int) Math.min(MOST_FREEDOM, variance * variance / ofVariance) : 1;
        double half = StudentT.ofMean(1 + Math.max(1, freedom)) * Math.sqrt(variance);
        return Double.isFinite(mean)
                ? new Finding(id, question(id), mean - half, mean, mean + half, Grade.ESTIMATED, "reward", "mean", null)
                : new Finding(id, question(id), mean, mean, mean, Grade.EXACT, "reward", null, null);
    }

    private static Finding figure(String id, double value, String unit) {
        return new Finding(id, question(id), Double.NaN, value, Double.NaN, Grade.ESTIMATED, unit, null, null);
    }

    private static String question(String id) {
        return switch (id) {
            case SUBSETS ->
                "How far is best-of-n from the prior, as the mean over all subsets of n of the draws (unbiased where their"
                        + " log-ratios are)?";
            case BOUND -> "How far is best-of-n from the prior without ties, log n - (n - 1)/n, which ties only lower?";
            case ACCEPTANCE -> "Which share of the texts that the method drew from the prior did it keep?";
            case AdmittedAudit.EXCLUDED -> "How much of the policy's mass is on texts that the evidence excludes?";
            case "bayes_fraction" -> "Which share of the move is Bayesian conditioning?";
            case "reward.prior" -> "Mean reward of the prior?";
            case "reward.policy" -> "Mean reward of the policy?";
            default -> id;
        };
    }
}
