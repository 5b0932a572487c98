package dev.credence.core.model;

import dev.credence.core.probability.LogSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Finitely many token sequences with their probabilities, as a predictive model: the next token's distribution after a prefix is
 * that of the texts that begin with it. What a model trained on draws of these texts tends to, and so what it is measured against.
 *
 * <p>After a prefix that no text has there is no next token, and asking for one is refused.
 */
public final class KnownTexts implements PredictiveModel {
    private final Vocabulary vocabulary;
    private final Node root;

    /** Texts that go on from here. */
    private static final class Node {
        private final Map<Integer, Node> next = new HashMap<>();
        private final LogSum mass = new LogSum();
    }

    private KnownTexts(Vocabulary vocabulary, Node root) {
        this.vocabulary = vocabulary;
        this.root = root;
    }

    /**
     * The model of some texts.
     *
     * @param vocabulary the tokens
     * @param texts (n) token ids, what is always given (such as a begin token) and the end included; texts that occur several times
     *     are added up
     * @param logWeights (n) nats, each in [−∞, ∞); normalised here
     * @return the model
     * @throws IllegalArgumentException if the sizes differ, a text has no end at its end or one before, is shorter than two tokens
     *     or has a token that is not in the vocabulary, or no weight is above zero
     */
    public static KnownTexts of(Vocabulary vocabulary, List<int[]> texts, double[] logWeights) {
        if (texts.size() != logWeights.length) {
            throw new IllegalArgumentException(texts.size() + " texts but " + logWeights.length + " weights");
        }
        Node root = new Node();
        for (int i = 0; i < logWeights.length; i++) {
            int[] text = texts.get(i);
            check(vocabulary, text, i);
            if (!(logWeights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "log-weight " + i + " is " + logWeights[i] + "; it must be a number below infinity");
            }
            if (logWeights[i] > Double.NEGATIVE_INFINITY) {
                Node at = root;
                at.mass.add(logWeights[i]);
                for (int token : text) {
                    at = at.next.computeIfAbsent(token, none -> new Node());
                    at.mass.add(logWeights[i]);
                }
            }
        }
        if (root.next.isEmpty()) {
            throw new IllegalArgumentException("no text has a weight above zero: there is nothing to predict");
        }
        return new KnownTexts(vocabulary, root);
    }

    /** The first token is what is given, and may be one that ends other texts. */
    private static void check(Vocabulary vocabulary, int[] text, int index) {
        vocabulary.check(text);
        if (text.length < 2 || !vocabulary.isEnd(text[text.length - 1])) {
            throw new IllegalArgumentException("text " + index + " is " + Arrays.toString(text)
                    + "; it must be at least two tokens, the last of which ends it");
        }
        for (int t = 1; t < text.length - 1; t++) {
            if (vocabulary.isEnd(text[t])) {
                throw new IllegalArgumentException(
                        "token " + t + " of text " + index + " is " + text[t] + ", which ends a text before its end");
            }
        }
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if no text goes on from a prefix
     */
    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        return prefixes.stream().map(prefix -> row(node(prefix))).toArray(double[][]::new);
    }

    private Node node(int[] prefix) {
        vocabulary.check(prefix);
        if (prefix.length == 0) {
            throw unknown(prefix); // the root is before what is always given
        }
        Node at = root;
        for (int token : prefix) {
            Node next = at.next.get(token);
            if (next == null) {
                throw unknown(prefix);
            }
            at = next;
        }
        if (at.next.isEmpty()) {
            throw unknown(prefix);
        }
        return at;
    }

    private static IllegalArgumentException unknown(int[] prefix) {
        return new IllegalArgumentException(
                "prefix is " + Arrays.toString(prefix) + "; it must be one that a known text goes on from");
    }

    private double[] row(Node at) {
        double[] row = new double[vocabulary.size()];
        Arrays.fill(row, Double.NEGATIVE_INFINITY);
        double mass = at.mass.value();
        at.next.forEach((token, next) -> row[token] = Math.min(0, next.mass.value() - mass));
        return row;
    }

    /**
     * {@inheritDoc}
     *
     * <p>From the first token that no known text has on, every token has −∞.
     */
    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        double[][] all = new double[continuations.size()][];
        for (int i = 0; i < all.length; i++) {
            int[] tokens = continuations.get(i).tokens();
            vocabulary.check(tokens);
            Node at = node(continuations.get(i).prompt());
            double[] logProbs = new double[tokens.length];
            for (int t = 0; t < tokens.length; t++) {
                Node next = at.next.getOrDefault(tokens[t], new Node());
                logProbs[t] = next.mass.value() == Double.NEGATIVE_INFINITY
                        ? Double.NEGATIVE_INFINITY
                        : Math.min(0, next.mass.value() - at.mass.value());
                at = next;
            }
            all[i] = logProbs;
        }
        return all;
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        Sampling.requireCount(n);
        Node from = node(prompt);
        long seed = random.nextLong();
        TokenDraw draw = new TokenDraw(sampling, vocabulary.size());
        List<Sample> samples = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            samples.add(sample(from, draw, sampling.maxNewTokens(), seed, i));
        }
        return samples;
    }

    private Sample sample(Node from, TokenDraw draw, int horizon, long seed, int index) {
        List<Integer> tokens = new ArrayList<>();
        List<Double> own = new ArrayList<>();
        List<Double> sampled = new ArrayList<>();
        Node at = from;
        while (!at.next.isEmpty() && tokens.size() < horizon) {
            int token = draw.draw(row(at), 0, TokenDraw.uniforms(seed, index, tokens.size()));
            tokens.add(token);
            own.add(draw.logProb());
            sampled.add(draw.sampledLogProb());
            at = at.next.getOrDefault(token, new Node());
        }
        return new Sample(
                tokens.stream().mapToInt(Integer::intValue).toArray(),
                own.stream().mapToDouble(Double::doubleValue).toArray(),
                sampled.stream().mapToDouble(Double::doubleValue).toArray(),
                at.next.isEmpty());
    }
}
