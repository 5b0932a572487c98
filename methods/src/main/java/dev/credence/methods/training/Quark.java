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
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Quark (Lu et al. 2022): draw from the policy asked for the best quantile, add the texts to a pool, sort the pool into
 * quantiles by reward, imitate each behind tokens that tell which ({@link QuantileTokens}) while held to the prior; again. The
 * best is told by no token, so that the policy is what the model does behind the bare prompt. On a table the laws of the tokens
 * share nothing, and the best alone is fitted. The penalty is β·KL(prior‖policy) of each quantile, whose optimum is the mixture
 * of its texts with β parts of the prior (docs/theory.md#quark).
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
        @Setting(help = "how many quantiles the pool is sorted into; the best is asked for", range = Range.COUNT)
        int quantiles,

        @Setting(
                help = "how often texts are drawn from the policy into the pool, the prior's first",
                unit = "rounds",
                range = Range.COUNT)
        int rounds,

        @Setting(
                help = "coefficient of KL(prior‖policy) beside the likelihood of a quantile's texts",
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
                "learn the quantiles of a pool that the policy's own texts are added to, held to the prior; ask for the best",
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
        if (quantiles == 1 || policy instanceof LogitPolicy) {
            List<Selection> best = List.of(plan(task.rewardType()).selection());
            return new ImitationTraining(
                    policy, task, new PooledTexts(task, best, priorShare(), pool), rounds, settings);
        }
        if (settings.samples() < quantiles) {
            throw InputException.ofSetting(
                    "samples",
                    Integer.toString(settings.samples()),
                    "each of " + quantiles + " quantiles needs a text of each prompt a step");
        }
        TrainingTask told = QuantileTokens.told(policy, task, quantiles);
        List<Selection> slices = IntStream.range(0, quantiles)
                .mapToObj(k -> Selection.shareBetween((double) k / quantiles, (k + 1.0) / quantiles))
                .toList();
        TrainingSettings each = new TrainingSettings(
                settings.steps(), settings.samples() / quantiles, settings.optimiser(), false, settings.seed());
        PooledTexts source = new PooledTexts(told, slices, priorShare(), pool);
        return new ImitationTraining(
                policy, told, source, rounds, task.prompts().size(), each);
    }
}
