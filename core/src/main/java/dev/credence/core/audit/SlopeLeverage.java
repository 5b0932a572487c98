package dev.credence.core.audit;

/** What records do to the {@link Slopes}; a leverage is p (1 + ω d²/V), of mass p and distance d from the prompt's mean reward, V = Σ ω Var r. */
final class SlopeLeverage implements Leverage.Columns {
    private static final int PRIOR = 0;
    private static final int POLICY = 1;
    private static final int MIXTURE = 2;

    private final PromptPool pool;
    private final Slopes slopes;

    private SlopeLeverage(PromptPool pool, Slopes slopes) {
        this.pool = pool;
        this.slopes = slopes;
    }

    /** Of the slopes under prior, policy and mixture. */
    static double[] factors(PromptPool pool, Slopes slopes) {
        return Leverage.factors(pool, new SlopeLeverage(pool, slopes));
    }

    @Override
    public void fill(int member, AtomBlock block, double[][] into) {
        double weight = pool.weight(member);
        AtomMoments moments = pool.members().get(member).moments();
        AtomMoments.Pair prior = moments.prior();
        AtomMoments.Pair policy = moments.policy();
        AtomMoments.Pair mixture = moments.mixture();
        for (int i = 0; i < block.count; i++) {
            double u = block.u[i];
            double v = block.v[i];
            into[PRIOR][i] = weight * u * score(block, i, prior, prior, slopes.prior());
            into[POLICY][i] = weight * v * score(block, i, policy, policy, slopes.policy());
            into[MIXTURE][i] = weight
                    * (u * score(block, i, prior, mixture, slopes.mixture())
                            + v * score(block, i, policy, mixture, slopes.mixture()));
            into[Leverage.COUNT + PRIOR][i] = u * (1 + weight * square(block, i, prior) / slopes.priorVariance());
            into[Leverage.COUNT + POLICY][i] = v * (1 + weight * square(block, i, policy) / slopes.policyVariance());
            into[Leverage.COUNT + MIXTURE][i] =
                    0.5 * (u + v) * (1 + weight * square(block, i, mixture) / slopes.mixtureVariance());
        }
    }

    private static double square(AtomBlock block, int i, AtomMoments.Pair center) {
        double distance = block.reward[i] - center.reward();
        return distance * distance;
    }

    /** (r − Er)(ℓ − Eℓ − s (r − Er)) about a centre, less its mean under the masses. */
    private static double score(
            AtomBlock block, int i, AtomMoments.Pair masses, AtomMoments.Pair center, double slope) {
        double rewardShift = masses.reward() - center.reward();
        double ratioShift = masses.logRatio() - center.logRatio();
        double mean = masses.covariance()
                + rewardShift * ratioShift
                - slope * (masses.variance() + rewardShift * rewardShift);
        double distance = block.reward[i] - center.reward();
        return distance * (block.logRatio[i] - center.logRatio() - slope * distance) - mean;
    }
}
