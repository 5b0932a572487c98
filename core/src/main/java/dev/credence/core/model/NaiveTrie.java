package dev.credence.core.model;

import java.util.Arrays;
import java.util.List;

/**
 * The oracle: visits all completions up to a horizon by asking every model anew for every prefix. Obviously right, and as
 * slow as that sounds; every fast enumeration is tested against it.
 */
public final class NaiveTrie {
    private final List<? extends PredictiveModel> models;
    private final Vocabulary vocabulary;

    /**
     * An enumeration under several models at once.
     *
     * @param models at least one, all with the same vocabulary
     * @throws IllegalArgumentException if there is none or vocabularies differ
     */
    public NaiveTrie(List<? extends PredictiveModel> models) {
        this.models = List.copyOf(models);
        this.vocabulary = common(models);
    }

    /**
     * The vocabulary that models have in common.
     *
     * @param models at least one
     * @return theirs
     * @throws IllegalArgumentException if there is none or vocabularies differ
     */
    public static Vocabulary common(List<? extends PredictiveModel> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("models is empty; an enumeration needs at least one");
        }
        Vocabulary first = models.get(0).vocabulary();
        for (PredictiveModel model : models) {
            if (!model.vocabulary().equals(first)) {
                throw new IllegalArgumentException("vocabularies are " + first + " and " + model.vocabulary()
                        + "; models that are enumerated together must have the same");
            }
        }
        return first;
    }

    /**
     * Visits every completion of a prompt.
     *
     * @param prompt token ids, at least one
     * @param horizon at so many tokens a text is cut
     * @param visitor takes them
     * @throws IllegalArgumentException unless the horizon is positive
     */
    public void walk(int[] prompt, int horizon, CompletionVisitor visitor) {
        if (!(horizon > 0)) {
            throw new IllegalArgumentException("horizon is " + horizon + "; it must be at least 1");
        }
        descend(prompt, new int[horizon], 0, new double[models.size()], visitor);
    }

    private void descend(int[] prompt, int[] tokens, int length, double[] logProbs, CompletionVisitor visitor) {
        int[] prefix = Arrays.copyOf(prompt, prompt.length + length);
        System.arraycopy(tokens, 0, prefix, prompt.length, length);
        double[][] next = new double[models.size()][];
        for (int m = 0; m < next.length; m++) {
            next[m] = models.get(m).nextLogProbs(List.of(prefix))[0];
        }
        for (int v = 0; v < vocabulary.size(); v++) {
            double[] extended = new double[next.length];
            for (int m = 0; m < next.length; m++) {
                extended[m] = logProbs[m] + next[m][v];
            }
            if (vocabulary.isEnd(v)) {
                visitor.visit(tokens, length, v, extended);
                continue;
            }
            tokens[length] = v;
            if (length + 1 == tokens.length) {
                visitor.visit(tokens, length + 1, -1, extended);
            } else if (visitor.enters(tokens, length + 1, extended)) {
                descend(prompt, tokens, length + 1, extended, visitor);
            }
        }
    }
}
