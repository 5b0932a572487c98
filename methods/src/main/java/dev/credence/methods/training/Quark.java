package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Completions;
import dev.credence.methods.Conditioned;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Range;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.random.RandomGenerator;

/**
 * Quark (Lu et al. 2022): draw from the policy asked for the best quantile, add the texts to a pool, sort the pool into
 * quantiles by reward, imitate the best one while held to the prior; again. What is imitated here is the best quantile alone:
 * the others only share the network's weights with it. The penalty is β·KL(prior‖policy), whose optimum is the mixture of the
 * pool's best quantile with β parts of the prior (docs/theory.md#quark).
 *
 * <p>One round without a penalty is the top fraction 1/K of the prior. With several the pool holds the policy's texts of every
 * round before beside the prior's, which is sharper than the top fraction and less than that fraction of itself again and again.
 *
 * @param quantiles K, into which the pool is sorted
 * @param rounds how often the pool is refreshed
 * @param penalty coefficient of KL(prior‖policy)
 * @param imitation how texts are imitated
 */
public record Quark(
        @Setting(help = "how many quantiles the pool is sorted into; the best is imitated", range = Range.COUNT)
        int quantiles,

        @Setting(
                help = "how often texts are drawn from the policy into the pool, the prior's first",
                unit = "rounds",
                range = Range.COUNT)
        int rounds,

        @Setting(
                help = "coefficient of KL(prior‖policy) beside the likelihood of the best quantile",
                range = Range.NOT_NEGATIVE)
        double penalty,

        ImitationSettings imitation)
        implements ImitationMethod<Quark> {
    /**
     * Checks the settings.
     *
     * @param quantiles at least 1
     * @param rounds at least 1
     * @param penalty finite, at least 0
     * @param imitation any
     */
    public Quark {
        Settings.check(Quark.class, quantiles, rounds, penalty, imitation);
    }

    /** Five quantiles, five rounds, a coefficient of 0.05, as published. */
    public Quark() {
        this(5, 5, 0.05, ImitationSettings.STANDARD);
    }

    /**
     * With other quantiles.
     *
     * @param number K, at least 1
     * @return a changed copy
     */
    public Quark quantiles(int number) {
        return new Quark(number, rounds, penalty, imitation);
    }

    /**
     * So often.
     *
     * @param times at least 1
     * @return a changed copy
     */
    public Quark rounds(int times) {
        return new Quark(quantiles, times, penalty, imitation);
    }

    /**
     * Held to the prior otherwise.
     *
     * @param coefficient of KL(prior‖policy), at least 0
     * @return a changed copy
     */
    public Quark penalty(double coefficient) {
        return new Quark(quantiles, rounds, coefficient, imitation);
    }

    @Override
    public Quark imitating(ImitationSettings settings) {
        return new Quark(quantiles, rounds, penalty, settings);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Quark(),
                "quark",
                "imitate the best quantile of a pool that the policy's own texts are added to, held to the prior",
                "Lu et al. 2022; docs/theory.md#quark");
    }

    @Override
    public Aim aim(RewardType type) {
        if (rounds == 1 && penalty == 0) {
            return Aim.at(RewardLikelihood.topQuantile(1.0 / quantiles), Aim.FORWARD);
        }
        String why = penalty > 0
                ? "held by KL(prior‖policy) it is a mixture with the prior; no number of copies gives it"
                : "its pool mixes the prior's texts with those of every round; no number of copies gives it";
        return Aim.atNoPosterior(
                        rounds + " rounds of the best of " + quantiles + " quantiles, prior share "
                                + FigureFormat.inWords(priorShare()),
                        Aim.FORWARD,
                        why)
                .tendingTo(this::limit);
    }

    private TableModel limit(TableModel prior, RewardFunction reward) {
        Evidence asked = Evidence.reward(reward).times(1);
        return prior.map((prompt, texts) ->
                plan(RewardType.SCORE).exact(Completions.of(prompt, texts, asked), card().name(), prompt));
    }

    private double priorShare() {
        return penalty / (1 + penalty);
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        return new ImitationPlan(Selection.bestShare(1.0 / quantiles), rounds, priorShare(), true);
    }

    /** Imitated without error it is at its limit: that is what enumerated expectations give. */
    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        boolean exact = schedule().population() && !imitation.train();
        return exact
                ? imitating(ImitationSettings.STANDARD).condition(prior, asked, random)
                : ImitationMethod.super.condition(prior, asked, random);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        if (settings.population()) {
            throw InputException.ofSetting(
                    "population", "true", "quark's pool is of drawn texts; without train its limit is given");
        }
        int pool =
                imitation.pool().orElse(ImitationTraining.stepsOfRound(settings.steps(), rounds) * settings.samples());
        PooledTexts source = new PooledTexts(task, plan(task.rewardType()), pool);
        return new ImitationTraining(policy, task, source, rounds, settings);
    }
}
