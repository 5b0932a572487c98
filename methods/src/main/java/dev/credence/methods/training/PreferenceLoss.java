package dev.credence.methods.training;

import java.util.function.DoubleUnaryOperator;

/** What a preference method ascends, as a function of the texts' log-ratios ℓ = log π/π0. */
interface PreferenceLoss {
    /**
     * Its value.
     *
     * @param pairs the preferences
     * @param logRatios (n) ℓ, nats
     * @return mean over pairs
     */
    double value(Pairs pairs, double[] logRatios);

    /**
     * Its derivative by each text's log-ratio.
     *
     * @param pairs the preferences
     * @param logRatios (n) ℓ, nats
     * @return (n)
     */
    double[] slopes(Pairs pairs, double[] logRatios);

    /** DPO: Σ log σ(β(ℓ_w − ℓ_l)). */
    static PreferenceLoss dpo(double beta) {
        return new Pairwise(gap -> logSigmoid(beta * gap), gap -> beta / (1 + Math.exp(beta * gap)));
    }

    /** IPO: −Σ (ℓ_w − ℓ_l − 1/(2τ))². */
    static PreferenceLoss ipo(double tau) {
        double margin = 1 / (2 * tau);
        return new Pairwise(gap -> -(gap - margin) * (gap - margin), gap -> -2 * (gap - margin));
    }

    /** KTO: Σ σ(β(ℓ_w − z)) + σ(β(z − ℓ_l)), z the KL from the prior, held fixed. */
    static PreferenceLoss kto(double beta) {
        return new Kto(beta);
    }

    private static double logSigmoid(double x) {
        return x > 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
    }

    /**
     * A sum over pairs of a function of ℓ_w − ℓ_l.
     *
     * @param term of a gap
     * @param slope its derivative
     */
    record Pairwise(DoubleUnaryOperator term, DoubleUnaryOperator slope) implements PreferenceLoss {
        @Override
        public double value(Pairs pairs, double[] logRatios) {
            double sum = 0;
            for (int k = 0; k < pairs.weight().length; k++) {
                sum += pairs.weight()[k] * term.applyAsDouble(gap(pairs, logRatios, k));
            }
            return sum;
        }

        @Override
        public double[] slopes(Pairs pairs, double[] logRatios) {
            double[] slopes = new double[logRatios.length];
            for (int k = 0; k < pairs.weight().length; k++) {
                double pull = pairs.weight()[k] * slope.applyAsDouble(gap(pairs, logRatios, k));
                slopes[pairs.preferred()[k]] += pull;
                slopes[pairs.other()[k]] -= pull;
            }
            return slopes;
        }

        private static double gap(Pairs pairs, double[] logRatios, int k) {
            return logRatios[pairs.preferred()[k]] - logRatios[pairs.other()[k]];
        }
    }

    /**
     * KTO's sum.
     *
     * @param beta its β
     */
    record Kto(double beta) implements PreferenceLoss {
        @Override
        public double value(Pairs pairs, double[] logRatios) {
            double z = reference(pairs, logRatios);
            double sum = 0;
            for (int k = 0; k < pairs.weight().length; k++) {
                sum += pairs.weight()[k]
                        * (sigmoid(beta * (logRatios[pairs.preferred()[k]] - z))
                                + sigmoid(beta * (z - logRatios[pairs.other()[k]])));
            }
            return sum;
        }

        @Override
        public double[] slopes(Pairs pairs, double[] logRatios) {
            double z = reference(pairs, logRatios);
            double[] slopes = new double[logRatios.length];
            for (int k = 0; k < pairs.weight().length; k++) {
                int good = pairs.preferred()[k];
                int bad = pairs.other()[k];
                slopes[good] += pairs.weight()[k] * beta * bump(beta * (logRatios[good] - z));
                slopes[bad] -= pairs.weight()[k] * beta * bump(beta * (z - logRatios[bad]));
            }
            return slopes;
        }

        /** The KL from the prior, as the pairs' texts tell it. */
        private static double reference(Pairs pairs, double[] logRatios) {
            double z = 0;
            double mass = 0;
            for (int i = 0; i < logRatios.length; i++) {
                double moved = pairs.priorMass()[i] * Math.exp(Math.min(30, logRatios[i]));
                z += moved > 0 ? moved * logRatios[i] : 0;
                mass += moved;
            }
            return Math.max(0, z / mass);
        }

        private static double sigmoid(double x) {
            return 1 / (1 + Math.exp(-x));
        }

        private static double bump(double x) {
            double s = sigmoid(x);
            return s * (1 - s);
        }
    }
}
