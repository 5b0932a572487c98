package dev.credence.core.audit;

import java.util.Arrays;

/**
 * Where the influence on a figure is found.
 *
 * @param fitted whether {@link Influence} writes it, rather than {@link PromptInfluence}
 * @param index its column there
 * @param factor it is so many times that column; a prompt's own also takes the prompt's weight
 */
record InfluenceColumn(boolean fitted, int index, double factor) {
    /** A multiple of a prompt's own influence on a figure. */
    static InfluenceColumn ofPrompt(Figure figure, double factor) {
        return new InfluenceColumn(false, Arrays.asList(PromptInfluence.FIGURES).indexOf(figure), factor);
    }
}
