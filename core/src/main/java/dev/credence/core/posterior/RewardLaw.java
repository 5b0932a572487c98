package dev.credence.core.posterior;

/**
 * A prior of which only the law of its reward is known, with its tilts in closed form: what audits of samples are tested
 * against, and where a posterior can fail to exist although every reward is finite (docs/theory.md#gaussian-rewards, docs/theory.md#rewards-without-a-posterior).
 */
public sealed interface RewardLaw permits RewardLaw.Gaussian, RewardLaw.Exponential {
    /**
     * κ(λ) = log E[e^{λr}] under the prior.
     *
     * @param lambda copies of the reward, finite
     * @return log Z, nats
     * @throws NoPosteriorException if Z is infinite
     */
    double logPartition(double lambda);

    /**
     * κ'(λ), the mean reward of the posterior at λ.
     *
     * @param lambda copies of the reward, finite
     * @return in units of the reward
     * @throws NoPosteriorException if there is none
     */
    double mean(double lambda);

    /**
     * λκ'(λ) − κ(λ).
     *
     * @param lambda copies of the reward, finite
     * @return KL(posterior ‖ prior), nats
     * @throws NoPosteriorException if there is no posterior
     */
    default double klToPrior(double lambda) {
        return lambda * mean(lambda) - logPartition(lambda);
    }

    /**
     * A normal reward. Its tilts exist at every λ: the mean moves by λσ², at a cost of λ²σ²/2 nats.
     *
     * @param mean μ
     * @param deviation σ &gt; 0
     */
    record Gaussian(double mean, double deviation) implements RewardLaw {
        /**
         * Checks the deviation.
         *
         * @param mean as above
         * @param deviation as above
         * @throws IllegalArgumentException unless the mean is finite, the deviation finite and positive
         */
        public Gaussian {
            if (!(Double.isFinite(mean) && deviation > 0 && deviation < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("mean is " + mean + " and deviation is " + deviation
                        + "; both must be finite and the deviation positive");
            }
        }

        @Override
        public double logPartition(double lambda) {
            return requireFinite(lambda) * mean + lambda * lambda * deviation * deviation / 2;
        }

        @Override
        public double mean(double lambda) {
            return mean + requireFinite(lambda) * deviation * deviation;
        }

        @Override
        public double klToPrior(double lambda) {
            double sigmas = requireFinite(lambda) * deviation;
            return sigmas * sigmas / 2;
        }
    }

    /**
     * An exponential reward. Its weights e^{λr} have a Pareto tail of index λ/rate, and from λ = rate on no posterior exists.
     *
     * @param rate &gt; 0; the mean reward of the prior is 1/rate
     */
    record Exponential(double rate) implements RewardLaw {
        /**
         * Checks the rate.
         *
         * @param rate as above
         * @throws IllegalArgumentException unless it is finite and positive
         */
        public Exponential {
            if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("rate is " + rate + "; it must be finite and positive");
            }
        }

        @Override
        public double logPartition(double lambda) {
            return -Math.log1p(-requireProper(lambda) / rate);
        }

        @Override
        public double mean(double lambda) {
            return 1 / (rate - requireProper(lambda));
        }

        private double requireProper(double lambda) {
            if (!(requireFinite(lambda) < rate)) {
                throw new NoPosteriorException("lambda is " + lambda + " and the reward is exponential of rate " + rate
                        + ": E[e^(lambda r)] is infinite, no posterior exists; lambda must be below the rate");
            }
            return lambda;
        }
    }

    private static double requireFinite(double lambda) {
        if (!Double.isFinite(lambda)) {
            throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite");
        }
        return lambda;
    }
}
