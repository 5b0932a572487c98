package dev.credence.core.training;

/** The learning rate by step. */
@FunctionalInterface
public interface LearningRate {
    /**
     * The rate of one step.
     *
     * @param step 0 for the first
     * @return at least 0
     */
    double at(long step);

    /**
     * The same at every step.
     *
     * @param rate at least 0
     * @return the schedule
     */
    static LearningRate constant(double rate) {
        return step -> rate;
    }

    /**
     * Linear warm-up, then half a cosine down to a share of the peak.
     *
     * @param peak highest rate
     * @param warmup steps that rise to it: step s has peak·(s+1)/warmup
     * @param steps in all; later ones stay at the end
     * @param last share of the peak at the end, in [0, 1]
     * @return the schedule
     */
    static LearningRate cosine(double peak, long warmup, long steps, double last) {
        return step -> {
            if (step < warmup) {
                return peak * (step + 1) / warmup;
            }
            double done = Math.min(1, (double) (step - warmup) / Math.max(1, steps - warmup));
            return peak * (last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * done)));
        };
    }
}
