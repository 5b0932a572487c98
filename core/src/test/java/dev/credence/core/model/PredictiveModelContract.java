package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every predictive model must do: its next tokens and its completions are distributions, it scores texts as it predicts
 * them, many together as one by one, and draws them as often as it says. An implementation's own test inherits it.
 */
public abstract class PredictiveModelContract {
    private static final int DRAWS = 20_000;
    private static final double STANDARD_ERRORS = 4;
    private static final double FEWEST_EXPECTED = 20; // in a cell of its own

    private PredictiveModel model;

    /** {@return the model, always the same one; the suite closes it where it can be closed} */
    protected abstract PredictiveModel model();

    /** {@return prompts that it goes on from, at least one} */
    protected abstract List<int[]> prompts();

    /** {@return tokens up to which its completions are few enough to be listed, and within its window} */
    protected abstract int horizon();

    /** {@return tokens of texts that are drawn and scored but not listed, within the window; the horizon unless overridden} */
    protected int longest() {
        return horizon();
    }

    /** {@return how far log-probabilities may be from each other, nats: 1e-5 in single precision} */
    protected double tolerance() {
        return 1e-9;
    }

    @BeforeEach
    final void open() {
        model = model();
    }

    @AfterEach
    final void close() throws Exception {
        if (model instanceof AutoCloseable open) {
            open.close();
        }
    }

    @Test
    final void theTestNamesWhatItIsAbout() {
        ContractOf.Check.namesAre(getClass(), Stream.of(model));
    }

    @Test
    final void nextTokensAreADistribution() {
        List<int[]> prefixes = prefixes();
        double[][] next = model.nextLogProbs(prefixes);
        assertThat(next.length)
                .isEqualTo(prefixes.size())
                .isGreaterThan(prompts().size());
        for (double[] row : next) {
            assertThat(row).hasSize(model.vocabulary().size());
            assertThat(Arrays.stream(row).allMatch(p -> p <= tolerance())).isTrue(); // NaN is not
            assertThat(LogMath.logSumExp(row)).isCloseTo(0, within(tolerance()));
        }
    }

    @Test
    final void completionsUpToAHorizonAddUpToOne() {
        for (int[] prompt : prompts()) {
            for (int horizon = 1; horizon <= horizon(); horizon++) {
                double sum = completions(prompt, horizon).values().stream()
                        .mapToDouble(Math::exp)
                        .sum();
                assertThat(sum).as("horizon %d", horizon).isCloseTo(1, within(horizon * tolerance()));
            }
        }
    }

    @Test
    final void aTextIsScoredAsItsTokensArePredicted() {
        List<Continuation> texts = texts();
        double[][] scored = model.logProbs(texts);
        assertThat(scored.length).isEqualTo(texts.size());
        for (int i = 0; i < scored.length; i++) {
            int[] tokens = texts.get(i).tokens();
            assertThat(scored[i]).hasSize(tokens.length);
            double sum = 0;
            for (int t = 0; t < tokens.length; t++) {
                int[] prefix = Arrays.copyOf(texts.get(i).whole(), texts.get(i).prompt().length + t);
                double predicted = model.nextLogProbs(List.of(prefix))[0][tokens[t]];
                same(scored[i][t], predicted);
                sum += predicted;
            }
            same(Arrays.stream(scored[i]).sum(), sum);
        }
    }

    @Test
    final void aBatchIsOneByOne() {
        List<int[]> prefixes = prefixes();
        double[][] next = model.nextLogProbs(prefixes);
        for (int i = 0; i < next.length; i++) {
            same(next[i], model.nextLogProbs(List.of(prefixes.get(i)))[0]);
        }
        List<Continuation> texts = texts();
        double[][] scored = model.logProbs(texts);
        for (int i = 0; i < scored.length; i++) {
            same(scored[i], model.logProbs(List.of(texts.get(i)))[0]);
        }
        assertThat(model.nextLogProbs(List.of()).length).isZero();
        assertThat(model.logProbs(List.of()).length).isZero();
    }

