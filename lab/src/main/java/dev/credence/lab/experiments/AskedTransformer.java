package dev.credence.lab.experiments;

import dev.credence.core.model.Continuation;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.lab.runs.Listener;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A transformer that learns a world's texts, each behind its return in digits (a decision transformer of whole texts: Chen et al.
 * 2021), and is asked for returns. Tokens are characters. All texts are enumerated, so that each trained model is known exactly.
 */
final class AskedTransformer {
    private static final int LAYERS = 2;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;

    private final Returns returns;
    private final double[] asked; // returns, ascending: those of the world, then those beyond
    private final int seen; // how many of them the world has
    private final Map<Integer, Integer> tokens = new HashMap<>(); // character to id
    private final int separator;
    private final int context; // tokens

    /**
     * What one training came to.
     *
     * @param got (asked) mean return among the world's texts
     * @param exactly (asked) share of them with that very return
     * @param outside (asked) probability of what is no text of the world
     * @param kl (asked) KL(the prior given the return‖answer), nats
     * @param drawn (asked) texts of it in training
     * @param distances total variation of the mixtures of returns from RL's posterior and from the quantilizer
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Answers(double[] got, double[] exactly, double[] outside, double[] kl, long[] drawn, double[] distances) {
        /** All of its numbers, one behind the other. */
        double[] numbers() {
            return Stream.of(
                            got,
                            exactly,
                            outside,
                            kl,
                            Arrays.stream(drawn).asDoubleStream().toArray(),
                            distances)
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
        }

