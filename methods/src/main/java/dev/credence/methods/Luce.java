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
 * Curation by Luce's choice: of a pool of prior draws one is kept, with odds e^r. Large pools tend to the tilt at β = 1.
 *
 * @param n size of the pool
 * @param rounds how often, each time on the result of the one before
 */
public record Luce(
        @Setting(help = "size of the pool", unit = "draws", range = Range.COUNT)
        int n,

        @Setting(help = "how often, each time on the result of the one before", range = Range.COUNT)
        int rounds)
        implements Conditioner.OnTables, Conditioner.OnModels {
    private static final double MOST_DRAWS = 1e7;
    private static final long MOST_POOLS = 1_000_000;

    /**
     * Checks the settings.
     *
     * @param n at least 1
     * @param rounds at least 1
     */
    public Luce {
        Settings.check(Luce.class, n, rounds);
    }

    /** A pool of 8, once. */
    public Luce() {
        this(8, 1);
    }

    /**
     * One choice of a pool.
     *
     * @param n its size, at least 1
     * @return the method
     */
    public static Luce of(int n) {
        return new Luce(n, 1);
    }

    /**
     * The same several times.
     *
     * @param times at least 1
     * @return a changed copy
     */
    public Luce rounds(int times) {
        return new Luce(n, times);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Luce(),
                "luce",
                "keep one of a pool of n draws with odds e^r; the reward is a logit",
                "Ferbach et al. 2024; docs/theory.md#reading-c");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.lucePool(n).rounds(rounds), Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        Selection selection = Selection.luce(n).rounds(rounds);
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
        return new ModelDraws(prior, asked, horizon, aim(asked.rewardType()), (drawn, upper) -> chosen(drawn));
    }

    /** Each round chooses among texts of the round before; a pool of excluded texts has no odds, and is drawn anew. */
    private Sampler<ConditionedModel.Text> chosen(Sampler<ConditionedModel.Text> drawn) {
        Sampler<ConditionedModel.Text> texts = drawn;
        for (int round = 0; round < rounds; round++) {
            texts = RejectionSampler.accepting(
                    PoolSampler.luce(texts, n, ConditionedModel.Text::logLikelihood),
                    (text, random) -> text.logLikelihood() > Double.NEGATIVE_INFINITY,
                    MOST_POOLS);
        }
        return texts;
    }
}
