package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.data.rewards.NamedReward;
import dev.credence.methods.training.NaturalGradient;
import dev.credence.methods.training.TableTasks;
import dev.credence.methods.training.TabularPolicy;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A world in which policies that optimise one reward are held against the explicit penalty's optimum at their own KL from the
 * prior, one λ for all prompts.
 *
 * @param prior π0
 * @param proxy the reward that is optimised, finite
 * @param gold the reward that is meant, finite; null where there is none
 */
record EqualKl(
        TableModel prior, RewardFunction proxy, @Nullable RewardFunction gold) {
    private static final double AT_THE_LIMIT = 1e-9; // share of the farthest KL
    private static final double STILL = 1e-9; // nats; nearer to the prior there is nothing to divide
    private static final int STEPS = 100; // of the natural gradient, to a KL
    private static final int MOST_TEXTS = 10_000;

    /**
     * A policy.
     *
     * @param kl KL(π‖π0), nats
     * @param proxy mean reward that was optimised
     * @param gold mean reward that was meant; NaN without one
     * @param departure KL from the nearest conditional on the proxy, nats
     * @param fraction Bayes fraction; NaN at the prior
     * @param copies λ of that conditional; NaN where none can be told
     * @param distance total variation from the explicit penalty's optimum at this KL
     */
    record AtKl(
            double kl, double proxy, double gold, double departure, double fraction, double copies, double distance) {}

    /** Refuses a world whose texts are too many to train on, by the setting that named it. */
    static void requireFew(String key, String value, TableModel prior) {
        int texts = prior.prompts().stream()
                .mapToInt(prompt -> prior.given(prompt).size())
                .sum();
        if (texts > MOST_TEXTS) {
            throw InputException.ofSetting(
                    key, value, "it has " + texts + " texts; policies are trained on at most " + MOST_TEXTS);
        }
    }

    /** Refuses a reward that no gradient ascends. */
    static void requireFinite(String key, NamedReward reward, TableModel prior) {
        for (String prompt : prior.prompts()) {
            Distribution texts = prior.given(prompt);
            for (int i = 0; i < texts.size(); i++) {
                double value = texts.probability(i) > 0 ? reward.function().reward(prompt, texts.outcome(i)) : 0;
                if (!Double.isFinite(value)) {
                    throw InputException.ofSetting(
                            key,
                            reward.name(),
                            "it must be finite to be ascended; of '" + texts.outcome(i) + "' it is "
                                    + FigureFormat.inWords(value));
                }
            }
        }
    }

    /** {@return KL from the prior of the prior on the reward's best texts: no conditional on it is farther, nats} */
    double reach() {
        return kl(posterior(Double.POSITIVE_INFINITY));
    }

    /** Whether some penalty costs this KL. */
    boolean reaches(double nats) {
        return nats < reach() * (1 - AT_THE_LIMIT);
    }

    /** π*_λ. */
    TableModel posterior(double copies) {
        return TablePosterior.of(prior, proxy, RewardLikelihood.tilt(copies)).model();
    }

    /** The explicit penalty's optimum that costs this KL; the limit on the best texts where none does. */
    TableModel explicit(double nats) {
        return nats <= 0
                ? prior
                : reaches(nats)
                        ? NaturalGradient.toKl(nats).aim().limit(prior, proxy)
                        : posterior(Double.POSITIVE_INFINITY);
    }

    /** Where natural-gradient ascent under a penalty stands when it is stopped at a KL that it reaches. */
    TableModel naturalAt(double nats, double beta, double copies) {
        double rate = beta == 0 ? copies / STEPS : Math.min(copies / STEPS, 0.5 / beta);
        NaturalGradient plain = NaturalGradient.toKl(nats);
        NaturalGradient method = new NaturalGradient(beta, plain.steps(), rate, plain.targetKl());
        TrainingSettings settings = method.at(TrainingSettings.Place.TABLE);
        try (TabularPolicy policy = new TabularPolicy(prior, settings.optimiser())) {
            Training training = method.begin(policy, TableTasks.of(prior, proxy), settings);
            SplittableRandom unused = new SplittableRandom(0);
            for (int i = 0; i < settings.steps() && !training.isConverged(); i++) {
                training.step(unused);
            }
            return policy.table();
        }
    }

    /** A method at work on the proxy, from the prior on. */
    Training begin(TrainedConditioner method, TrainablePolicy policy, Sizes schedule, Optimiser optimiser) {
        return method.begin(
                policy,
                TableTasks.of(prior, proxy),
                new TrainingSettings(schedule.steps, schedule.samples, optimiser, false, 0));
    }

    /**
     * How long a sampled method is run.
     *
     * @param steps at most
     * @param samples texts a prompt and step
     */
    record Sizes(int steps, int samples) {}

    AtKl place(TableModel policy) {
        StepAudit audit = Audit.of(prior, policy, Map.of("proxy", proxy), AuditOptions.atBeta("proxy", 1));
        double kl = kl(policy);
        boolean moved = kl > STILL;
        return new AtKl(
                kl,
                mean(policy, proxy),
                gold == null ? Double.NaN : mean(policy, gold),
                moved ? figure(audit, "kl.departure") : 0,
                moved ? figure(audit, "bayes_fraction") : Double.NaN,
                moved ? figure(audit, "copies.moment_match") : 0,
                moved
                        ? overPrompts(
                                (prompt, at) -> Divergences.totalVariation(at, policy.given(prompt)), explicit(kl))
                        : 0);
    }

    private static double figure(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        return finding == null ? Double.NaN : finding.estimate();
    }

    double mean(TableModel policy, RewardFunction reward) {
        return overPrompts((prompt, at) -> at.expectation(reward.rewards(prompt, at)), policy);
    }

    /** {@return the proxy's standard deviation under the prior, within prompts} */
    double deviation() {
        return Math.sqrt(overPrompts(
                (prompt, at) -> {
                    double[] rewards = proxy.rewards(prompt, at);
                    double mean = at.expectation(rewards);
                    return at.expectation(Arrays.stream(rewards)
                            .map(r -> (r - mean) * (r - mean))
                            .toArray());
                },
                prior));
    }

    double kl(TableModel policy) {
        return kl(policy, prior);
    }

    /** Mean KL(one‖other) over the prompts. */
    double kl(TableModel one, TableModel other) {
        return overPrompts((prompt, at) -> Divergences.kl(at, other.given(prompt)), one);
    }

    private double overPrompts(ToDoubleBiFunction<String, Distribution> figure, TableModel policy) {
        double mean = 0;
        for (String prompt : prior.prompts()) {
            mean += prior.weight(prompt) * figure.applyAsDouble(prompt, policy.given(prompt));
        }
        return mean;
    }

    /** The policy between two, along their logits, whose KL from the prior is the given one; theirs lie on both sides of it. */
    TableModel between(TableModel near, TableModel far, double nats) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (kl(mixed(near, far, middle)) < nats) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return mixed(near, far, high);
    }

    private static TableModel mixed(TableModel near, TableModel far, double share) {
        return near.map((prompt, from) -> {
            Distribution to = far.given(prompt);
            double[] logits = from.logProbabilities();
            for (int i = 0; i < logits.length; i++) {
                if (logits[i] > Double.NEGATIVE_INFINITY) {
                    logits[i] += share * (to.logProbability(i) - logits[i]);
                }
            }
            return Distribution.ofLogWeights(from.outcomes(), logits);
        });
    }
}
