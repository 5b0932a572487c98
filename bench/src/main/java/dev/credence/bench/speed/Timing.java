package dev.credence.bench.speed;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * How long something took.
 *
 * @param wall seconds on the clock
 * @param processor seconds of processor time of the whole process, garbage collection and compilation included; NaN where
 *     another process did the work
 */
record Timing(double wall, double processor) {
    /**
     * A result and the time it took.
     *
     * @param <T> what was made
     * @param result what was made
     * @param timing how long it took
     */
    record Timed<T>(T result, Timing timing) {}

    static <T> Timed<T> of(Supplier<T> work) {
        double processor = processorSeconds();
        long began = System.nanoTime();
        T result = work.get();
        double wall = (System.nanoTime() - began) / 1e9;
        return new Timed<>(result, new Timing(wall, processorSeconds() - processor));
    }

    private static double processorSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean bean
                ? bean.getProcessCpuTime() / 1e9
                : Double.NaN;
    }

    Timing plus(Timing other) {
        return new Timing(wall + other.wall, processor + other.processor);
    }

    /** The median of clock and of processor time, each for itself. */
    static Timing median(List<Timing> timings) {
        return new Timing(median(timings, Timing::wall), median(timings, Timing::processor));
    }

    private static double median(List<Timing> timings, ToDoubleFunction<Timing> seconds) {
        return median(timings.stream().mapToDouble(seconds).toArray());
    }

    /** The middle one of some numbers, or the mean of the middle two. */
    static double median(double[] numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        return 0.5 * (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]);
    }
}
