package dev.credence.lab.rollouts;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Says now and then how far a round of draws has come, and how long the rest of it will take at the pace so far. */
final class RoundProgress {
    private static final double EVERY = 30; // seconds between two lines
    private static final double MINUTE = 60;
    private static final double HOUR = 3600;

    private final long wanted;
    private final LongSupplier nanos;
    private final Consumer<String> progress;
    private final long start;
    private double said;
    private long drawn;

    /**
     * A round that begins now.
     *
     * @param wanted texts to draw
     * @param nanos the clock
     * @param progress takes lines
     */
    RoundProgress(long wanted, LongSupplier nanos, Consumer<String> progress) {
        this.wanted = wanted;
        this.nanos = nanos;
        this.progress = progress;
        this.start = nanos.getAsLong();
    }

    /** Takes note of texts that were drawn; of the last ones nothing is said, since the round is over. */
    void drawn(int texts) {
        drawn += texts;
        double seconds = (nanos.getAsLong() - start) / 1e9;
        if (drawn < wanted && seconds - said >= EVERY) {
            said = seconds;
            progress.accept(String.format(
                    Locale.ROOT,
                    "%,d of %,d texts of this round after %s, about %s left",
                    drawn,
                    wanted,
                    span(seconds),
                    span(seconds / drawn * (wanted - drawn))));
        }
    }

    private static String span(double seconds) {
        if (seconds < 2 * MINUTE) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        }
        return seconds < 2 * HOUR
                ? String.format(Locale.ROOT, "%.0f min", seconds / MINUTE)
                : String.format(Locale.ROOT, "%.1f h", seconds / HOUR);
    }
}
