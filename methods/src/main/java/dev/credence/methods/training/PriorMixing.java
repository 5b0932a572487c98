package dev.credence.methods.training;

/** The fixed point of filtered self-imitation with a share s of the prior's texts: π = s·π0 / (1 − (1 − s)·a/ā) (docs/theory.md#expert-iteration). */
final class PriorMixing {
    private static final int STEPS = 200;

    private PriorMixing() {}

    /** (outcomes), normalised; ā solves Σ π = 1, and is then E_π a. */
    static double[] fixedPoint(double[] prior, double[] acceptance, double share) {
        double most = 0;
        for (int i = 0; i < prior.length; i++) {
            most = prior[i] > 0 ? Math.max(most, acceptance[i]) : most;
        }
        double low = (1 - share) * most; // there the best text's weight is infinite
        double high = most; // there no weight exceeds its prior mass
        for (int step = 0; step < STEPS && high - low > Math.ulp(high); step++) {
            double mean = low + (high - low) / 2;
            if (sum(prior, acceptance, share, mean) > 1) {
                low = mean;
            } else {
                high = mean;
            }
        }
        double[] policy = new double[prior.length];
        for (int i = 0; i < policy.length; i++) {
            policy[i] = weight(prior[i], acceptance[i], share, high);
        }
        return policy;
    }

    private static double sum(double[] prior, double[] acceptance, double share, double mean) {
        double sum = 0;
        for (int i = 0; i < prior.length; i++) {
            sum += weight(prior[i], acceptance[i], share, mean);
        }
        return sum;
    }

    private static double weight(double prior, double acceptance, double share, double mean) {
        return prior > 0 && mean > 0 ? share * prior / (1 - (1 - share) * acceptance / mean) : 0;
    }
}
