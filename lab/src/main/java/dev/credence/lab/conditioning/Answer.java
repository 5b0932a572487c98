package dev.credence.lab.conditioning;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.ColumnPosterior;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.data.rewards.EvidenceSpace;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.RewardMagnitude;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.lab.posteriors.Posteriors;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Smc;
import dev.credence.methods.TrainingEnd;
import dev.credence.methods.training.TrainedConditioner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One method on one world: what was asked, what it aimed at, what was got.
 *
 * @param label the method's name with the options that were given
 * @param asked the evidence asked for, in words
 * @param method its name
 * @param settings the options in force
 * @param aim what the method aims at
 * @param policy the exact probabilities of all texts; null where they are too many to list
 * @param cost what it took
 * @param audit of the policy against what was asked: exact, or of drawn texts
 * @param findings the audit's, how far the policy is from the method's aim, and from the limit that it was to run to
 * @param training how its training ended; null where nothing was trained
 */
public record Answer(
        String label,
        String asked,
        String method,
        Map<String, String> settings,
        Aim aim,
        @Nullable TableModel policy,
        Cost cost,
        StepAudit audit,
        Map<String, Finding> findings,
        @Nullable TrainingEnd training) {
    private static final String POLICY_AIMED = "kl.policy_aimed";
    private static final String AIMED_POLICY = "kl.aimed_policy";
    private static final String TO_AIM = "How far is the policy from what its method aims at?";
    private static final String FROM_AIM = "How much of what its method aims at did the policy miss?";

    /**
     * An answer for which nothing was trained.
     *
     * @param label as above
     * @param asked as above
     * @param method as above
     * @param settings as above
     * @param aim as above
     * @param policy as above
     * @param cost as above
     * @param audit as above
     * @param findings as above
     */
    public Answer(
            String label,
            String asked,
            String method,
            Map<String, String> settings,
            Aim aim,
            @Nullable TableModel policy,
            Cost cost,
            StepAudit audit,
            Map<String, Finding> findings) {
        this(label, asked, method, settings, aim, policy, cost, audit, findings, null);
    }

    /** {@return that it was to run to a limit and did not come there, and how far it is from it, in one line; empty else} */
    public Optional<String> missed() {
        if (training == null || !training.isMissed()) {
            return Optional.empty();
        }
        String far = training.distance().isPresent()
                ? "total variation " + FigureFormat.of(training.distance().getAsDouble()) + " from it"
                : "it states none, and the gradient's norm is still " + FigureFormat.of(training.gradientNorm());
        return Optional.of(label + " has not reached its limit: " + far + "; " + training.why());
    }

    /**
     * What a method took.
     *
     * @param drawsPerText prior draws for one text, where it draws
     * @param modelCalls texts that the model drew or computed, in training where it trains
     * @param seconds of that, where it was timed; else NaN
     */
    public record Cost(OptionalDouble drawsPerText, OptionalLong modelCalls, double seconds) {
        /** {@return it in words, such as "12.3 draws a text"} */
        public String words() {
            String draws = drawsPerText.isPresent()
                    ? FigureFormat.of(drawsPerText.getAsDouble()) + " draws a text"
                    : "no draws";
            if (modelCalls.isEmpty()) {
                return draws;
            }
            String texts = FigureFormat.of((double) modelCalls.getAsLong());
            String all =
                    drawsPerText.isPresent() ? draws + ", " + texts + " texts computed" : texts + " texts in training";
            return seconds > 0 ? all + ", " + FigureFormat.of(seconds) + " s" : all;
        }
    }

    /**
     * What is asked of every method.
     *
     * @param prior the prior
     * @param rewardName the reward's name; of evidence how the user wrote it
     * @param reward the reward, or the log-likelihood of one copy of the evidence
     * @param beta the KL coefficient, ≥ 0
     * @param rewardType what the reward is
     * @param evidence all 1/β copies of it in words, where evidence was asked for and not a reward; else null
     */
    public record Asked(
            TableModel prior,
            String rewardName,
            RewardFunction reward,
            double beta,
            RewardType rewardType,
            @Nullable String evidence) {
        /**
         * Checks the coefficient.
         *
         * @param prior the prior
         * @param rewardName the reward's name
         * @param reward the reward
         * @param beta the KL coefficient, ≥ 0
         * @param rewardType what the reward is
         * @param evidence in words, or null
         * @throws InputException if β is negative, infinite or NaN
         */
        public Asked {
            ConditioningPlan.requireCoefficient(beta);
        }

        /**
         * A reward.
         *
         * @param prior the prior
         * @param rewardName the reward's name
         * @param reward the reward
         * @param beta the KL coefficient, ≥ 0
         * @param rewardType what the reward is
         * @throws InputException if β is negative, infinite or NaN
         */
        public Asked(TableModel prior, String rewardName, RewardFunction reward, double beta, RewardType rewardType) {
            this(prior, rewardName, reward, beta, rewardType, null);
        }

        /**
         * Evidence on a world's texts.
         *
         * @param world the world
         * @param question one copy of the evidence, and the reward that it is about
         * @param beta the KL coefficient, ≥ 0: 1/β copies are asked for
         * @param rewardType what the reward is
         * @return what is asked; where the evidence is a reward it is the same as asking for that
         * @throws InputException if a reward is unknown, too large or of too small a spread, the evidence is about another kind, or
         *     copies of it have no meaning
         */
        public static Asked of(WorldInput world, PosteriorQuestion question, double beta, RewardType rewardType) {
            EvidenceSpace space = Posteriors.space(world, question);
            return of(space, world.world().prior(), question.evidence(), beta, rewardType);
        }

        /** The same in any space whose texts are listed. */
        static Asked of(
                EvidenceSpace space,
                TableModel prior,
                EvidenceExpression evidence,
                double beta,
                RewardType rewardType) {
            ConditioningPlan.requireCoefficient(beta);
            AskedEvidence once = evidence.in(space);
            if (once.isTilt() && once.copies() == 1) {
                NamedReward reward = once.reward().orElseThrow();
                RewardMagnitude.check("", prior, reward.name(), reward.function());
                return new Asked(prior, reward.name(), reward.function(), beta, rewardType);
            }
            String words =
                    beta == 1 ? once.words() : evidence.atKl(beta).in(space).words();
            Evidence asked = once.over(prior);
            return new Asked(prior, evidence.toString(), asked::logLikelihood, beta, asked.rewardType(), words);
        }

        /** {@return the evidence asked for, in words} */
        public String words() {
            return evidence == null ? RewardLikelihood.tilt(1 / beta).describe() : evidence;
        }

        /** {@return whether the log-likelihood of a text that the prior has is −∞} */
        public boolean excludes() {
            for (String prompt : prior.prompts()) {
                double[] values = reward.rewards(prompt, prior.given(prompt));
                for (int i = 0; i < values.length; i++) {
                    if (values[i] == Double.NEGATIVE_INFINITY
                            && prior.given(prompt).probability(i) > 0) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    /**
     * Conditions and audits.
     *
     * @param method the method
     * @param given its options
     * @param ofMethod the reward as the method is given it
     * @param asked what is asked
     * @param seed of the audit's choice of plotted points
     * @return what came of it
     * @throws InputException if an option is missing or breaks its rule, or the reward is not of the kind that the method needs
     * @throws NoPosteriorException if there is nothing to condition on
     */
    public static Answer of(Conditioner method, MethodOptions given, RewardFunction ofMethod, Asked asked, long seed) {
        if (ofMethod == asked.reward()) {
            requireFinite(method, given, asked, asked::excludes);
        }
        Conditioned conditioned = condition(method, given, ofMethod, asked);
        Cost cost = new Cost(conditioned.drawsPerText(), conditioned.modelCalls(), Double.NaN);
        return audited(
                new Made(method, given, conditioned.settings(), conditioned.policy(), cost, conditioned.training()),
                ofMethod,
                asked,
                seed);
    }

    /**
     * A policy that a method has made.
     *
     * @param method the method
     * @param given its options as given
     * @param settings those in force
     * @param policy the exact probabilities
     * @param cost what it took
     * @param training how its training ended; null where nothing was trained
     */
    public record Made(
            Conditioner method,
            MethodOptions given,
            Map<String, String> settings,
            TableModel policy,
            Cost cost,
            @Nullable TrainingEnd training) {}

    /**
     * Audits a policy exactly.
     *
     * @param made the policy and the method that made it
     * @param ofMethod the reward as the method was given it
     * @param asked what was asked
     * @param seed of the audit's choice of plotted points
     * @return what came of it
     */
    public static Answer audited(Made made, RewardFunction ofMethod, Asked asked, long seed) {
        Aim aim = made.method.aim(made.given);
        AuditOptions options = options(ofMethod == asked.reward() ? aim : null, asked, seed);
        StepAudit audit = asked.excludes()
                ? AdmittedAudit.of(asked.prior(), made.policy, asked.reward(), options)
                : Audit.of(asked.prior(), made.policy, Map.of(asked.rewardName(), asked.reward()), options);
        Map<String, Finding> findings = new LinkedHashMap<>(audit.findings());
        findings.putAll(againstAim(aim, made.policy, asked.prior(), ofMethod));
        if (made.method.with(made.given) instanceof Smc particles && ofMethod == asked.reward()) {
            findings.putAll(TableParticles.findings(particles, asked, seed));
        }
        if (made.training != null && made.training.toLimit()) {
            findings.putAll(atLimit(made.training));
        }
        return new Answer(
                label(made.method, made.given),
                asked.words(),
                made.method.card().name(),
                made.settings,
                aim,
                made.policy,
                made.cost,
                audit,
                findings,
                made.training);
    }

    /**
     * What the audit is asked.
     *
     * @param aim the method's, which the audit takes where it is evidence about the reward; or null
     * @param asked what was asked
     * @param seed of the audit's choice of plotted points
     * @return the options
     */
    public static AuditOptions options(@Nullable Aim aim, Asked asked, long seed) {
        return new AuditOptions(
                asked.beta(), asked.rewardName(), asked.rewardType(), List.of(asked.rewardName()), aim, seed);
    }

    /**
     * Refuses evidence that a method cannot use.
     *
     * @param method the method
     * @param given its options
     * @param asked the evidence
     * @param excludes whether it excludes texts
     * @throws InputException if it does and the method weighs its log-probabilities by it
     */
    static void requireFinite(Conditioner method, MethodOptions given, Asked asked, BooleanSupplier excludes) {
        if (method.with(given) instanceof TrainedConditioner trained
                && trained.needsFiniteRewards()
                && excludes.getAsBoolean()) {
            throw InputException.ofSetting(
                    "evidence",
                    asked.rewardName(),
                    "it excludes texts, and " + method.card().name()
                            + " learns from the log-likelihood itself, which of these is -infinity: ask for evidence that is"
                            + " finite, or use a method that draws or selects, such as rejection or quantilizer");
        }
    }

    private static Conditioned condition(Conditioner method, MethodOptions given, RewardFunction reward, Asked asked) {
        try {
            return method.condition(asked.prior(), reward, given);
        } catch (InputException | NoPosteriorException e) {
            throw e;
        } catch (IllegalArgumentException e) { // the reward is not of the kind that the method needs
            String of = asked.evidence() == null ? "" : "of the evidence '" + asked.rewardName() + "': ";
            throw InputException.ofSetting("method", method.card().name(), of + e.getMessage());
        }
    }

    private static Map<String, Finding> againstAim(
            Aim aim, TableModel policy, TableModel prior, RewardFunction reward) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        boolean exists = aim.noPosterior() == null;
        TableModel target = exists ? aim.limit(prior, reward) : prior;
        Finding there = exact(
                POLICY_AIMED,
                TO_AIM,
                mean(policy, (p, prompt) -> Divergences.kl(p.given(prompt), target.given(prompt))));
        Finding back = exact(
                AIMED_POLICY,
                FROM_AIM,
                mean(policy, (p, prompt) -> Divergences.kl(target.given(prompt), p.given(prompt))));
        String why = "the method aims at no posterior: " + aim.noPosterior();
        findings.put(there.id(), exists ? there : withoutValue(there, why));
        findings.put(back.id(), exists ? back : withoutValue(back, why));
        if (!exists && aim.hasLimit()) {
            TableModel limit = aim.limit(prior, reward);
            Finding missing =
                    offLimit(mean(policy, (p, prompt) -> Divergences.kl(p.given(prompt), limit.given(prompt))));
            findings.put(missing.id(), missing);
        }
        return findings;
    }

    /**
     * How far a policy is from its method's aim, of enumerated columns.
     *
     * @param prompts their completions under prior and policy
     * @param aimed what the method aims at, about the first reward
     * @return the KL both ways, nats, by id
     */
    public static Map<String, Finding> againstAim(List<ExactPrompt> prompts, RewardLikelihood aimed) {
        double there = 0;
        double back = 0;
        for (ExactPrompt prompt : prompts) {
            double[] target = ColumnPosterior.of(prompt.logPrior(), prompt.rewards()[0], aimed)
                    .logProbs();
            there += prompt.weight() * Divergences.kl(prompt.logPolicy(), target);
            back += prompt.weight() * Divergences.kl(target, prompt.logPolicy());
        }
        return inOrder(exact(POLICY_AIMED, TO_AIM, there), exact(AIMED_POLICY, FROM_AIM, back));
    }

    private static Map<String, Finding> atLimit(TrainingEnd training) {
        Finding distance = new Finding(
                "limit.distance",
                "How far did it end from the limit that its method states, in total variation?",
                training.distance().orElse(Double.NaN),
                training.distance().orElse(Double.NaN),
                training.distance().orElse(Double.NaN),
                Grade.EXACT,
                "probability",
                null,
                null);
        Finding gradient = new Finding(
                "limit.gradient",
                "How large is the gradient of its objective by the logits at the end?",
                training.gradientNorm(),
                training.gradientNorm(),
                training.gradientNorm(),
                Grade.EXACT,
                "norm",
                null,
                null);
        return inOrder(
                training.distance().isPresent() ? distance : distance.withdrawn("the method states no limit"),
                gradient);
    }

    private static Map<String, Finding> inOrder(Finding... findings) {
        Map<String, Finding> byId = new LinkedHashMap<>();
        for (Finding finding : findings) {
            byId.put(finding.id(), finding);
        }
        return byId;
    }

    private static double mean(TableModel policy, ToDoubleBiFunction<TableModel, String> figure) {
        return policy.prompts().stream()
                .mapToDouble(prompt -> policy.weight(prompt) * figure.applyAsDouble(policy, prompt))
                .sum();
    }

    /** KL(policy‖what its method tends to where that is no posterior), nats. */
    static Finding offLimit(double nats) {
        return exact(
                "kl.policy_limit", "How far is the policy from what its method tends to instead of a posterior?", nats);
    }

    private static Finding exact(String id, String question, double value) {
        return new Finding(id, question, value, value, value, Grade.EXACT, "nats", null, null);
    }

    private static Finding withoutValue(Finding finding, String why) {
        return exact(finding.id(), finding.question(), Double.NaN).withdrawn(why);
    }

    /**
     * What a run is called.
     *
     * @param method the method
     * @param given its options as given
     * @return its name, and those
     */
    public static String label(Conditioner method, MethodOptions given) {
        StringBuilder label = new StringBuilder(method.card().name());
        method.card().options().stream()
                .filter(option -> given.has(option.name()))
                .forEach(option ->
                        label.append(' ').append(option.name()).append('=').append(given.text(option)));
        return label.toString();
    }

    /**
     * The same under another name.
     *
     * @param name what to call it
     * @return the renamed run
     */
    public Answer named(String name) {
        return new Answer(name, asked, method, settings, aim, policy, cost, audit, findings, training);
    }

    /** {@return what the method aims at, in words} */
    public String aimed() {
        return aimed(aim);
    }

    static String aimed(Aim aim) {
        return aim.noPosterior() == null ? aim.evidence() : aim.evidence() + " (no posterior)";
    }
}
