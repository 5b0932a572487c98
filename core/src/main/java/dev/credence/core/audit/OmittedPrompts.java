package dev.credence.core.audit;

import org.jspecify.annotations.Nullable;

/**
 * That an audit holds a choice of its prompts: those with the largest share of the departure (weight times
 * {@code kl.departure}, estimated), and the weakest (smallest {@code ess.mm}; first of all those without figures). They are in the order of the log.
 *
 * @param all how many prompts were audited
 * @param departing how many are held for their share of the departure
 * @param weakest how many others are held for their weakness
 * @param file where the figures of all prompts are, or null where they were not kept
 */
public record OmittedPrompts(
        int all, int departing, int weakest, @Nullable String file) {
    /** An audit of at most so many prompts holds all of them. */
    public static final int MOST = 1000;

    /**
     * In words, for a reader.
     *
     * @return how many of how many, why these, and where the others are
     */
    public String words() {
        String chosen = weakest == 0
                ? Gates.text("the %,d of %,d prompts that depart furthest (by weight times departure)", departing, all)
                : Gates.text(
                        "%,d of %,d prompts: the %,d with the largest share of the departure and the %,d weakest others"
                                + " (smallest effective sample size)",
                        departing + weakest, all, departing, weakest);
        return chosen + (file == null ? "; the others' figures were not kept" : "; the figures of all are in " + file);
    }
}
