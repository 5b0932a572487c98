package dev.credence.app.view;

/** How much is printed. */
public enum Detail {
    /** What a reader needs to judge the policy. */
    BRIEF,
    /** Every figure, with the question it answers, and every prompt. */
    FULL
}
