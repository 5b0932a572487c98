package dev.credence.methods.training;

/** What a preference method ascends, as a function of the texts' log-ratios ℓ = log π/π0. */
@FunctionalInterface
interface PreferenceLoss {
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
        return pairwise(gap -> beta / (1 + Math.exp(beta * gap)));
    }

    /** IPO: −Σ (ℓ_w − ℓ_l − 1/(2τ))². */
    static PreferenceLoss ipo(double tau) {
        return pairwise(gap -> -2 * (gap - 1 / (2 * tau)));
    }

    /** KTO: Σ σ(β(ℓ_w − z)) + σ(β(z − ℓ_l)), z the KL from the prior, held fixed. */
    static PreferenceLoss kto(double beta) {
        return (pairs, logRatios) -> {
            double z = 0;
            double mass = 0;
            for (int i = 0; i < logRatios.length; i++) {
                double moved = pairs.priorMass()[i] * Math.exp(Math.min(30, logRatios[i]));
                z += moved > 0 ? moved * logRatios[i] : 0;
                mass += moved;
            }
            z = Math.max(0, z / mass);
            double[] slopes = new double[logRatios.length];
            for (int k = 0; k < pairs.weight().length; k++) {
                int good = pairs.preferred()[k];
                int bad = pairs.other()[k];
                slopes[good] += pairs.weight()[k] * beta * bump(beta * (logRatios[good] - z));
                slopes[bad] -= pairs.weight()[k] * beta * bump(beta * (z - logRatios[bad]));
            }
            return slopes;
        };
    }

    /** σ′. */
    private static double bump(double x) {
        double s = 1 / (1 + Math.exp(-x));
        return s * (1 - s);
    }

    /** The derivative of a pair's term by its gap. */
    @FunctionalInterface
    interface GapSlope {
        double at(double gap);
    }

    private static PreferenceLoss pairwise(GapSlope slope) {
        return (pairs, logRatios) -> {
            double[] slopes = new double[logRatios.length];
            for (int k = 0; k < pairs.weight().length; k++) {
                int good = pairs.preferred()[k];
                int bad = pairs.other()[k];
                double pull = pairs.weight()[k] * slope.at(logRatios[good] - logRatios[bad]);
                slopes[good] += pull;
                slopes[bad] -= pull;
            }
            return slopes;
        };
    }
}