    @Test
    final void drawsAreAsOftenAsTheirProbabilities() {
        int[] prompt = prompts().get(0);
        Map<List<Integer>, Double> exact = completions(prompt, horizon());
        Map<List<Integer>, Integer> seen = new LinkedHashMap<>();
        for (Sample sample : model.sample(prompt, DRAWS, Sampling.upTo(horizon()), new SplittableRandom(11))) {
            seen.merge(boxed(sample.tokens()), 1, Integer::sum);
        }
        assertThat(exact.keySet()).containsAll(seen.keySet());
        double rest = 0;
        double restSeen = 0;
        double distance = 0; // χ², over the cells
        int cells = 1;
        for (Map.Entry<List<Integer>, Double> text : exact.entrySet()) {
            double p = Math.exp(text.getValue());
            int count = seen.getOrDefault(text.getKey(), 0);
            if (p == 0) {
                assertThat(count).isZero();
            } else if (DRAWS * p < FEWEST_EXPECTED) {
                rest += p;
                restSeen += count;
            } else {
                distance += squared(count, p);
                cells++;
            }
        }
        asOften("all rare ones", restSeen, rest);
        distance += rest > 0 ? squared(restSeen, rest) : 0;
        assertThat(distance)
                .as(
                        "χ² of %d kinds of texts, of which %d expected draws or fewer are one kind",
                        cells, (int) FEWEST_EXPECTED)
                .isLessThan(farthest(cells - 1));
    }

    @Test
    final void aDrawSaysWhatItsProbabilityWas() {
        for (int[] prompt : prompts()) {
            List<Sample> samples = model.sample(prompt, 60, Sampling.upTo(longest()), new SplittableRandom(3));
            assertThat(samples).hasSize(60);
            for (Sample sample : samples) {
                int length = sample.tokens().length;
                assertThat(length).isBetween(1, longest());
                for (int t = 0; t < length; t++) {
                    boolean isLast = t == length - 1;
                    assertThat(model.vocabulary().isEnd(sample.tokens()[t])).isEqualTo(isLast && sample.finished());
                }
                assertThat(sample.finished() || length == longest()).isTrue();
                double[] scored = model.logProbs(List.of(new Continuation(prompt, sample.tokens())))[0];
                same(sample.logProbs(), scored);
                same(sample.sampledLogProbs(), scored);
                same(sample.logProb(), Arrays.stream(scored).sum());
            }
        }
    }

    /** The temperature first, then the likeliest tokens alone, renormalised. */
    @Test
    final void temperedAndTruncatedDrawsCarryBothLogProbabilities() {
        int[] prompt = prompts().get(0);
        double[] next = model.nextLogProbs(List.of(prompt))[0];
        int[] likeliest = IntStream.range(0, next.length)
                .boxed()
                .sorted((a, b) -> Double.compare(next[b], next[a]))
                .limit(2)
                .mapToInt(token -> token)
                .toArray();
        double total = LogMath.logSumExp(
                Arrays.stream(likeliest).mapToDouble(token -> next[token] / 0.5).toArray());
        Sampling sampling = Sampling.upTo(1).withTemperature(0.5).withTopK(2);
        int[] seen = new int[next.length];
        for (Sample sample : model.sample(prompt, DRAWS, sampling, new SplittableRandom(9))) {
            int token = sample.tokens()[0];
            seen[token]++;
            same(sample.logProbs()[0], next[token]);
            assertThat(sample.sampledLogProbs()[0]).isCloseTo(next[token] / 0.5 - total, within(4 * tolerance()));
        }
        for (int token : likeliest) {
            asOften("token " + token, seen[token], Math.exp(next[token] / 0.5 - total));
        }
        assertThat(Arrays.stream(likeliest).map(token -> seen[token]).sum()).isEqualTo(DRAWS);
    }

    @Test
    final void aDrawDependsOnTheSeedAndItsNumberAlone() {
        Sampling sampling = Sampling.upTo(longest());
        for (int[] prompt : prompts()) {
            RandomGenerator few = new SplittableRandom(5);
            RandomGenerator many = new SplittableRandom(5);
            List<Sample> three = model.sample(prompt, 3, sampling, few);
            List<Sample> nine = model.sample(prompt, 9, sampling, many);
            same(three, nine.subList(0, 3));
            RandomGenerator none = new SplittableRandom(5);
            assertThat(model.sample(prompt, 0, sampling, none)).isEmpty();
            RandomGenerator one = new SplittableRandom(5);
            one.nextLong();
            long second = one.nextLong();
            assertThat(List.of(few.nextLong(), many.nextLong(), none.nextLong()))
                    .containsOnly(second);
        }
    }

