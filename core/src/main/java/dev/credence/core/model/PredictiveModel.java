package dev.credence.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A normalised distribution over token sequences given a prompt, batch first. A prior, a tuned policy, a best-of-n policy
 * with a known pmf and an endpoint are all of this type.
 *
 * <p>The end of a text is an outcome with a probability. A text cut at a horizon has the probability of its tokens alone:
 * all texts up to a horizon, ended or cut, sum to one.
 */
public interface PredictiveModel {
    /** {@return the tokens, and which of them end a text} */
    Vocabulary vocabulary();

    /**
     * The distribution of the next token after each prefix.
     *
     * @param prefixes (n) token ids each, at least one, lengths may differ
     * @return (n, V) nats
     * @throws ContextWindowException if a prefix leaves no room in the context window
     */
    double[][] nextLogProbs(List<int[]> prefixes);

    /**
     * The log-probability of each token of given continuations.
     *
     * @param continuations (n) prompts with the tokens to score
     * @return (n, tokens) nats
     * @throws ContextWindowException if one is longer than the context window
     */
    double[][] logProbs(List<Continuation> continuations);

    /**
     * Draws completions of one prompt.
     *
     * @param prompt token ids, at least one
     * @param n how many
     * @param sampling how: length, temperature, truncation
     * @param random source of randomness; one {@code long} is taken from it whatever n is, and sample i of it is the same
     *     for every n &gt; i
     * @return (n)
     * @throws ContextWindowException if prompt and completion do not fit the context window
     */
    List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random);

    /**
     * Draws completions of several prompts: the same tokens as one prompt after the other, side by side where that is faster.
     *
     * @param prompts token ids, at least one each
     * @param n how many of each
     * @param sampling how: length, temperature, truncation
     * @param random source of randomness; one {@code long} is taken from it for each prompt, in their order
     * @return (prompts, n)
     * @throws ContextWindowException if a prompt and its completion do not fit the context window
     */
    default List<List<Sample>> sample(List<int[]> prompts, int n, Sampling sampling, RandomGenerator random) {
        List<List<Sample>> drawn = new ArrayList<>();
        for (int[] prompt : prompts) {
            drawn.add(sample(prompt, n, sampling, random));
        }
        return drawn;
    }

    /**
     * Sequences behind one prompt that grow a token at a time, whoever chooses the tokens.
     *
     * @param prompt token ids, at least one
     * @param room tokens that a sequence may grow by, at least 1
     * @return one sequence, the prompt itself; the caller closes it
     * @throws ContextWindowException if prompt and room do not fit the context window
     */
    default GrowingSequences sequences(int[] prompt, int room) {
        return new AskedSequences(this, prompt);
    }
}
