package dev.credence.torch.trie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.CompletionColumns;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NaiveTrie;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The fast enumeration against the oracle that asks the model anew for every prefix. */
class CompletionTrieTest {
    private static final int[] PROMPT = {0, 3, 5};

    /** One nat for each token 2, up to three. */
    private static final TokenEvidence TWOS = new TokenEvidence() {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return Math.min(3, count(tokens, length));
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            return new LogBounds(Math.min(3, count(tokens, length)), 3);
        }
    };

    /** The same without bounds: nothing is decided before the end. */
    private static final TokenEvidence UNBOUNDED =
            (tokens, length, finished) -> TWOS.logLikelihood(tokens, length, finished);

    static Stream<Architecture> architectures() {
        return RandomModels.all();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void seesWhatTheOracleSees(Architecture architecture) {
        try (Transformer prior = RandomModels.of(architecture, 1, Precision.FLOAT64, 2);
                Transformer policy = RandomModels.of(architecture, 2, Precision.FLOAT64, 2)) {
            Map<String, double[]> expected = new TreeMap<>();
            new NaiveTrie(List.of(prior, policy)).walk(PROMPT, 4, new Recorder(expected, List.of()));
            Map<String, double[]> seen = new TreeMap<>();
            List<Recorder> parts = new CompletionTrie(List.of(prior, policy))
                    .walk(PROMPT, 4, () -> new Recorder(new TreeMap<>(), List.of()));
            parts.forEach(part -> seen.putAll(part.seen));
            assertThat(seen.keySet()).isEqualTo(expected.keySet());
            expected.forEach(
                    (text, logProbs) -> assertThat(seen.get(text)).as(text).containsExactly(logProbs, within(1e-10)));
            assertThat(seen.values().stream().mapToDouble(l -> Math.exp(l[1])).sum())
                    .isCloseTo(1, within(1e-12));
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void raggedFamiliesAgreeWithTheOracle(Architecture architecture) {
        for (List<Integer> modulus : List.of(List.of(3), List.of(2, 5))) {
            try (Transformer model = RandomModels.of(architecture, 3, Precision.FLOAT64, 1)) {
                Recorder expected = new Recorder(new TreeMap<>(), modulus);
                new NaiveTrie(List.of(model)).walk(PROMPT, 5, expected);
                Map<String, double[]> seen = new TreeMap<>();
                new CompletionTrie(List.of(model))
                        .walk(PROMPT, 5, () -> new Recorder(new TreeMap<>(), modulus))
                        .forEach(part -> seen.putAll(part.seen));
                assertThat(seen.keySet()).isEqualTo(expected.seen.keySet());
                expected.seen.forEach((text, logProbs) ->
                        assertThat(seen.get(text)).as(text).containsExactly(logProbs, within(1e-10)));
            }
        }
    }

    @Test
    void logPartitionIsTheOraclesAndCutIntervalsHoldIt() {
        try (Transformer exact = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, 2);
                Transformer single = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT32, 2)) {
            LogPartition.Sum oracle = LogPartition.sum(UNBOUNDED, Double.NEGATIVE_INFINITY);
            new NaiveTrie(List.of(exact)).walk(PROMPT, 5, oracle);
            double logZ = LogPartition.of(List.of(oracle)).lower();
            LogPartition whole = partition(exact, Double.NEGATIVE_INFINITY);
            assertThat(whole.lower()).isCloseTo(logZ, within(1e-9));
            assertThat(whole.upper()).isEqualTo(whole.lower());
            assertThat(whole.cut()).isZero();
            assertThat(partition(single, Double.NEGATIVE_INFINITY).lower()).isCloseTo(logZ, within(1e-5));
            LogPartition cut = partition(exact, Math.log(1e-3));
            assertThat(cut.lower()).isLessThan(logZ);
            assertThat(cut.upper()).isGreaterThan(logZ).isLessThan(logZ + 0.5);
            assertThat(cut.seen()).isLessThan(whole.seen());
            assertThat(cut.cut()).isPositive();
            assertThat(cut.cutMass()).isBetween(1e-4, 0.5);
        }
    }

    @Test
    void figuresDoNotDependOnTheThreads() {
        double[][] of = new double[2][];
        for (int threads = 1; threads <= 2; threads++) {
            try (Transformer model = RandomModels.of(RandomModels.learned(), 5, Precision.FLOAT32, threads)) {
                of[threads - 1] = CompletionColumns.of(new CompletionTrie(List.of(model))
                                .walk(PROMPT, 5, () -> CompletionColumns.collector(TWOS, 1)))
                        .logProbs()[0];
            }
        }
        assertThat(of[0]).isEqualTo(of[1]);
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 6, Precision.FLOAT32, 1)) {
            CompletionTrie trie = new CompletionTrie(List.of(model));
            assertThatThrownBy(() -> trie.walk(new int[11], 3, () -> new Recorder(new TreeMap<>(), List.of())))
                    .isInstanceOf(ContextWindowException.class)
                    .hasMessageContaining("14 tokens")
                    .hasMessageContaining("context window is 12");
            assertThatThrownBy(() -> trie.walk(PROMPT, 0, () -> new Recorder(new TreeMap<>(), List.of())))
                    .hasMessage("horizon is 0; it must be at least 1");
            assertThatThrownBy(() -> trie.walk(new int[] {7}, 1, () -> new Recorder(new TreeMap<>(), List.of())))
                    .hasMessage("token 0 is 7; ids are in [0, 7)");
            assertThatThrownBy(() -> new CompletionTrie(List.of())).hasMessageStartingWith("models is empty");
        }
    }

    private static LogPartition partition(Transformer model, double negligible) {
        return LogPartition.of(
                new CompletionTrie(List.of(model)).walk(PROMPT, 5, () -> LogPartition.sum(TWOS, negligible)));
    }

    private static int count(int[] tokens, int length) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            count += tokens[i] == 2 ? 1 : 0;
        }
        return count;
    }

    /** Remembers everything; enters only prefixes whose sum of tokens is no multiple of the given numbers. */
    private record Recorder(Map<String, double[]> seen, List<Integer> moduli) implements CompletionVisitor {
        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            int sum = 0;
            for (int i = 0; i < length; i++) {
                sum += tokens[i];
            }
            for (int modulus : moduli) {
                if (sum % modulus == 0) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            List<Integer> text = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                text.add(tokens[i]);
            }
            text.add(end);
            assertThat(seen.put(text.toString(), logProbs.clone()))
                    .as("visited twice: " + text)
                    .isNull();
        }
    }
}