    /** Sequences that part, are copied and left behind are predicted as their prefixes are. */
    @Test
    final void sequencesThatGrowArePredictedAsPrefixes() {
        int[] prompt = prompts().get(0);
        SplittableRandom random = new SplittableRandom(4);
        List<int[]> grown = List.of(prompt);
        int rounds = longest();
        try (GrowingSequences sequences = model.sequences(prompt, rounds)) {
            for (int round = 0; ; round++) {
                double[][] next = model.nextLogProbs(grown);
                for (int i = 0; i < next.length; i++) {
                    int from = sequences.row(i) * next[i].length;
                    double[] logits = Arrays.copyOfRange(sequences.logits(), from, from + next[i].length);
                    double total = LogMath.logSumExp(logits);
                    same(Arrays.stream(logits).map(x -> x - total).toArray(), next[i]);
                }
                List<int[]> longer = new ArrayList<>();
                int[] parents = new int[round % 3 == 2 ? 5 : 70];
                int[] tokens = new int[parents.length];
                for (int j = 0; j < parents.length; j++) {
                    parents[j] = round % 2 == 0 ? j * grown.size() / parents.length : random.nextInt(grown.size());
                    tokens[j] = goesOn(next[parents[j]], random);
                    int[] parent = grown.get(parents[j]);
                    if (tokens[j] >= 0) {
                        int[] child = Arrays.copyOf(parent, parent.length + 1);
                        child[parent.length] = tokens[j];
                        longer.add(child);
                    }
                }
                int[] open = IntStream.range(0, tokens.length)
                        .filter(j -> tokens[j] >= 0)
                        .toArray();
                if (open.length == 0 || round + 2 > rounds) {
                    return;
                }
                sequences.grow(
                        Arrays.stream(open).map(j -> parents[j]).toArray(),
                        Arrays.stream(open).map(j -> tokens[j]).toArray());
                grown = longer;
            }
        }
    }

    /** A token that may follow and does not end the text; −1 where there is none. */
    private int goesOn(double[] next, SplittableRandom random) {
        int[] may = IntStream.range(0, next.length)
                .filter(v -> next[v] > Double.NEGATIVE_INFINITY
                        && !model.vocabulary().isEnd(v))
                .toArray();
        return may.length == 0 ? -1 : may[random.nextInt(may.length)];
    }

    @Test
    final void promptsTogetherGiveTheDrawsOfOneAfterTheOther() {
        List<int[]> prompts = new ArrayList<>(prompts());
        prompts.add(prompts.get(0));
        Sampling sampling = Sampling.upTo(longest());
        List<List<Sample>> together = model.sample(prompts, 5, sampling, new SplittableRandom(6));
        RandomGenerator random = new SplittableRandom(6);
        assertThat(together).hasSameSizeAs(prompts);
        for (int i = 0; i < together.size(); i++) {
            same(together.get(i), model.sample(prompts.get(i), 5, sampling, random));
        }
        assertThat(model.sample(List.of(), 5, sampling, random)).isEmpty();
    }

    /** What goes in stays as it is, and what comes out may be changed. */
    @Test
    final void arraysAreTheirOwners() {
        int[] prompt = prompts().get(0);
        int[] before = prompt.clone();
        double[] first = model.nextLogProbs(List.of(prompt))[0];
        double[] kept = first.clone();
        Arrays.fill(first, 7);
        assertThat(model.nextLogProbs(List.of(prompt))[0]).containsExactly(kept);
        Sample drawn = model.sample(prompt, 1, Sampling.upTo(longest()), new SplittableRandom(2))
                .get(0);
        Continuation text = new Continuation(prompt, drawn.tokens().clone());
        double[] scored = model.logProbs(List.of(text))[0];
        double[] keptScores = scored.clone();
        Arrays.fill(scored, 7);
        Arrays.fill(drawn.logProbs(), 7);
        assertThat(model.logProbs(List.of(text))[0]).containsExactly(keptScores);
        assertThat(text.tokens()).isEqualTo(drawn.tokens());
        assertThat(prompt).isEqualTo(before);
    }

