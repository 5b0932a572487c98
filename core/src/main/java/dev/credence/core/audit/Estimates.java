package dev.credence.core.audit;

import java.util.Arrays;

/**
 * The point estimates of one pool: the table formulas of docs/theory.md#proposal-and-weights on its atoms, at the pool's own moment-matching λ.
 *
 * @param pool the prompts
 * @param lambda moment-matching copies; ±∞ or NaN as {@link MomentMatch} says
 * @param tilts each prompt's conditional at λ (at 0 where λ is NaN: nothing is explained)
 * @param varianceAtFit Σ ω Var_w̄ r
 * @param slopes the regressions
 * @param nuisances the regression with further columns
 * @param values (figures) the estimates, by ordinal; NaN where there is none
 */
record Estimates(
        PromptPool pool,
        double lambda,
        AtomTilt[] tilts,
        double varianceAtFit,
        Slopes slopes,
        Nuisances nuisances,
        double[] values) {

    /** Nats: what is left of terms of order one that cancel. */
    private static final double ROUNDING = 1e-15;

    static Estimates of(PromptPool pool, double askedCopies) {
        double lambda = MomentMatch.solve(pool);
        AtomTilt[] tilts = pool.tilts(Double.isNaN(lambda) ? 0 : lambda);
        double variance =
                pool.mean(Arrays.stream(tilts).mapToDouble(AtomTilt::variance).toArray());
        double[] values = new double[Figure.values().length];
        Arrays.fill(values, Double.NaN);
        Estimates estimates =
                new Estimates(pool, lambda, tilts, variance, Slopes.of(pool, lambda), Nuisances.of(pool), values);
        estimates.fillPolicyAndPrior();
        estimates.fillLedger();
        estimates.fillCopies();
        if (pool.isAsked()) {
            estimates.fillAsked(askedCopies);
        }
        return estimates;
    }

    /** The estimate of a figure; NaN where there is none. */
    double get(Figure figure) {
        return values[figure.ordinal()];
    }

    private void put(Figure figure, double value) {
        values[figure.ordinal()] = figure.id().startsWith("kl.") ? divergence(value) : value;
    }

    /** A divergence is not negative, and below {@link #ROUNDING} it is the rounding of its own sum; NaN stays NaN. */
    static double divergence(double value) {
        return value < ROUNDING ? 0.0 : value;
    }

    private void fillPolicyAndPrior() {
        put(Figure.KL_POLICY_PRIOR, pool.mean(m -> m.moments().klPolicyPrior()));
        put(Figure.KL_PRIOR_POLICY, pool.mean(m -> m.moments().klPriorPolicy()));
        put(Figure.REWARD_PRIOR, pool.mean(m -> m.moments().prior().reward()));
        put(Figure.REWARD_POLICY, pool.mean(m -> m.moments().policy().reward()));
        put(Figure.ENTROPY_PRIOR, pool.mean(m -> m.moments().entropyPrior()));
        put(Figure.ENTROPY_POLICY, pool.mean(m -> m.moments().entropyPolicy()));
        put(Figure.MODES_PRIOR, Math.exp(get(Figure.ENTROPY_PRIOR)));
        put(Figure.MODES_POLICY, Math.exp(get(Figure.ENTROPY_POLICY)));
    }

    private void fillLedger() {
        double explained = 0;
        double departure = departure(pool, tilts);
        for (int c = 0; c < tilts.length; c++) {
            explained += pool.weight(c) * tilts[c].klToPrior();
        }
        if (pool.isExact() && !Double.isNaN(lambda)) { // Pythagoras: what is left of a table's KL keeps its digits
            explained = Math.max(0, get(Figure.KL_POLICY_PRIOR) - departure);
        }
        put(Figure.KL_EXPLAINED, explained);
        put(Figure.KL_DEPARTURE, departure);
        put(Figure.BAYES_FRACTION, Math.min(1, get(Figure.KL_EXPLAINED) / get(Figure.KL_POLICY_PRIOR)));
    }

    /** Σ ω KL(π‖π*) against each prompt's conditional, nats. */
    static double departure(PromptPool pool, AtomTilt[] tilts) {
        return pool.mean(pool.values(c -> KlTerm.departure(pool.members().get(c).atoms(), tilts[c])));
    }

    private void fillCopies() {
        put(Figure.MOMENT_MATCH, lambda);
        put(Figure.SELF_CONSISTENT, slopes.selfConsistent().lambda());
        put(Figure.PRIOR_SLOPE, slopes.prior());
        put(Figure.POLICY_SLOPE, slopes.policy());
        put(Figure.MIXTURE_SLOPE, slopes.mixture());
        put(Figure.PER_SIGMA, lambda * Math.sqrt(slopes.priorVariance()));
        double sigma = Math.sqrt(slopes.priorVariance());
        put(Figure.CEILING, Math.sqrt(2 * Math.max(0, get(Figure.KL_POLICY_PRIOR))) / sigma);
        put(Figure.RESIDUAL_VARIANCE, pool.mean(m -> m.moments().policy().residual(slopes.policy())));
        put(Figure.NUISANCE_LOG_PRIOR, nuisances.coefficient(Nuisances.LOG_PRIOR));
        put(Figure.NUISANCE_LENGTH, nuisances.coefficient(Nuisances.LENGTH));
        put(Figure.NUISANCE_REWARD_SQUARED, nuisances.coefficient(Nuisances.REWARD_SQUARED));
    }

    private void fillAsked(double askedCopies) {
        put(Figure.LOG_Z, pool.mean(m -> m.target().logZ()));
        put(Figure.KL_ASKED_PRIOR, pool.mean(m -> m.target().klToPrior()));
        put(Figure.KL_POLICY_ASKED, pool.mean(m -> m.target().klFromPolicy()));
        put(Figure.KL_ASKED_POLICY, pool.mean(m -> m.target().klToPolicy()));
        put(Figure.REWARD_ASKED, pool.mean(m -> m.target().mean()));
        put(Figure.ENTROPY_ASKED, pool.mean(m -> m.target().entropy()));
        put(Figure.MODES_ASKED, Math.exp(get(Figure.ENTROPY_ASKED)));
        put(Figure.RECALL, Math.min(1, pool.mean(m -> m.target().recall())));
        boolean argmax = Double.isInfinite(askedCopies);
        put(
                Figure.GAP_OBJECTIVE,
                argmax ? pool.mean(m -> m.moments().gapToMax()) : get(Figure.KL_POLICY_ASKED) / askedCopies);
    }
}