        /** The same from its numbers. */
        static Answers of(double[] numbers) {
            int n = (numbers.length - 2) / 5;
            double[][] rows = new double[5][];
            Arrays.setAll(rows, k -> Arrays.copyOfRange(numbers, k * n, (k + 1) * n));
            long[] drawn = Arrays.stream(rows[4]).mapToLong(each -> (long) each).toArray();
            double[] distances = Arrays.copyOfRange(numbers, 5 * n, numbers.length);
            return new Answers(rows[0], rows[1], rows[2], rows[3], drawn, distances);
        }
    }

    /**
     * The conditionals that mixtures of returns are held against.
     *
     * @param q of the quantilizer
     * @param lambda of RL's posterior
     */
    record Wanted(double q, double lambda) {}

    /**
     * One that has learnt nothing.
     *
     * @param returns of the world
     * @param asked (asked) returns, ascending: those of the world, then those beyond
     * @param seen how many of them the world has
     */
    AskedTransformer(Returns returns, double[] asked, int seen) {
        this.returns = returns;
        this.asked = asked.clone();
        this.seen = seen;
        TableModel prior = returns.prior();
        for (String prompt : prior.prompts()) {
            note(prompt);
            prior.given(prompt).outcomes().forEach(this::note);
        }
        for (double level : asked) {
            note(Returns.written(level));
        }
        this.separator = tokens.size() + 1;
        this.context = Math.max(2, longest());
    }

    /** {@return tokens of the longest text with its return and prompt} */
    int context() {
        return context;
    }

    private void note(String text) {
        text.codePoints().forEach(each -> tokens.putIfAbsent(each, tokens.size() + 1));
    }

    /** Tokens of the longest text, with its prompt, return and the end. */
    private int longest() {
        int longest = 0;
        for (String prompt : returns.prior().prompts()) {
            int text = returns.prior().given(prompt).outcomes().stream()
                    .mapToInt(outcome -> outcome.codePointCount(0, outcome.length()))
                    .max()
                    .orElse(0);
            int before = DoubleStream.of(asked)
                    .mapToInt(level -> given(prompt, level).length)
                    .max()
                    .orElse(0);
            longest = Math.max(longest, before + text + 1);
        }
        return longest;
    }

    /** The begin token, the return's digits, a separator, the prompt. */
    private int[] given(String prompt, double level) {
        return IntStream.concat(
                        IntStream.concat(IntStream.of(SmallTransformer.BEGIN), ids(Returns.written(level))),
                        IntStream.concat(IntStream.of(separator), ids(prompt)))
                .toArray();
    }

    private IntStream ids(String text) {
        return text.codePoints().map(each -> tokens.getOrDefault(each, separator));
    }

    private int[] whole(String text) {
        return IntStream.concat(ids(text), IntStream.of(SmallTransformer.BEGIN)).toArray();
    }

    /**
     * Trains one, and asks it.
     *
     * @param training how
     * @param wanted what its mixtures are held against
     * @param seed of weights and draws
     * @param listener may stop it
     * @return its answers
     */
    Answers trained(SmallTransformer.Training training, Wanted wanted, long seed, Listener listener) {
        long[] drawn = new long[asked.length];
        SmallTransformer.Size size = new SmallTransformer.Size(separator + 1, context, LAYERS, WIDTH, HEADS);
        try (SmallTransformer model = SmallTransformer.trained(size, training, draw(drawn), seed, listener)) {
            return answers(wanted, model, drawn);
        }
    }

    /** Draws of the prior, each behind its return; counted. */
    private Function<SplittableRandom, Continuation> draw(long[] drawn) {
        TableModel prior = returns.prior();
        return random -> {
            String prompt = SmallTransformer.prompt(prior, random);
            int i = prior.given(prompt).sample(random);
            double level = returns.rewards(prompt)[i];
            drawn[Arrays.binarySearch(asked, level)]++;
            return new Continuation(
                    given(prompt, level), whole(prior.given(prompt).outcome(i)));
        };
    }

    private Answers answers(Wanted wanted, SmallTransformer model, long[] drawn) {
        double[] got = new double[asked.length];
        double[] exactly = new double[asked.length];
        double[] outside = new double[asked.length];
        double[] kl = new double[asked.length];
        double[] weights = new double[asked.length];
        double[] distances = new double[2];
        TableModel prior = returns.prior();
        TableModel posterior = returns.drawn(returns.tilted(wanted.lambda));
        TableModel quantilizer = returns.drawn(returns.best(wanted.q));
        for (String prompt : prior.prompts()) {
            double weight = prior.weight(prompt);
            double[][] policy = new double[asked.length][];
            for (int a = 0; a < asked.length; a++) {
                policy[a] = logProbs(model, prompt, asked[a]);
                boolean here = a >= seen || returns.isSeen(prompt, asked[a]);
                if (here) {
                    Answer answer = answer(prompt, asked[a], policy[a]);
                    weights[a] += weight;
                    got[a] += weight * answer.got;
                    exactly[a] += weight * answer.exactly;
                    outside[a] += weight * answer.outside;
                    kl[a] += weight * answer.kl;
                }
            }
            distances[0] += weight
                    * distance(mixture(returns.tilted(wanted.lambda).get(prompt), policy), posterior.given(prompt));
            distances[1] +=
                    weight * distance(mixture(returns.best(wanted.q).get(prompt), policy), quantilizer.given(prompt));
        }
        for (double[] sums : new double[][] {got, exactly, outside, kl}) {
            Arrays.setAll(sums, a -> sums[a] / weights[a]);
        }
        return new Answers(got, exactly, outside, kl, drawn, distances);
    }

    /** What comes of asking: mean return among the world's texts, share with that very return, mass on no text, KL(level‖policy). */
    private record Answer(double got, double exactly, double outside, double kl) {}

    private Answer answer(String prompt, double level, double[] logs) {
        Distribution given = returns.prior().given(prompt);
        double[] rewards = returns.rewards(prompt);
        double mass = returns.masses(prompt).getOrDefault(level, 0.0);
        double inside = LogMath.logSumExp(logs);
        double got = 0;
        double exactly = 0;
        double kl = 0;
        for (int i = 0; i < logs.length; i++) {
            double own = Math.exp(logs[i] - inside);
            got += own * rewards[i];
            if (rewards[i] == level) {
                exactly += own;
                double share = given.probability(i) / mass;
                kl += share > 0 ? share * (Math.log(share) - logs[i]) : 0;
            }
        }
        return new Answer(got, exactly, Math.max(0, -Math.expm1(inside)), kl);
    }

    /** (outcomes) log-probabilities of a prompt's texts behind a return, nats. */
    private double[] logProbs(SmallTransformer model, String prompt, double level) {
        int[] before = given(prompt, level);
        return SmallTransformer.logProbs(
                model.model(),
                returns.prior().given(prompt).outcomes().stream()
                        .map(outcome -> new Continuation(before, whole(outcome)))
                        .toList());
    }

    private double[] mixture(@Nullable Map<Double, Double> shares, double[][] policy) {
        double[] mixture = new double[policy[0].length];
        if (shares != null) {
            for (int a = 0; a < seen; a++) {
                double share = shares.getOrDefault(asked[a], 0.0);
                for (int i = 0; i < mixture.length; i++) {
                    mixture[i] += share * Math.exp(policy[a][i]);
                }
            }
        }
        return mixture;
    }

    /** Total variation; what is not on the world's texts differs whole. */
    private static double distance(double[] policy, Distribution exact) {
        double sum = 0;
        double inside = 0;
        for (int i = 0; i < policy.length; i++) {
            sum += Math.abs(policy[i] - exact.probability(i));
            inside += policy[i];
        }
        return (sum + Math.max(0, 1 - inside)) / 2;
    }
}
