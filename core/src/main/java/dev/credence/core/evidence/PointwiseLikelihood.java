package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;

/** Evidence that each text's own reward decides, whatever the other texts have: so it can be bounded by the reward's bounds. */
public interface PointwiseLikelihood {
    /**
     * The log-likelihood of a text.
     *
     * @param reward its reward
     * @return nats
     */
    double of(double reward);

    /**
     * Bounds of the log-likelihood.
     *
     * @param reward bounds of the reward
     * @return bounds that hold for every reward between
     */
    LogBounds of(ValueBounds reward);

    /**
     * So many copies of the reward.
     *
     * @param lambda finite
     * @return λ·r
     */
    static PointwiseLikelihood tilt(double lambda) {
        return new PointwiseLikelihood() {
            @Override
            public double of(double reward) {
                return lambda * reward;
            }

            @Override
            public LogBounds of(ValueBounds reward) {
                ValueBounds times = reward.times(lambda);
                return new LogBounds(times.lower(), times.upper());
            }
        };
    }

    /**
     * A reward between two limits, both included.
     *
     * @param lowest the least
     * @param highest the largest
     * @return 0 or −∞
     */
    static PointwiseLikelihood range(double lowest, double highest) {
        return new PointwiseLikelihood() {
            @Override
            public double of(double reward) {
                return lowest <= reward && reward <= highest ? 0 : Double.NEGATIVE_INFINITY;
            }

            @Override
            public LogBounds of(ValueBounds reward) {
                if (reward.lower() > highest || reward.upper() < lowest) {
                    return LogBounds.EXCLUDED;
                }
                boolean inside = lowest <= reward.lower() && reward.upper() <= highest;
                return inside ? new LogBounds(0, 0) : LogBounds.PROBABILITY;
            }
        };
    }

    /**
     * Evidence that grows with a reward that is a probability.
     *
     * @param likelihood one that asks each reward alone
     * @return the same of one text at a time
     */
    static PointwiseLikelihood ofProbability(RewardLikelihood likelihood) {
        return new PointwiseLikelihood() {
            @Override
            public double of(double reward) {
                return likelihood.logLikelihoods(new double[] {reward}, new double[] {1})[0];
            }

            @Override
            public LogBounds of(ValueBounds reward) {
                double low = Math.min(1, Math.max(0, reward.lower()));
                double high = Math.min(1, Math.max(0, reward.upper()));
                return new LogBounds(of(low), of(high));
            }
        };
    }
}
