package dev.credence.core.diagnostics;

/**
 * Mean and variance of a stream of draws in constant memory (Welford 1962; merging by Chan, Golub and LeVeque 1983).
 */
public final class RunningMean {
    private long count;
    private double mean;
    private double squares; // sum of squared distances from the mean

    /** Nothing seen yet. */
    public RunningMean() {}

    /**
     * Takes in one draw.
     *
     * @param value the draw
     */
    public void add(double value) {
        count++;
        double distance = value - mean;
        mean += distance / count;
        squares += distance * (value - mean);
    }

    /**
     * Takes in all that another has seen.
     *
     * @param other left as it is
     */
    public void add(RunningMean other) {
        if (other.count == 0) {
            return;
        }
        long both = count + other.count;
        double distance = other.mean - mean;
        squares += other.squares + distance * distance * count / both * other.count;
        mean += distance * other.count / both;
        count = both;
    }

    /** {@return mean, variance and number of what was seen so far} */
    public SampleMean result() {
        return new SampleMean(count == 0 ? Double.NaN : mean, count < 2 ? Double.NaN : squares / (count - 1), count);
    }
}