    @Test
    final void refusesWhatIsNoTextOfItsTokens() {
        int[] prompt = prompts().get(0);
        int size = model.vocabulary().size();
        for (int token : new int[] {-1, size}) {
            assertThatThrownBy(() -> model.logProbs(List.of(new Continuation(prompt, new int[] {token}))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("token 0 is " + token + "; ids are in [0, " + size + ")");
            int[] beyond = prompt.clone();
            beyond[0] = token;
            assertThatThrownBy(() -> model.nextLogProbs(List.of(beyond)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(token));
            assertThatThrownBy(() -> model.sample(beyond, 1, Sampling.upTo(1), new SplittableRandom(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(token));
        }
        assertThatThrownBy(() -> model.nextLogProbs(List.of(new int[0]))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> model.sample(new int[0], 1, Sampling.upTo(1), new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> model.sample(prompt, -1, Sampling.upTo(1), new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("n is -1; the number of samples must not be negative");
    }

    /** Prompts, and what comes behind them as long as it does not end. */
    private List<int[]> prefixes() {
        List<int[]> prefixes = new ArrayList<>(prompts());
        for (Continuation text : texts()) {
            for (int t = 1; t < text.tokens().length; t++) {
                prefixes.add(Arrays.copyOf(text.whole(), text.prompt().length + t));
            }
        }
        prefixes.add(prompts().get(0)); // twice
        return prefixes;
    }

    /** Drawn texts, texts of any tokens, and none at all behind a prompt. */
    private List<Continuation> texts() {
        List<Continuation> texts = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(4);
        for (int[] prompt : prompts()) {
            for (Sample sample : model.sample(prompt, 6, Sampling.upTo(longest()), random)) {
                texts.add(new Continuation(prompt, sample.tokens()));
            }
            for (int i = 0; i < 6; i++) {
                int[] tokens = new int[longest()];
                int length = 0;
                do {
                    tokens[length] = random.nextInt(model.vocabulary().size());
                } while (!model.vocabulary().isEnd(tokens[length++]) && length < tokens.length);
                texts.add(new Continuation(prompt, Arrays.copyOf(tokens, length)));
            }
            texts.add(new Continuation(prompt, new int[0]));
        }
        return texts;
    }

    /** Every completion with its log-probability, an end token included. */
    private Map<List<Integer>, Double> completions(int[] prompt, int horizon) {
        Map<List<Integer>, Double> all = new LinkedHashMap<>();
        new NaiveTrie(List.of(model)).walk(prompt, horizon, new CompletionVisitor() {
            @Override
            public boolean enters(int[] tokens, int length, double[] logProbs) {
                return logProbs[0] > Double.NEGATIVE_INFINITY;
            }

            @Override
            public void visit(int[] tokens, int length, int end, double[] logProbs) {
                List<Integer> text = new ArrayList<>(boxed(Arrays.copyOf(tokens, length)));
                if (end >= 0) {
                    text.add(end);
                }
                all.put(text, logProbs[0]);
            }
        });
        return all;
    }

    private static double squared(double seen, double p) {
        return (seen - DRAWS * p) * (seen - DRAWS * p) / (DRAWS * p);
    }

    /** What χ² stays below but once in ten thousand times (Wilson and Hilferty 1931). */
    private static double farthest(int degrees) {
        double share = 2.0 / (9 * Math.max(1, degrees));
        return Math.max(1, degrees) * Math.pow(1 - share + 3.72 * Math.sqrt(share), 3);
    }

    private static void asOften(String what, double seen, double p) {
        double error = STANDARD_ERRORS * Math.sqrt(DRAWS * p * Math.max(0, 1 - p));
        assertThat(seen).as(what).isCloseTo(DRAWS * p, within(error + 1e-6));
    }

    private void same(List<Sample> found, List<Sample> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).tokens()).isEqualTo(expected.get(i).tokens());
            assertThat(found.get(i).finished()).isEqualTo(expected.get(i).finished());
            same(found.get(i).logProbs(), expected.get(i).logProbs());
        }
    }

    private void same(double[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            same(found[i], expected[i]);
        }
    }

    private void same(double found, double expected) {
        if (expected == Double.NEGATIVE_INFINITY) {
            assertThat(found).isEqualTo(expected);
        } else {
            assertThat(found).isCloseTo(expected, within(tolerance()));
        }
    }

    private static List<Integer> boxed(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }
}
