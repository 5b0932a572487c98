package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.random.RandomGenerator;

/**
 * The quantilizer: the prior on its best share q by reward, the level at the edge in part (Taylor 2016).
 *
 * @param q share of the prior's mass to keep, best rewards first
 * @param rounds how often, each time on the result of the one before
 */
public record Quantilizer(
        @Setting(help = "share of the prior's mass to keep, best rewards first", range = Range.SHARE)
        double q,

        @Setting(help = "how often, each time on the result of the one before", range = Range.COUNT)
        int rounds)
        implements Conditioner.OnTables, Conditioner.OnModels {
    private static final double KEPT = 64; // of a pool, so that its share is near the prior's
    private static final double MOST_DRAWS = 1e7;

    /**
     * Checks the settings.
     *
     * @param q in (0, 1]
     * @param rounds at least 1
     */
    public Quantilizer {
        Settings.check(Quantilizer.class, q, rounds);
    }

    /** The best quarter, once. */
    public Quantilizer() {
        this(0.25, 1);
    }

    /**
     * The best share, once.
     *
     * @param q in (0, 1]
     * @return the method
     */
    public static Quantilizer of(double q) {
        return new Quantilizer(q, 1);
    }

    /**
     * The same several times.
     *
     * @param times at least 1
     * @return a changed copy
     */
    public Quantilizer rounds(int times) {
        return new Quantilizer(q, times);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Quantilizer(),
                "quantilizer",
                "draw from the best share q of the prior; no cost can grow by more than 1/q",
                "Taylor 2016; docs/theory.md#quantilizer");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.topQuantile(q).rounds(rounds), Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        Selection selection = Selection.bestShare(q).rounds(rounds);
        double draws = Math.pow(q, -rounds);
        return PromptByPrompt.condition(
                this, prior, asked, completions -> completions.kept(selection), completions -> draws);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A prior that is known by draws alone has no known quantile: one of the best share of a pool is kept, which the aim says.
     */
    @Override
    public ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        double share = Math.pow(q, rounds);
        double pool = Math.ceil(KEPT / share);
        if (!(pool <= MOST_DRAWS)) {
            throw InputException.ofSetting(
                    "q", Settings.word(q), "a text would take " + pool + " draws; at most 1e7 are made");
        }
        int n = share == 1 ? 1 : (int) pool;
        Aim aim = Aim.at(RewardLikelihood.amongBest(share * n, n), Aim.EXACT);
        return new ModelDraws(
                prior,
                asked,
                horizon,
                aim,
                (drawn, upper) -> PoolSampler.amongBest(drawn, n, share * n, ConditionedModel.Text::logLikelihood));
    }
}
