package dev.credence.lab.experiments;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress with time left, in lines that are not more frequent than a person reads. */
final class Remaining {
    private static final double EVERY = 3; // seconds

    private final double total;
    private final Consumer<String> report;
    private final LongSupplier clock;
    private final long began;
    private double done;
    private double last = -EVERY;

    /**
     * Begins now.
     *
     * @param total work, in any unit
     * @param report takes a line
     * @param clock nanoseconds
     */
    Remaining(double total, Consumer<String> report, LongSupplier clock) {
        this.total = total;
        this.report = report;
        this.clock = clock;
        this.began = clock.getAsLong();
    }

    /** Some of the work is done. */
    void did(double work, String what) {
        done += work;
        double now = (clock.getAsLong() - began) / 1e9;
        if (now - last >= EVERY || done >= total) {
            last = now;
            double left = now / done * (total - done);
            report.accept(String.format(Locale.ROOT, "%s: %.0f %% done, %.0f s left", what, 100 * done / total, left));
        }
    }
}
