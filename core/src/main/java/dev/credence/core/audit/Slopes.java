package dev.credence.core.audit;

/**
 * The estimators of λ that regress the log-ratio on the reward with an intercept a prompt (docs/theory.md#slopes). They agree with
 * each other and with moment matching only where the policy is a conditional of the stated family.
 *
 * @param prior slope under ū
 * @param policy slope under v̄
 * @param mixture slope under ½ū + ½v̄
 * @param priorVariance Σ ω Var_ū r
 * @param policyVariance Σ ω Var_v̄ r
 * @param mixtureVariance Σ ω Var r under the mixture
 * @param selfConsistent the regression under its own conditional, the root nearest to moment matching
 */
record Slopes(
        double prior,
        double policy,
        double mixture,
        double priorVariance,
        double policyVariance,
        double mixtureVariance,
        SelfConsistent selfConsistent) {
    /** Of the squared range: below it a weighting has one level, and what is left of a covariance is rounding. */
    static final double LEAST_VARIANCE = 1e-10;

    static Slopes of(PromptPool pool, double momentMatch) {
        double priorVariance = pool.mean(m -> m.moments().prior().variance());
        double policyVariance = pool.mean(m -> m.moments().policy().variance());
        double mixtureVariance = pool.mean(m -> m.moments().mixture().variance());
        double range = pool.mean(m -> m.moments().maxReward() - m.moments().minReward());
        double least = LEAST_VARIANCE * range * range;
        return new Slopes(
                slope(pool.mean(m -> m.moments().prior().covariance()), priorVariance, least),
                slope(pool.mean(m -> m.moments().policy().covariance()), policyVariance, least),
                slope(pool.mean(m -> m.moments().mixture().covariance()), mixtureVariance, least),
                priorVariance,
                policyVariance,
                mixtureVariance,
                SelfConsistent.solve(pool, momentMatch));
    }

    private static double slope(double covariance, double variance, double least) {
        return variance > least ? covariance / variance : Double.NaN;
    }
}
