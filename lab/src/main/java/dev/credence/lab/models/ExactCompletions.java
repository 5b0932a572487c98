package dev.credence.lab.models;

import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.TextTokenizer;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.CompletionTrie;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All completions of one prompt up to a horizon, under one or two models: log-probabilities and rewards as columns, and the
 * tokens where they are wanted.
 */
public final class ExactCompletions {
    private final int models;
    private final List<RewardExpression> rewards;
    private final TextTokenizer tokenizer;
    private final List<Evidence> evidence;
    private final @Nullable TextTokens tokens; // where there is evidence

    /**
     * An enumeration.
     *
     * @param models how many models
     * @param rewards computed of each completion's text
     * @param tokenizer gives the text
     */
    public ExactCompletions(int models, List<RewardExpression> rewards, TextTokenizer tokenizer) {
        this(models, rewards, tokenizer, List.of(), null);
    }

    private ExactCompletions(
            int models,
            List<RewardExpression> rewards,
            TextTokenizer tokenizer,
            List<Evidence> evidence,
            @Nullable TextTokens tokens) {
        this.models = models;
        this.rewards = List.copyOf(rewards);
        this.tokenizer = tokenizer;
        this.evidence = List.copyOf(evidence);
        this.tokens = tokens;
    }

    /**
     * The same, with evidence asked of each completion as well.
     *
     * @param more the evidence
     * @param texts how tokens make texts
     * @return another enumeration
     */
    public ExactCompletions asking(List<Evidence> more, TextTokens texts) {
        return new ExactCompletions(models, rewards, tokenizer, more, texts);
    }

    /**
     * The columns.
     *
     * @param logProbs (models, completions) nats
     * @param rewards (rewards, completions)
     * @param logLikelihoods (pieces of evidence, completions) nats
     * @param tokens (completions) lengths, the end counted
     * @param texts (completions) of one model's enumeration, whose outcomes are shown; else none
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Columns(
            double[][] logProbs, double[][] rewards, double[][] logLikelihoods, int[] tokens, List<String> texts) {
        /** {@return how many completions there are} */
        public int size() {
            return logProbs[0].length;
        }

        /** What is left where a table has the probabilities and the texts. */
        Columns withoutProbabilities() {
            return new Columns(new double[0][], rewards, logLikelihoods, new int[0], List.of());
        }

        /**
         * As the audit reads it, the first model the prior, the second the policy.
         *
         * @param prompt its text
         * @param weight its share
         * @return the same columns
         */
        public ExactPrompt audited(String prompt, double weight) {
            return new ExactPrompt(prompt, weight, logProbs[0], logProbs[1], rewards, tokens);
        }
    }

    /**
     * Enumerates.
     *
     * @param transformers as many as announced
     * @param prompt its text
     * @param ids its tokens
     * @param horizon at so many tokens a text is cut
     * @return all completions
     * @throws InputException if a reward is not finite
     */
    public Columns of(List<Transformer> transformers, String prompt, int[] ids, int horizon) {
        List<TokenEvidence> asked = evidence.stream()
                .map(one -> one.on(Objects.requireNonNull(tokens), prompt))
                .toList();
        List<Collector> parts = new CompletionTrie(transformers).walk(ids, horizon, () -> new Collector(prompt, asked));
        int size = Math.toIntExact(parts.stream().mapToLong(part -> part.size).sum());
        double[][] logProbs = new double[models][size];
        double[][] values = new double[rewards.size()][size];
        double[][] logLikelihoods = new double[evidence.size()][size];
        int[] lengths = new int[size];
        int at = 0;
        for (Collector part : parts) {
            System.arraycopy(part.lengths, 0, lengths, at, part.size);
            for (int m = 0; m < models; m++) {
                System.arraycopy(part.logProbs[m], 0, logProbs[m], at, part.size);
            }
            for (int k = 0; k < values.length; k++) {
                System.arraycopy(part.values[k], 0, values[k], at, part.size);
            }
            for (int e = 0; e < logLikelihoods.length; e++) {
                System.arraycopy(part.logLikelihoods[e], 0, logLikelihoods[e], at, part.size);
            }
            at += part.size;
        }
        return new Columns(logProbs, values, logLikelihoods, lengths, texts(parts));
    }

    private static List<String> texts(List<Collector> parts) {
        List<String> texts = new ArrayList<>();
        parts.forEach(part -> texts.addAll(part.texts));
        return texts;
    }

    /** Keeps one part of the trie; texts only of one model's enumeration, whose outcomes are shown. */
    private final class Collector implements CompletionVisitor {
        private final String prompt;
        private final double[][] logProbs = new double[models][1024];
        private final List<TokenEvidence> asked;
        private final double[][] values = new double[rewards.size()][1024];
        private final double[][] logLikelihoods = new double[evidence.size()][1024];
        private final List<String> texts = new ArrayList<>();
        private int[] lengths = new int[1024];
        private int size;

        Collector(String prompt, List<TokenEvidence> asked) {
            this.prompt = prompt;
            this.asked = asked;
        }

        @Override
        public boolean enters(int[] prefix, int length, double[] logs) {
            return true;
        }

        @Override
        public void visit(int[] ids, int length, int end, double[] logs) {
            if (size == logProbs[0].length) {
                int more = Math.multiplyExact(size, 2);
                Arrays.setAll(logProbs, m -> Arrays.copyOf(logProbs[m], more));
                Arrays.setAll(values, k -> Arrays.copyOf(values[k], more));
                Arrays.setAll(logLikelihoods, e -> Arrays.copyOf(logLikelihoods[e], more));
                lengths = Arrays.copyOf(lengths, more);
            }
            int tokens = length + (end >= 0 ? 1 : 0);
            String text = tokenizer.decode(ids, length);
            for (int m = 0; m < models; m++) {
                logProbs[m][size] = logs[m];
            }
            for (int k = 0; k < values.length; k++) {
                values[k][size] = rewards.get(k).reward(prompt, text, tokens);
            }
            for (int e = 0; e < logLikelihoods.length; e++) {
                logLikelihoods[e][size] = asked.get(e).logLikelihood(ids, length, end >= 0);
            }
            if (models == 1) {
                texts.add(text);
            }
            lengths[size++] = tokens;
        }
    }
}
