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
 * Best-of-n with its true probabilities: F^n − F₋^n for each level of reward, ties in the prior's ratios. Rounds of it are
 * best-of-n^rounds.
 *
 * @param n prior draws of which the best is kept
 * @param rounds how often, each time on the result of the one before
 */
public record BestOfN(
        @Setting(help = "prior draws of which the best is kept", unit = "draws", range = Range.COUNT)
        int n,

        @Setting(help = "how often, each time on the result of the one before", range = Range.COUNT)
        int rounds)
        implements Conditioner.OnTables, Conditioner.OnModels {
    private static final double MOST_DRAWS = 1e7;

    /**
     * Checks the settings.
     *
     * @param n at least 1
     * @param rounds at least 1
     */
    public BestOfN {
        Settings.check(BestOfN.class, n, rounds);
    }

    /** The best of 4, once. */
    public BestOfN() {
        this(4, 1);
    }

    /**
     * The best of n draws, once.
     *
     * @param n at least 1
     * @return the method
     */
    public static BestOfN of(int n) {
        return new BestOfN(n, 1);
    }

    /**
     * The same several times.
     *
     * @param times at least 1
     * @return a changed copy
     */
    public BestOfN rounds(int times) {
        return new BestOfN(n, times);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new BestOfN(),
                "best-of-n",
                "keep the best of n draws by reward; n to the power of rounds draws in all",
                "Beirami et al. 2024; docs/theory.md#best-of-n");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.beats(n).rounds(rounds), Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        Selection selection = Selection.bestOf(n).rounds(rounds);
        double draws = Math.pow(n, rounds);
        return PromptByPrompt.condition(
                this, prior, asked, completions -> completions.kept(selection), completions -> draws);
    }

    @Override
    public ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        double draws = Math.pow(n, rounds);
        if (!(draws <= MOST_DRAWS)) {
            throw InputException.ofSetting(
                    "rounds", Integer.toString(rounds), "a text would take " + draws + " draws; at most 1e7 are made");
        }
        return new ModelDraws(
                prior,
                asked,
                horizon,
                aim(asked.rewardType()),
                (drawn, upper) -> PoolSampler.bestOf(drawn, (int) draws, ConditionedModel.Text::logLikelihood));
    }
}
