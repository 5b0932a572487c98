package dev.credence.core.posterior;

/**
 * How far tabular natural-gradient ascent (mirror descent) has walked along the tilt family: after t steps it is exactly at
 * λ_t = (1 − (1 − ηβ)^t)/β, without a penalty at ηt (docs/theory.md#mirror-descent). Early stopping and a KL penalty walk the same curve.
 *
 * @param stepSize η &gt; 0
 * @param beta penalty in the reward, ≥ 0
 */
public record MirrorDescent(double stepSize, double beta) {
    /**
     * Checks the ranges.
     *
     * @param stepSize as above
     * @param beta as above
     * @throws IllegalArgumentException unless the step size is positive, beta ≥ 0 and ηβ ≤ 1, so that it does not overshoot
     */
    public MirrorDescent {
        if (!(stepSize > 0 && beta >= 0 && stepSize * beta <= 1)) {
            throw new IllegalArgumentException("step size is " + stepSize + " and beta is " + beta
                    + "; the step must be positive, beta not negative and their product at most 1");
        }
    }

    /**
     * The member reached.
     *
     * @param steps t ≥ 0
     * @return λ_t, copies
     * @throws IllegalArgumentException if steps is negative
     */
    public double lambdaAfter(long steps) {
        if (!(steps >= 0)) {
            throw new IllegalArgumentException("steps is " + steps + "; it must be >= 0");
        }
        return beta == 0 ? stepSize * steps : -Math.expm1(steps * Math.log1p(-stepSize * beta)) / beta;
    }
}
