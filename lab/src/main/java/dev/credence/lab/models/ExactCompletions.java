package dev.credence.lab.models;

import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.CompletionColumns;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.TextTokenizer;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.CompletionTrie;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All completions of one prompt up to a horizon, under one or two models: log-probabilities and rewards as columns, and the
 * tokens where they are wanted.
 */
public final class ExactCompletions {
    private static final int TEXT_BYTES = 100; // of a text that is kept

    private final int models;
    private final List<RewardExpression> rewards;
    private final TextTokenizer tokenizer;
    private final List<Evidence> evidence;
    private final @Nullable TextTokens tokens; // where there is evidence
    private final boolean keepsIds;

    /**
     * An enumeration.
     *
     * @param models how many models
     * @param rewards computed of each completion's text
     * @param tokenizer gives the text
     */
    public ExactCompletions(int models, List<RewardExpression> rewards, TextTokenizer tokenizer) {
        this(models, rewards, tokenizer, List.of(), null, false);
    }

    private ExactCompletions(
            int models,
            List<RewardExpression> rewards,
            TextTokenizer tokenizer,
            List<Evidence> evidence,
            @Nullable TextTokens tokens,
            boolean keepsIds) {
        this.models = models;
        this.rewards = List.copyOf(rewards);
        this.tokenizer = tokenizer;
        this.evidence = List.copyOf(evidence);
        this.tokens = tokens;
        this.keepsIds = keepsIds;
    }

    /**
     * The same, with evidence asked of each completion as well.
     *
     * @param more the evidence
     * @param texts how tokens make texts
     * @return another enumeration
     */
    public ExactCompletions asking(List<Evidence> more, TextTokens texts) {
        return new ExactCompletions(models, rewards, tokenizer, more, texts, keepsIds);
    }

    /** {@return the same, with the tokens of each completion kept} */
    public ExactCompletions keepingIds() {
        return new ExactCompletions(models, rewards, tokenizer, evidence, tokens, true);
    }

    /**
     * The columns.
     *
     * @param logProbs (models, completions) nats
     * @param rewards (rewards, completions)
     * @param logLikelihoods (pieces of evidence, completions) nats
     * @param tokens (completions) lengths, the end counted
     * @param texts (completions) of one model's enumeration, whose outcomes are shown; else none
     * @param ids (completions) tokens, the end among them, where they are kept; else none
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Columns(
            double[][] logProbs,
            double[][] rewards,
            double[][] logLikelihoods,
            int[] tokens,
            List<String> texts,
            List<int[]> ids) {
        /** {@return how many completions there are} */
        public int size() {
            return logProbs[0].length;
        }

        /** What is left where a table has the probabilities and the texts. */
        Columns withoutProbabilities() {
            return new Columns(new double[0][], rewards, logLikelihoods, new int[0], List.of(), List.of());
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
     * How many completions there are, cut ones included.
     *
     * @param vocabulary the model's tokens
     * @param horizon at so many tokens a text is cut
     * @return their number, possibly infinite
     */
    static double count(Vocabulary vocabulary, int horizon) {
        double others = vocabulary.size() - vocabulary.ends().size();
        double prefixes = 1;
        double total = 0;
        for (int length = 0; length < horizon && total < Double.POSITIVE_INFINITY; length++) {
            total += prefixes * vocabulary.ends().size();
            prefixes *= others;
        }
        return total + prefixes;
    }

    /**
     * Refuses what would not fit in memory, before the first completion is looked at.
     *
     * @param vocabulary the models' tokens
     * @param horizon at so many tokens a text is cut
     * @param prompts how many are held at once
     * @throws InputException with the number of completions and the memory that they take
     */
    public void check(Vocabulary vocabulary, int horizon, int prompts) {
        double completions = count(vocabulary, horizon);
        int numbers = models + rewards.size() + evidence.size() + 1;
        double bytes =
                completions * prompts * (2.0 * Double.BYTES * numbers + (models == 1 || keepsIds ? TEXT_BYTES : 0));
        double there = Runtime.getRuntime().maxMemory();
        if (bytes > there) {
            throw InputException.ofSetting(
                    "horizon",
                    Integer.toString(horizon),
                    String.format(
                            Locale.ROOT,
                            "there are %s completions of a prompt, and to list them takes %.3g GB of %.3g: choose a shorter one,"
                                    + " or draw texts instead",
                            FigureFormat.inWords(completions),
                            bytes / 1e9,
                            there / 1e9));
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
        check(transformers.get(0).vocabulary(), horizon, 1);
        List<TokenEvidence> asked = evidence.stream()
                .map(one -> one.on(Objects.requireNonNull(tokens), prompt))
                .toList();
        List<Collector> parts = new CompletionTrie(transformers).walk(ids, horizon, () -> new Collector(prompt, asked));
        CompletionColumns all = CompletionColumns.of(parts);
        int own = rewards.size();
        return new Columns(
                all.logProbs(),
                together(prompt, Arrays.copyOf(all.values(), own), parts),
                Arrays.copyOfRange(all.values(), own, own + asked.size()),
                all.lengths(),
                texts(parts),
                parts.stream().flatMap(part -> part.kept.stream()).toList());
    }

    private List<String> texts(List<Collector> parts) {
        return models == 1 ? collected(parts) : List.of();
    }

    private static List<String> collected(List<Collector> parts) {
        List<String> texts = new ArrayList<>();
        parts.forEach(part -> texts.addAll(part.texts));
        return texts;
    }

    /** Fills in the rewards that are computed of all texts at once. */
    private double[][] together(String prompt, double[][] values, List<Collector> parts) {
        for (int k = 0; k < rewards.size(); k++) {
            if (rewards.get(k).isTogether()) {
                values[k] = rewards.get(k).rewards(prompt, collected(parts));
            }
        }
        return values;
    }

    /** Keeps one part of the trie; texts only of one model's enumeration, whose outcomes are shown. */
    private final class Collector extends CompletionColumns.Part implements CompletionVisitor {
        private final String prompt;
        private final List<TokenEvidence> asked;
        private final List<String> texts = new ArrayList<>();
        private final List<int[]> kept = new ArrayList<>();
        private final double[] answers; // rewards, then log-likelihoods
        private final boolean keepsTexts; // for rewards of all texts at once

        Collector(String prompt, List<TokenEvidence> asked) {
            super(models, rewards.size() + asked.size());
            this.prompt = prompt;
            this.asked = asked;
            this.answers = new double[rewards.size() + asked.size()];
            this.keepsTexts = rewards.stream().anyMatch(RewardExpression::isTogether);
        }

        @Override
        public boolean enters(int[] prefix, int length, double[] logs) {
            return true;
        }

        @Override
        public void visit(int[] ids, int length, int end, double[] logs) {
            boolean finished = end >= 0;
            int tokenCount = length + (finished ? 1 : 0);
            String text = tokenizer.decode(ids, length);
            for (int k = 0; k < rewards.size(); k++) {
                RewardExpression reward = rewards.get(k);
                answers[k] = reward.isTogether() ? 0 : reward.reward(prompt, text, tokenCount);
            }
            for (int e = 0; e < asked.size(); e++) {
                answers[rewards.size() + e] = asked.get(e).logLikelihood(ids, length, finished);
            }
            if (models == 1 || keepsTexts) {
                texts.add(text);
            }
            if (keepsIds) {
                int[] whole = Arrays.copyOf(ids, tokenCount);
                if (finished) {
                    whole[length] = end;
                }
                kept.add(whole);
            }
            add(logs, tokenCount, answers);
        }
    }
}
