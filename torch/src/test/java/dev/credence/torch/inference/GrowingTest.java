package dev.credence.torch.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.GrowingSequences;
import dev.credence.core.probability.LogMath;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that part, go on and are left behind, many and few, have the logits of their whole texts, whatever the threads. */
class GrowingTest {
    private static final int[] PROMPT = {2};
    private static final int[] SIZES = {6, 30, 140, 139, 120, 85, 70, 40, 13, 3};

    /** Of the sequences that go on: some, evenly, or the last of them, so that pieces become uneven. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachHasTheLogitsOfItsText(boolean evenly) {
        List<double[]> first = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            List<double[]> seen = new ArrayList<>();
            try (Transformer model = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, threads);
                    GrowingSequences sequences = model.sequences(PROMPT, SIZES.length + 1)) {
                SplittableRandom random = new SplittableRandom(5);
                List<int[]> texts = List.of(PROMPT);
                for (int size : SIZES) {
                    int[] parents = parents(texts.size(), size, evenly, random);
                    int[] tokens = random.ints(size, 1, RandomModels.VOCABULARY).toArray();
                    texts = grown(texts, parents, tokens);
                    double[][] read = grow(sequences, parents, tokens);
                    double[][] alone = model.nextLogProbs(texts);
                    for (int i = 0; i < size; i++) {
                        assertThat(LogMath.normalised(read[i]))
                                .as("sequence %d of %d", i, size)
                                .containsExactly(alone[i], within(1e-10));
                        seen.add(read[i]);
                    }
                }
            }
            if (threads == 1) {
                first.addAll(seen);
            }
            for (int i = 0; i < seen.size(); i++) {
                assertThat(seen.get(i)).isEqualTo(first.get(i)); // to the bit
            }
        }
    }

    /** They go on by themselves for some tokens, and from fewer of them where these are taken back. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whatWentOnAloneHasTheLogitsOfItsTextAndIsTakenBack(int threads) {
        int most = 3;
        try (Transformer model = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, threads);
                GrowingSequences sequences = model.sequences(PROMPT, 3 * most + 3)) {
            int v = RandomModels.VOCABULARY;
            sequences.grow(new int[v - 1], IntStream.range(1, v).toArray());
            List<int[]> texts =
                    grown(List.of(PROMPT), new int[v - 1], IntStream.range(1, v).toArray());
            for (int size : new int[] {v - 1, v - 2, 2}) {
                int[] parents = IntStream.range(0, size).toArray();
                int[] tokens =
                        IntStream.range(0, size).map(i -> 1 + i % (v - 1)).toArray();
                Followed followed = new Followed(size);
                assertThat(sequences.grow(parents, tokens, most, followed)).isEqualTo(most);
                texts = grown(texts, parents, tokens);
                List<int[]> ahead = texts;
                for (int step = 0; step < most; step++) {
                    double[][] alone = model.nextLogProbs(ahead);
                    for (int i = 0; i < size; i++) {
                        assertThat(LogMath.normalised(followed.read[step][i])).containsExactly(alone[i], within(1e-10));
                    }
                    int now = step;
                    ahead = grown(
                            ahead,
                            parents,
                            IntStream.range(0, size)
                                    .map(i -> followed.token(now, i))
                                    .toArray());
                }
                sequences.back(most - 1);
            }
        }
    }

    /** Where two sequences are the same so far they go on together, by one token. */
    @Test
    void whatSharesARowGoesOnByOneToken() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, 2);
                GrowingSequences sequences = model.sequences(PROMPT, 4)) {
            assertThat(sequences.grow(new int[] {0, 0, 0}, new int[] {1, 2, 1}, 3, new Followed(3)))
                    .isEqualTo(1);
            sequences.back(0);
        }
    }

    /** Chooses a token by sequence and step. */
    private static final class Followed implements GrowingSequences.Follower {
        private final double[][][] read;

        Followed(int size) {
            read = new double[3][size][];
        }

        @Override
        public void read(int step, int[] sequences, int[] rows, double[] logits) {
            int v = RandomModels.VOCABULARY;
            for (int n = 0; n < sequences.length; n++) {
                read[step][sequences[n]] = Arrays.copyOfRange(logits, rows[n] * v, (rows[n] + 1) * v);
            }
        }

        @Override
        public int token(int step, int sequence) {
            return 1 + (step + 2 * sequence) % (RandomModels.VOCABULARY - 1);
        }
    }

    private static int[] parents(int before, int size, boolean evenly, SplittableRandom random) {
        if (size > before) {
            return IntStream.range(0, size).map(i -> i * before / size).toArray();
        }
        int[] all = IntStream.range(0, before).toArray();
        for (int i = before - 1; evenly && i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = all[i];
            all[i] = all[j];
            all[j] = swapped;
        }
        return IntStream.of(Arrays.copyOfRange(all, before - size, before))
                .sorted()
                .toArray();
    }

    private static List<int[]> grown(List<int[]> texts, int[] parents, int[] tokens) {
        List<int[]> longer = new ArrayList<>();
        for (int i = 0; i < parents.length; i++) {
            int[] before = texts.get(parents[i]);
            int[] text = Arrays.copyOf(before, before.length + 1);
            text[before.length] = tokens[i];
            longer.add(text);
        }
        return longer;
    }

    /** What was handed on of each sequence, which is what is there afterwards. */
    private static double[][] grow(GrowingSequences sequences, int[] parents, int[] tokens) {
        int v = RandomModels.VOCABULARY;
        double[][] read = new double[parents.length][];
        AtomicIntegerArray times = new AtomicIntegerArray(parents.length);
        sequences.grow(parents, tokens, 1, new GrowingSequences.Follower() {
            @Override
            public void read(int step, int[] own, int[] rows, double[] logits) {
                for (int n = 0; n < own.length; n++) {
                    times.incrementAndGet(own[n]);
                    read[own[n]] = Arrays.copyOfRange(logits, rows[n] * v, (rows[n] + 1) * v);
                }
            }

            @Override
            public int token(int step, int sequence) {
                throw new IllegalStateException("one token is asked for");
            }
        });
        for (int i = 0; i < read.length; i++) {
            int row = sequences.row(i);
            assertThat(times.get(i)).isEqualTo(1);
            assertThat(Arrays.copyOfRange(sequences.logits(), row * v, (row + 1) * v))
                    .isEqualTo(read[i]);
        }
        return read;
    }
}
