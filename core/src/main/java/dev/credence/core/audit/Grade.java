package dev.credence.core.audit;

/** How a figure is known. */
public enum Grade {
    /** Computed from complete distributions, to rounding. */
    EXACT,
    /** Between two certified bounds. */
    BOUNDED,
    /** From samples, with a confidence interval. */
    ESTIMATED,
    /** Not to be used: a gate failed or a source is missing; the reason says which. */
    WITHDRAWN
}
