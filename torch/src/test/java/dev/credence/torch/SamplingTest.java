package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.NaiveTrie;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Draws against the exact distribution, their log-probabilities against scoring, and the same draws from the same seed. */
class SamplingTest {
    private static final int[] PROMPT = {0, 3, 5};

    static Stream<Architecture> architectures() {
        return RandomModels.all();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void drawsFollowTheExactDistribution(Architecture architecture) {
        try (Transformer model = RandomModels.of(architecture, 1, Precision.FLOAT32, 2)) {
            int n = 20_000;
            Map<String, Double> exact = new TreeMap<>();
            new NaiveTrie(List.of(model)).walk(PROMPT, 3, new Probabilities(exact));
            Map<String, Integer> counts = new TreeMap<>();
            for (Sample sample : model.sample(PROMPT, n, Sampling.upTo(3), new SplittableRandom(11))) {
                counts.merge(Arrays.toString(sample.tokens()), 1, Integer::sum);
            }
            assertThat(exact.keySet()).containsAll(counts.keySet());
            double rest = 0;
            double restCount = 0;
            double statistic = 0;
            int cells = 0;
            for (Map.Entry<String, Double> outcome : exact.entrySet()) {
                double expected = n * outcome.getValue();
                int count = counts.getOrDefault(outcome.getKey(), 0);
                if (expected < 10) {
                    rest += expected;
                    restCount += count;
                } else {
                    statistic += (count - expected) * (count - expected) / expected;
                    cells++;
                }
            }
            statistic += rest > 0 ? (restCount - rest) * (restCount - rest) / rest : 0;
            double tail = 1 - new ChiSquaredDistribution(cells).cumulativeProbability(statistic);
            assertThat(cells).isGreaterThan(20);
            assertThat(tail).isGreaterThan(1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void scoringGivesTheLogProbabilitiesDrawn(Architecture architecture) {
        try (Transformer model = RandomModels.of(architecture, 2, Precision.FLOAT32, 2)) {
            List<Sample> samples = model.sample(PROMPT, 100, Sampling.upTo(9), new SplittableRandom(3));
            List<Continuation> drawn = new ArrayList<>();
            samples.forEach(sample -> drawn.add(new Continuation(PROMPT, sample.tokens())));
            double[][] scored = model.logProbs(drawn);
            for (int i = 0; i < scored.length; i++) {
                assertThat(samples.get(i).logProbs()).containsExactly(scored[i], within(1e-5));
                assertThat(samples.get(i).sampledLogProbs())
                        .isEqualTo(samples.get(i).logProbs());
                assertThat(samples.get(i).finished())
                        .isEqualTo(samples.get(i).tokens()[samples.get(i).tokens().length - 1] == 0);
                assertThat(samples.get(i).tokens().length).isBetween(1, 9);
            }
            assertThat(samples).anyMatch(Sample::finished).anyMatch(sample -> !sample.finished());
        }
    }

    /** A prompt that several have is read once: every kind of block must then give what it gives to each alone. */
    @ParameterizedTest
    @MethodSource("architectures")
    void sharingAPromptDoesNotChangeTheScores(Architecture architecture) {
        sharedAndAlone(architecture, 2); // a thread for each prompt that is shared
        sharedAndAlone(architecture, 3); // and more threads than such prompts
    }

    private static void sharedAndAlone(Architecture architecture, int threads) {
        try (Transformer model = RandomModels.of(architecture, 6, Precision.FLOAT64, threads)) {
            SplittableRandom random = new SplittableRandom(8);
            List<int[]> prompts = List.of(new int[] {2}, PROMPT, new int[] {6, 1}, new int[4]);
            List<Continuation> mixed = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int[] prompt = prompts.get(i % prompts.size());
                prompt = prompt.length == 4 ? new int[] {1, 4, i % 7, 6} : prompt; // rarely the same
                int[] tokens = random.ints(random.nextInt(9), 0, RandomModels.VOCABULARY)
                        .toArray();
                mixed.add(new Continuation(prompt, tokens));
            }
            double[][] together = model.logProbs(mixed);
            for (int i = 0; i < mixed.size(); i++) {
                assertThat(together[i])
                        .hasSize(mixed.get(i).tokens().length)
                        .containsExactly(model.logProbs(List.of(mixed.get(i)))[0], within(1e-12));
            }
        }
    }

    @Test
    void theSeedGivesTheSameDrawsWhateverTheirNumberAndTheThreads() {
        List<List<Sample>> runs = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (Transformer model = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT32, threads)) {
                runs.add(model.sample(PROMPT, 50 * threads * threads, Sampling.upTo(8), new SplittableRandom(5)));
            }
        }
        for (int i = 0; i < 50; i++) {
            for (List<Sample> run : runs) {
                assertThat(run.get(i).tokens()).isEqualTo(runs.get(0).get(i).tokens());
                assertThat(run.get(i).logProbs())
                        .containsExactly(runs.get(0).get(i).logProbs(), within(1e-5));
            }
        }
    }

    /** Prompts of several lengths share rows of one cache; what is drawn of each must be what is drawn of it alone. */
    @ParameterizedTest
    @MethodSource("architectures")
    void promptsSideBySideGiveTheDrawsOfOneAfterTheOther(Architecture architecture) {
        List<int[]> prompts = List.of(PROMPT, new int[] {2}, new int[] {1, 4, 6, 6, 2}, PROMPT, new int[] {5, 1});
        for (Precision precision : List.of(Precision.FLOAT32, Precision.FLOAT64)) {
            double error = precision == Precision.FLOAT32 ? 1e-5 : 1e-12;
            for (int threads = 1; threads <= 3; threads++) {
                try (Transformer model = RandomModels.of(architecture, 7, precision, threads)) {
                    for (int n : new int[] {0, 1, 9, 60}) {
                        SplittableRandom random = new SplittableRandom(n);
                        List<List<Sample>> together =
                                model.sample(prompts, n, Sampling.upTo(7), new SplittableRandom(n));
                        assertThat(together).hasSize(prompts.size());
                        for (int c = 0; c < prompts.size(); c++) {
                            same(together.get(c), model.sample(prompts.get(c), n, Sampling.upTo(7), random), error);
                        }
                    }
                }
            }
        }
    }

    private static void same(List<Sample> found, List<Sample> expected, double error) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).tokens()).isEqualTo(expected.get(i).tokens());
            assertThat(found.get(i).finished()).isEqualTo(expected.get(i).finished());
            assertThat(found.get(i).logProbs()).containsExactly(expected.get(i).logProbs(), within(error));
        }
    }

    @Test
    void noPromptsGiveNoDraws() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT32, 2)) {
            assertThat(model.sample(List.of(), 4, Sampling.upTo(3), new SplittableRandom(1)))
                    .isEmpty();
            assertThatThrownBy(() ->
                            model.sample(List.of(PROMPT, new int[8]), 1, Sampling.upTo(6), new SplittableRandom(1)))
                    .isInstanceOf(ContextWindowException.class)
                    .hasMessageStartingWith("the text has 14 tokens; the model's context window is 12");
        }
    }

    @Test
    void truncatedDrawsCarryBothLogProbabilities() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, 2)) {
            double[] next = model.nextLogProbs(List.of(PROMPT))[0];
            int[] order = Stream.iterate(0, i -> i + 1)
                    .limit(next.length)
                    .sorted((a, b) -> Double.compare(next[b], next[a]))
                    .mapToInt(i -> i)
                    .toArray();
            double mass = 0;
            for (int i = 0; i < 3; i++) {
                mass += Math.exp(next[order[i]] / 0.5);
            }
            Sampling sampling = Sampling.upTo(1).withTemperature(0.5).withTopK(3);
            int[] counts = new int[next.length];
            for (Sample sample : model.sample(PROMPT, 2000, sampling, new SplittableRandom(9))) {
                int token = sample.tokens()[0];
                counts[token]++;
                assertThat(sample.logProbs()[0]).isCloseTo(next[token], within(1e-9));
                assertThat(sample.sampledLogProbs()[0]).isCloseTo(next[token] / 0.5 - Math.log(mass), within(1e-9));
            }
            for (int i = 0; i < order.length; i++) {
                double expected = i < 3 ? 2000 * Math.exp(next[order[i]] / 0.5) / mass : 0;
                assertThat((double) counts[order[i]]).isCloseTo(expected, within(4 * Math.sqrt(expected)));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 5, Precision.FLOAT32, 1)) {
            assertThatThrownBy(() -> model.sample(new int[8], 1, Sampling.upTo(6), new SplittableRandom(1)))
                    .isInstanceOf(ContextWindowException.class)
                    .hasMessageStartingWith("the text has 14 tokens; the model's context window is 12");
            assertThat(model.sample(new int[8], 1, Sampling.upTo(5), new SplittableRandom(1)))
                    .hasSize(1);
            assertThatThrownBy(() -> model.nextLogProbs(List.of(new int[13])))
                    .isInstanceOf(ContextWindowException.class);
            assertThatThrownBy(() -> model.logProbs(List.of(new Continuation(new int[5], new int[9]))))
                    .isInstanceOf(ContextWindowException.class);
            assertThatThrownBy(() -> model.sample(new int[0], 1, Sampling.upTo(1), new SplittableRandom(1)))
                    .hasMessageStartingWith("prompt is empty");
        }
    }

    private record Probabilities(Map<String, Double> exact) implements CompletionVisitor {
        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            return LogBounds.UNBOUNDED.contains(logProbs[0]);
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            int[] text = Arrays.copyOf(tokens, end >= 0 ? length + 1 : length);
            if (end >= 0) {
                text[length] = end;
            }
            exact.put(Arrays.toString(text), Math.exp(logProbs[0]));
        }
    }
}
