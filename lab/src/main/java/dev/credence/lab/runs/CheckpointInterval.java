package dev.credence.lab.runs;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;

/**
 * How often a checkpoint is written: whichever comes first.
 *
 * @param steps between two, or {@link Long#MAX_VALUE}
 * @param seconds between two, or ∞
 */
public record CheckpointInterval(long steps, double seconds) {
    /**
     * Reads one: {@code 50} is steps, {@code 60s} seconds.
     *
     * @param text as the user typed it
     * @return the interval
     * @throws InputException if it is neither
     */
    public static CheckpointInterval parse(String text) {
        try {
            if (text.endsWith("s")) {
                double seconds = NumberText.parse(text.substring(0, text.length() - 1));
                if (seconds > 0 && seconds < Double.POSITIVE_INFINITY) {
                    return new CheckpointInterval(Long.MAX_VALUE, seconds);
                }
            } else {
                long steps = Long.parseLong(text);
                if (steps > 0) {
                    return new CheckpointInterval(steps, Double.POSITIVE_INFINITY);
                }
            }
        } catch (NumberFormatException e) {
            throw refused(text);
        }
        throw refused(text);
    }

    private static InputException refused(String text) {
        return InputException.ofSetting(
                "checkpoint-every", text, "it is a number of steps, such as 50, or of seconds, such as 60s");
    }

    /** {@return as {@link #parse} reads it} */
    @Override
    public String toString() {
        boolean whole = seconds == Math.rint(seconds) && seconds < 1e15;
        return steps < Long.MAX_VALUE ? Long.toString(steps) : (whole ? Long.toString((long) seconds) : seconds) + "s";
    }

    /**
     * Whether one is due.
     *
     * @param step the last that was taken
     * @param sinceLast seconds since the last checkpoint
     * @return whether to write one
     */
    public boolean isDue(long step, double sinceLast) {
        return step % steps == 0 || sinceLast >= seconds;
    }
}
