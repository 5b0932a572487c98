package dev.credence.core.model;

import dev.credence.core.evidence.TokenEvidence;
import java.util.Arrays;
import java.util.List;

/**
 * All completions of a prompt as columns: log-probabilities under each model and a log-likelihood, for the exact figures
 * of spaces small enough to keep.
 *
 * @param logProbs (models, completions) nats
 * @param logLikelihood (completions) nats
 * @param lengths (completions) tokens, the end counted
 */
public record CompletionColumns(double[][] logProbs, double[] logLikelihood, int[] lengths) {
    /**
     * A visitor that keeps every completion.
     *
     * @param evidence whose log-likelihood is kept beside
     * @param models how many
     * @return a fresh visitor
     */
    public static Collector collector(TokenEvidence evidence, int models) {
        return new Collector(evidence, models);
    }

    /**
     * The columns of visitors that together saw the whole trie, one after the other.
     *
     * @param parts at least one
     * @return their completions
     */
    public static CompletionColumns of(List<Collector> parts) {
        int models = parts.get(0).logProbs.length;
        long total = parts.stream().mapToLong(part -> part.size).sum();
        int size = Math.toIntExact(total);
        double[][] logProbs = new double[models][size];
        double[] logLikelihood = new double[size];
        int[] lengths = new int[size];
        int at = 0;
        for (Collector part : parts) {
            for (int m = 0; m < models; m++) {
                System.arraycopy(part.logProbs[m], 0, logProbs[m], at, part.size);
            }
            System.arraycopy(part.logLikelihood, 0, logLikelihood, at, part.size);
            System.arraycopy(part.lengths, 0, lengths, at, part.size);
            at += part.size;
        }
        return new CompletionColumns(logProbs, logLikelihood, lengths);
    }

    /** {@return the number of completions} */
    public int size() {
        return logLikelihood.length;
    }

    /** Keeps one part of the trie. */
    public static final class Collector implements CompletionVisitor {
        private final TokenEvidence evidence;
        private final double[][] logProbs;
        private double[] logLikelihood = new double[1024];
        private int[] lengths = new int[1024];
        private int size;

        private Collector(TokenEvidence evidence, int models) {
            this.evidence = evidence;
            this.logProbs = new double[models][1024];
        }

        @Override
        public boolean enters(int[] tokens, int length, double[] logs) {
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logs) {
            if (size == logLikelihood.length) {
                int more = Math.multiplyExact(size, 2);
                logLikelihood = Arrays.copyOf(logLikelihood, more);
                lengths = Arrays.copyOf(lengths, more);
                Arrays.setAll(logProbs, m -> Arrays.copyOf(logProbs[m], more));
            }
            for (int m = 0; m < logProbs.length; m++) {
                logProbs[m][size] = logs[m];
            }
            logLikelihood[size] = evidence.logLikelihood(tokens, length, end >= 0);
            lengths[size++] = length + (end >= 0 ? 1 : 0);
        }
    }
}
