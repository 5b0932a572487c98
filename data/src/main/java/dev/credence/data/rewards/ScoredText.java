package dev.credence.data.rewards;

/** A text to be scored, with what its record says of it. */
public interface ScoredText {
    /** {@return the prompt} */
    String prompt();

    /** {@return the completion} */
    String completion();

    /**
     * The length in tokens.
     *
     * @return tokens of the completion, its end included
     * @throws java.util.NoSuchElementException if the record does not say, with the rule as message
     */
    int tokens();

    /**
     * A number of the record.
     *
     * @param name a named reward, or the place of another number
     * @return its value
     * @throws java.util.NoSuchElementException if the record has none, with the rule as message
     */
    double field(String name);
}
