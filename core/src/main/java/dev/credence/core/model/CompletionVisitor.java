package dev.credence.core.model;

/** Takes the completions of one prompt as their trie is walked. A visitor sees one part of the trie, on one thread. */
public interface CompletionVisitor {
    /**
     * Whether the completions that begin with a prefix are wanted. Asked once of each prefix that does not end, before it
     * is computed; what is not entered is not visited.
     *
     * @param tokens array that begins with the prefix; not to be kept
     * @param length its length, at least 1
     * @param logProbs (models) log-probability of the prefix under each model, nats; not to be kept
     * @return whether to go on
     */
    boolean enters(int[] tokens, int length, double[] logProbs);

    /**
     * Takes a complete completion.
     *
     * @param tokens array that begins with its tokens, the end token not among them; not to be kept
     * @param length how many they are
     * @param end the end token, or −1 where the text was cut at the horizon
     * @param logProbs (models) its log-probability under each model, nats; not to be kept
     */
    void visit(int[] tokens, int length, int end, double[] logProbs);
}
