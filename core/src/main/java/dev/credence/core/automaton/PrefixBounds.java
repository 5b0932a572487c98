package dev.credence.core.automaton;

/** A number of complete texts, bounded by their first tokens. Any number of threads may ask. */
@FunctionalInterface
public interface PrefixBounds {
    /**
     * What is known of all texts that begin with these tokens and go on.
     *
     * @param tokens array that begins with the prefix; not to be kept
     * @param length its length, below the horizon
     * @return bounds that hold for each of them
     */
    ValueBounds of(int[] tokens, int length);
}
