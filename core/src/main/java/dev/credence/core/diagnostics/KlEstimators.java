package dev.credence.core.diagnostics;

import java.util.List;

/** All three estimates of KL(π‖π0) from a stream of log-ratios of policy draws, in constant memory. */
public final class KlEstimators {
    private static final List<KlEstimator> ALL = List.of(KlEstimator.values());

    private final List<RunningMean> means =
            ALL.stream().map(estimator -> new RunningMean()).toList();

    /** Nothing seen yet. */
    public KlEstimators() {}

    /**
     * The estimates from an array of draws.
     *
     * @param logRatios (draws) ℓ = log π − log π0 in nats, of draws from π
     * @return an accumulator that has seen them all
     */
    public static KlEstimators of(double[] logRatios) {
        KlEstimators estimators = new KlEstimators();
        for (double logRatio : logRatios) {
            estimators.add(logRatio);
        }
        return estimators;
    }

    /**
     * Takes in one draw of the policy.
     *
     * @param logRatio ℓ = log π − log π0 in nats
     * @throws IllegalArgumentException if the log-ratio is NaN or −∞, which no draw from π can have
     */
    public void add(double logRatio) {
        if (!(logRatio > Double.NEGATIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "logRatio is " + logRatio + "; a draw from the policy has log π - log π0 above -infinity");
        }
        for (int i = 0; i < ALL.size(); i++) {
            means.get(i).add(ALL.get(i).of(logRatio));
        }
    }

    /**
     * Takes in all that another has seen.
     *
     * @param other left as it is
     */
    public void add(KlEstimators other) {
        for (int i = 0; i < ALL.size(); i++) {
            means.get(i).add(other.means.get(i));
        }
    }

    /**
     * One of the estimates.
     *
     * @param estimator which
     * @return mean, variance and number of draws
     */
    public SampleMean estimate(KlEstimator estimator) {
        return means.get(ALL.indexOf(estimator)).result();
    }
}
