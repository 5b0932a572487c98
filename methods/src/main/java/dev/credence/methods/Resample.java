package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import java.util.random.RandomGenerator;

/**
 * Importance resampling, also called soft best-of-n: of a pool of n prior draws one is kept, with odds e^(r/β). The posterior
 * of 1/β copies is its limit as n grows; what a finite pool gives is known exactly, and is what the aim states.
 *
 * @param n size of the pool
 * @param beta KL coefficient β; 1/β copies
 */
public record Resample(
        @Setting(help = "size of the pool", unit = "draws", range = Range.COUNT)
        int n,

        @Setting(
                help = "KL coefficient; 1/beta copies of the reward, 0 for the limit on the best",
                range = Range.COEFFICIENT)
        double beta)
        implements Conditioner.OnTables, Conditioner.OnModels {
    private static final long MOST_POOLS = 1_000_000;
    private static final double MOST_COPIES = 1e100; // beyond, no two rewards are near enough to be drawn between

    /**
     * Checks the settings.
     *
     * @param n at least 1
     * @param beta at least 0
     */
    public Resample {
        Settings.check(Resample.class, n, beta);
    }

    /** A pool of 64, one copy. */
    public Resample() {
        this(64, 1);
    }

    /**
     * One copy, by a pool.
     *
     * @param n its size, at least 1
     * @return the method
     */
    public static Resample of(int n) {
        return new Resample(n, 1);
    }

    /**
     * At a KL coefficient.
     *
     * @param coefficient β ≥ 0
     * @return a changed copy
     */
    public Resample atKl(double coefficient) {
        return new Resample(n, coefficient);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                        new Resample(),
                        "resample",
                        "importance resampling, or soft best-of-n: keep one of n draws with odds e^(r/beta)",
                        "Rubin 1987; Verdun et al. 2025; docs/theory.md#resampling")
                .alias("soft-best-of-n", "importance-resampling");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(pool(), Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        return PromptByPrompt.condition(this, prior, asked, this::weights, completions -> n);
    }

    private double[] weights(Completions completions) {
        double[] policy = pool().logLikelihoods(completions.rewards(), completions.priorMasses());
        for (int i = 0; i < policy.length; i++) {
            policy[i] = completions.prior(i) * Math.exp(policy[i]);
        }
        return policy;
    }

    private RewardLikelihood pool() {
        return RewardLikelihood.softBestOf(n, NominalCopies.at(beta));
    }

    @Override
    public ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        return new ModelDraws(prior, asked, horizon, aim(asked.rewardType()), (drawn, upper) -> chosen(drawn));
    }

    /** A pool in which every text is excluded has no odds, and is drawn anew. */
    private Sampler<ConditionedModel.Text> chosen(Sampler<ConditionedModel.Text> drawn) {
        double copies = NominalCopies.at(beta);
        if (copies >= MOST_COPIES) {
            return PoolSampler.bestOf(drawn, n, ConditionedModel.Text::logLikelihood);
        }
        return RejectionSampler.accepting(
                PoolSampler.luce(drawn, n, text -> tilted(copies, text.logLikelihood())),
                (text, random) -> text.logLikelihood() > Double.NEGATIVE_INFINITY,
                MOST_POOLS);
    }

    /** No copy of what is excluded excludes nothing: 0 · −∞ is 0 only where the copies are. */
    private static double tilted(double copies, double logLikelihood) {
        return logLikelihood == Double.NEGATIVE_INFINITY ? logLikelihood : copies * logLikelihood;
    }
}
