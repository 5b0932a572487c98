package dev.credence.data.rollouts;

import java.util.Locale;

/** The names of sources that draw from π0 e^{λr}/Z. */
final class Tilts {
    /** The source of all such records in a log. */
    static final String SOURCE = "tilt";

    /** What the names of the sources made of it begin with. */
    static final String PREFIX = "tilt λ=";

    private Tilts() {}

    /** The name of the source of one λ, such as {@code tilt λ=2}. */
    static String name(double lambda) {
        boolean whole = lambda == Math.rint(lambda) && Math.abs(lambda) < 1e15;
        return PREFIX + (whole ? String.format(Locale.ROOT, "%.0f", lambda + 0.0) : Double.toString(lambda));
    }
}
