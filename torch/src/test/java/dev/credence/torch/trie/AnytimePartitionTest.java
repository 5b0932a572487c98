package dev.credence.torch.trie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.CompletionColumns;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.ExactComparison;
import dev.credence.core.model.ExactPosterior;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NaiveTrie;
import dev.credence.core.model.PosteriorDraws;
import dev.credence.core.model.PrefixLimitException;
import dev.credence.core.model.SoftValues;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The search for log Z, its soft values and what is drawn by them, against enumeration. */
class AnytimePartitionTest {
    private static final int[] PROMPT = {0, 3, 5};
    private static final int HORIZON = 4;
    private static final SoftValues.Extent EXTENT = new SoftValues.Extent(PROMPT, HORIZON);

    /** One nat for each token 2, up to two; no text may begin with 6. Known as soon as it is decided. */
    private static final TokenEvidence EVIDENCE = new TokenEvidence() {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return length > 0 && tokens[0] == 6 ? Double.NEGATIVE_INFINITY : Math.min(2, twos(tokens, length));
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            double now = logLikelihood(tokens, length, false);
            double most = Math.min(2, now + HORIZON - length);
            return new LogBounds(length == 0 ? Double.NEGATIVE_INFINITY : now, most);
        }
    };

    /** The same known only of complete texts. */
    private static final TokenEvidence UNBOUNDED =
            (tokens, length, finished) -> EVIDENCE.logLikelihood(tokens, length, finished);

    static List<Architecture> architectures() {
        return List.of(RandomModels.learned(), RandomModels.parallel(), RandomModels.grouped());
    }

    private static double oracle(Transformer model) {
        LogPartition.Sum sum = LogPartition.sum(UNBOUNDED, Double.NEGATIVE_INFINITY);
        new NaiveTrie(List.of(model)).walk(PROMPT, HORIZON, sum);
        return LogPartition.of(List.of(sum)).lower();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void theIntervalHoldsTheOracleAndIsAsNarrowAsAsked(Architecture architecture) {
        try (Transformer model = RandomModels.of(architecture, 7, Precision.FLOAT64, 2)) {
            double exact = oracle(model);
            for (long kept : new long[] {Long.MAX_VALUE, 10_000, 0}) { // bytes of keys and values that may wait
                AnytimePartition partition = new AnytimePartition(model, EVIDENCE, kept);
                long before = -1;
                for (double width : new double[] {3, 0.3, 0.03, 1e-6, 0}) {
                    LogPartition interval = partition.until(PROMPT, HORIZON, width);
                    assertThat(interval.width()).isLessThanOrEqualTo(width);
                    assertThat(interval.lower()).isLessThanOrEqualTo(exact + 1e-9);
                    assertThat(interval.upper()).isGreaterThanOrEqualTo(exact - 1e-9);
                    assertThat(interval.seen()).isGreaterThanOrEqualTo(before);
                    before = interval.seen();
                }
                LogPartition all = partition.until(PROMPT, HORIZON, 0);
                assertThat(all.lower()).isCloseTo(exact, within(1e-9));
                assertThat(all.upper()).isEqualTo(all.lower());
                assertThat(all.cut()).isZero();
                assertThat(all.settled()).as("texts with two 2s").isPositive();
                assertThat(all.excluded()).as("texts that begin with 6").isEqualTo(1);
                assertThat(all.seen()).isLessThan(1 + 6 + 36 + 216 + 1296);
            }
        }
    }

    @Test
    void inSinglePrecisionItAgreesToRounding() {
        try (Transformer exact = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, 2);
                Transformer single = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT32, 2)) {
            LogPartition interval = new AnytimePartition(single, EVIDENCE).until(PROMPT, HORIZON, 0);
            assertThat(interval.lower()).isCloseTo(oracle(exact), within(1e-5));
        }
    }

    @Test
    void theMeanEvidenceOfThePosteriorIsInItsInterval() {
        try (Transformer model = RandomModels.of(RandomModels.parallel(), 6, Precision.FLOAT64, 2)) {
            for (double shift : new double[] {0, -1.5}) { // also where some evidence is below −1
                TokenEvidence shifted = shifted(shift);
                CompletionColumns.Collector all = CompletionColumns.collector(shifted, 2);
                new NaiveTrie(List.of(model, model)).walk(PROMPT, HORIZON, all);
                ExactComparison exact = ExactComparison.of(CompletionColumns.of(List.of(all)));
                double mean = exact.posteriorFromPrior() + exact.logPartition();
                for (double width : new double[] {2, 0.1, 0}) {
                    AnytimePartition.Mean found = new AnytimePartition(model, shifted)
                            .search(PROMPT, HORIZON, new AnytimePartition.Search(width, so -> true, null))
                            .evidence();
                    assertThat(mean).isBetween(found.lower() - 1e-9, found.upper() + 1e-9);
                    assertThat(found.upper() - found.lower()).isLessThanOrEqualTo(20 * width + 1e-9);
                }
            }
        }
    }

    private static TokenEvidence shifted(double shift) {
        return new TokenEvidence() {
            @Override
            public double logLikelihood(int[] tokens, int length, boolean finished) {
                return EVIDENCE.logLikelihood(tokens, length, finished) + shift;
            }

            @Override
            public LogBounds bounds(int[] tokens, int length) {
                return EVIDENCE.bounds(tokens, length).plus(new LogBounds(shift, shift));
            }
        };
    }

    @Test
    void stopsWhenToldAndRefusesNegativeWidths() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, 1)) {
            AnytimePartition partition = new AnytimePartition(model, EVIDENCE);
            List<Double> widths = new ArrayList<>();
            LogPartition last = partition
                    .search(
                            PROMPT,
                            HORIZON,
                            new AnytimePartition.Search(0, so -> widths.add(so.width()) && widths.size() < 3, null))
                    .logPartition();
            assertThat(widths).hasSize(3).isSortedAccordingTo((a, b) -> Double.compare(b, a));
            assertThat(last.width()).isEqualTo(widths.get(2)).isPositive();
            assertThat(last.cutMass()).isBetween(0.01, 1.0);
            assertThatThrownBy(() -> partition.until(PROMPT, HORIZON, -1))
                    .hasMessage("width is -1.0; it must not be negative");
        }
    }

    @Test
    void softValuesAreTheOracles() {
        try (Transformer model = RandomModels.of(RandomModels.grouped(), 5, Precision.FLOAT64, 2)) {
            SoftValues oracle = SoftValues.of(model, UNBOUNDED, EXTENT, 10_000);
            SoftValues found = search(model, EVIDENCE, 0, 10_000);
            assertThat(found.logPartition().lower())
                    .isCloseTo(oracle.logPartition().lower(), within(1e-9));
            assertThat(found.size()).isLessThan(oracle.size());
            int compared = 0;
            for (int first = 1; first < 7; first++) {
                for (int second = 1; second < 7; second++) {
                    int[] prefix = {first, second};
                    if (found.has(prefix, 2)) {
                        compared++;
                        assertThat(found.of(prefix, 2).upper())
                                .isCloseTo(oracle.of(prefix, 2).upper(), within(1e-9));
                    } else {
                        assertThat(oracle.of(prefix, 2).upper())
                                .isCloseTo(EVIDENCE.bounds(prefix, 2).upper(), within(1e-9));
                    }
                }
            }
            assertThat(compared).isEqualTo(5 * 6 - 1);
            assertThatThrownBy(() -> search(model, EVIDENCE, 0, 20))
                    .isInstanceOf(PrefixLimitException.class)
                    .hasMessageStartingWith("more than 20 prefixes have a soft value");
        }
    }

    @Test
    void theNextTokenPosteriorsMultiplyToThePosterior() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 8, Precision.FLOAT64, 2)) {
            ExactPosterior posterior = new ExactPosterior(model, EVIDENCE, EXTENT, search(model, EVIDENCE, 0, 10_000));
            CompletionColumns.Collector all = CompletionColumns.collector(UNBOUNDED, 2);
            new NaiveTrie(List.of(model, posterior)).walk(PROMPT, HORIZON, all);
            CompletionColumns columns = CompletionColumns.of(List.of(all));
            double total = 0;
            for (int i = 0; i < columns.size(); i++) {
                double expected = columns.logProbs()[0][i] + columns.logLikelihood()[i] - posterior.logPartition();
                double given = columns.logProbs()[1][i];
                assertThat(Math.exp(given)).isCloseTo(Math.exp(expected), within(1e-12));
                if (expected > Double.NEGATIVE_INFINITY) {
                    assertThat(given).isCloseTo(expected, within(1e-9));
                }
                total += Math.exp(given);
            }
            assertThat(total).isCloseTo(1, within(1e-12));
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void drawsAreFromThePosteriorHoweverWideTheInterval(double width) {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 9, Precision.FLOAT64, 2)) {
            Map<List<Integer>, Double> expected = new HashMap<>();
            double logZ = oracle(model);
            new NaiveTrie(List.of(model)).walk(PROMPT, HORIZON, new Masses(expected, logZ));
            PosteriorDraws draws = new PosteriorDraws(model, EVIDENCE, EXTENT, search(model, EVIDENCE, width, 10_000));
            int n = 4000;
            Map<List<Integer>, Integer> counts = new HashMap<>();
            for (PosteriorDraws.Drawn drawn : draws.draw(n, new SplittableRandom(3))) {
                List<Integer> text = new ArrayList<>();
                for (int token : drawn.tokens()) {
                    text.add(token);
                }
                counts.merge(text, 1, Integer::sum);
                assertThat(Math.exp(drawn.logPrior() + drawn.logLikelihood() - logZ))
                        .isCloseTo(expected.getOrDefault(text, Double.NaN), within(1e-12));
                LogBounds logPosterior = draws.logPosterior(drawn);
                assertThat(Math.log(expected.getOrDefault(text, Double.NaN)))
                        .isBetween(logPosterior.lower() - 1e-9, logPosterior.upper() + 1e-9);
                assertThat(logPosterior.upper()).isLessThanOrEqualTo(0);
                assertThat(logPosterior.upper() - logPosterior.lower()).isLessThanOrEqualTo(width + 1e-12);
            }
            double chi2 = 0;
            double rest = 0;
            int restCount = 0;
            int cells = 0;
            for (Map.Entry<List<Integer>, Double> one : expected.entrySet()) {
                int count = counts.getOrDefault(one.getKey(), 0);
                if (one.getValue() * n < 5) {
                    rest += one.getValue() * n;
                    restCount += count;
                } else {
                    chi2 += Math.pow(count - one.getValue() * n, 2) / (one.getValue() * n);
                    cells++;
                }
            }
            chi2 += rest > 0 ? Math.pow(restCount - rest, 2) / rest : 0;
            // cells degrees of freedom: mean cells, variance 2 cells
            assertThat(cells).isGreaterThan(50);
            assertThat(chi2).isBetween(cells - 4 * Math.sqrt(2.0 * cells), cells + 4 * Math.sqrt(2.0 * cells));
        }
    }

    static double[] widths() {
        return new double[] {0, 0.5, 3};
    }

    private static SoftValues search(Transformer model, TokenEvidence evidence, double width, int limit) {
        SoftValues.Recorder recorder = SoftValues.recorder(limit);
        new AnytimePartition(model, evidence)
                .search(PROMPT, HORIZON, new AnytimePartition.Search(width, so -> true, recorder));
        return recorder.finish();
    }

    private static int twos(int[] tokens, int length) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            count += tokens[i] == 2 ? 1 : 0;
        }
        return count;
    }

    /** The posterior mass of every text. */
    private record Masses(Map<List<Integer>, Double> of, double logZ) implements CompletionVisitor {
        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            List<Integer> text = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                text.add(tokens[i]);
            }
            if (end >= 0) {
                text.add(end);
            }
            of.put(text, Math.exp(logProbs[0] + UNBOUNDED.logLikelihood(tokens, length, end >= 0) - logZ));
        }
    }
}
