package dev.credence.core.diagnostics;

/**
 * What exact sampling from a posterior by rejection costs: a draw of the prior is kept with probability e^{E(x) −
 * bound}, which makes the kept share Z e^{−bound}.
 *
 * @param logAcceptance log of the share of prior draws that are kept, nats, ≤ 0
 */
public record RejectionCost(double logAcceptance) {
    /**
     * The cost for a known share.
     *
     * @param logAcceptance log of the share of prior draws that are kept, nats, ≤ 0
     * @throws IllegalArgumentException if it is positive or NaN
     */
    public RejectionCost {
        if (!(logAcceptance <= 0)) {
            throw new IllegalArgumentException("logAcceptance is " + logAcceptance + "; no share is above one");
        }
    }

    /**
     * The cost for a known normaliser.
     *
     * @param logPartition log Z = log E_π0 e^E, nats
     * @param logBound a number that the evidence E nowhere exceeds, nats
     * @return the cost
     * @throws IllegalArgumentException if the bound is below log Z, or a number is NaN
     */
    public static RejectionCost of(double logPartition, double logBound) {
        if (!(logPartition <= logBound)) {
            throw new IllegalArgumentException("logPartition is " + logPartition + " and logBound " + logBound
                    + "; a bound on the evidence cannot be below log Z");
        }
        return new RejectionCost(logPartition - logBound);
    }

    /** {@return the share of prior draws that are kept} */
    public double acceptance() {
        return Math.exp(logAcceptance);
    }

    /** {@return the mean number of prior draws for one posterior draw} */
    public double meanTrials() {
        return Math.exp(-logAcceptance);
    }
}
