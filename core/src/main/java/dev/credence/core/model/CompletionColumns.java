package dev.credence.core.model;

import dev.credence.core.evidence.TokenEvidence;
import java.util.Arrays;
import java.util.List;

/**
 * All completions of a prompt as columns: log-probabilities under each model and what else is asked of each, for the exact
 * figures of spaces small enough to keep.
 *
 * @param logProbs (models, completions) nats
 * @param values (questions, completions) such as log-likelihoods and rewards
 * @param lengths (completions) tokens, the end counted
 */
public record CompletionColumns(double[][] logProbs, double[][] values, int[] lengths) {
    /**
     * A visitor that keeps every completion.
     *
     * @param evidence whose log-likelihood is kept beside, the only value
     * @param models how many
     * @return a fresh visitor
     */
    public static Collector collector(TokenEvidence evidence, int models) {
        return new Collector(evidence, models);
    }

    /**
     * The columns of parts that together have the whole trie, one after the other.
     *
     * @param parts at least one
     * @return their completions
     */
    public static CompletionColumns of(List<? extends Part> parts) {
        Part first = parts.get(0);
        long total = 0;
        for (Part part : parts) {
            total += part.size;
        }
        int size = Math.toIntExact(total);
        CompletionColumns all = new CompletionColumns(
                new double[first.logProbs.length][size], new double[first.values.length][size], new int[size]);
        int at = 0;
        for (Part part : parts) {
            for (int m = 0; m < all.logProbs.length; m++) {
                System.arraycopy(part.logProbs[m], 0, all.logProbs[m], at, part.size);
            }
            for (int k = 0; k < all.values.length; k++) {
                System.arraycopy(part.values[k], 0, all.values[k], at, part.size);
            }
            System.arraycopy(part.lengths, 0, all.lengths, at, part.size);
            at += part.size;
        }
        return all;
    }

    /** {@return (completions) the first value, the log-likelihood where a {@link Collector} asked for it, nats} */
    public double[] logLikelihood() {
        return values[0];
    }

    /** {@return the number of completions} */
    public int size() {
        return lengths.length;
    }

    /** The completions of one part of the trie, as many as come. */
    public static class Part {
        private static final int FIRST = 1024;

        private final double[][] logProbs;
        private final double[][] values;
        private int[] lengths = new int[FIRST];
        private int size;

        /**
         * No completions yet.
         *
         * @param models how many have a log-probability
         * @param questions how many values each completion has
         */
        public Part(int models, int questions) {
            this.logProbs = new double[models][FIRST];
            this.values = new double[questions][FIRST];
        }

        /**
         * Keeps a completion.
         *
         * @param logs (models) its log-probabilities, nats
         * @param length its tokens, the end counted
         * @param answers (questions) its values
         */
        public final void add(double[] logs, int length, double... answers) {
            if (size == lengths.length) {
                int more = Math.multiplyExact(size, 2);
                Arrays.setAll(logProbs, m -> Arrays.copyOf(logProbs[m], more));
                Arrays.setAll(values, k -> Arrays.copyOf(values[k], more));
                lengths = Arrays.copyOf(lengths, more);
            }
            for (int m = 0; m < logProbs.length; m++) {
                logProbs[m][size] = logs[m];
            }
            for (int k = 0; k < values.length; k++) {
                values[k][size] = answers[k];
            }
            lengths[size++] = length;
        }
    }

    /** Keeps one part of the trie as it is walked, with the log-likelihood of evidence. */
    public static final class Collector extends Part implements CompletionVisitor {
        private final TokenEvidence evidence;

        private Collector(TokenEvidence evidence, int models) {
            super(models, 1);
            this.evidence = evidence;
        }

        @Override
        public boolean enters(int[] tokens, int length, double[] logs) {
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logs) {
            boolean finished = end >= 0;
            add(logs, length + (finished ? 1 : 0), evidence.logLikelihood(tokens, length, finished));
        }
    }
}
