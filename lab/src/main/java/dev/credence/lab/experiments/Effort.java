package dev.credence.lab.experiments;

/**
 * How much of an experiment is run.
 *
 * @param size of grids and trainings
 * @param transformer whether it is run on a language model besides tables
 */
public record Effort(Size size, boolean transformer) {
    /** How much. */
    public enum Size {
        /** Enough to see the effect, seconds. */
        QUICK,
        /** What the documents show. */
        STANDARD,
        /** Everything. */
        FULL
    }

    /** {@return the standard size, on tables} */
    public static Effort standard() {
        return new Effort(Size.STANDARD, false);
    }
}
