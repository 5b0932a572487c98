package dev.credence.core.audit;

import java.util.List;

/**
 * One precondition of the audit and whether it holds.
 *
 * @param id {@code support}, {@code ess}, {@code khat}, …
 * @param status outcome
 * @param figure the number it was decided on (NaN where there is none)
 * @param reason what was found and what would mend it
 * @param withdraws ids of the findings that it withdrew
 */
public record Gate(String id, Status status, double figure, String reason, List<String> withdraws) {
    /** The outcome of a gate. */
    public enum Status {
        /** Holds. */
        PASS,
        /** Holds barely, or qualifies what is said. */
        WARN,
        /** Does not hold: the figures that depend on it are withdrawn. */
        FAIL
    }

    /**
     * Copies the list.
     *
     * @param id name
     * @param status outcome
     * @param figure the number it was decided on
     * @param reason what was found
     * @param withdraws ids of findings
     */
    public Gate {
        withdraws = List.copyOf(withdraws);
    }
}
