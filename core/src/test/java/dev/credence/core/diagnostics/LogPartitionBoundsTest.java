package dev.credence.core.diagnostics;

import static dev.credence.core.diagnostics.Examples.PRIOR;
import static dev.credence.core.diagnostics.Examples.posterior;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.Vectors;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LogPartitionBoundsTest {
    private static final double[] EVIDENCE = Examples.evidence(1);

    static Stream<Arguments> sizes() {
        return Stream.of(arguments("T6.K1", 1), arguments("T6.K2", 2), arguments("T6.K4", 4), arguments("T6.K8", 8));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void hasTheExpectationsOfTheSheet(String key, int k) {
        LogPartitionBounds bounds = LogPartitionBounds.exact(PRIOR, EVIDENCE, k);
        Vectors.assertVector(bounds.lower(), key, "lower");
        Vectors.assertVector(bounds.upper(), key, "upper");
        Vectors.assertVector(Examples.logPartition(1), key, "logZ");
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void estimatesThemFromDraws(String key, int k) {
        SplittableRandom random = new SplittableRandom(k);
        double[] fromPrior = draws(PRIOR, 40_000, random);
        double[] fromPosterior = draws(posterior(1), 5_000, random);
        SampleMean lower = LogPartitionBounds.lower(fromPrior, k);
        SampleMean upper = LogPartitionBounds.upper(fromPosterior, fromPrior, k);
        assertThat(lower.count()).isEqualTo(40_000 / k);
        assertThat(upper.count()).isEqualTo(5_000);
        assertThat(lower.mean()).isCloseTo(Vectors.number(key, "lower"), within(4 * lower.standardError()));
        assertThat(upper.mean()).isCloseTo(Vectors.number(key, "upper"), within(4 * upper.standardError()));
        assertThat(lower.standardError()).isLessThan(0.03);
        assertThat(upper.standardError()).isLessThan(0.03);
    }

    private static double[] draws(Distribution from, int n, SplittableRandom random) {
        return IntStream.range(0, n)
                .mapToDouble(i -> EVIDENCE[from.sample(random)])
                .toArray();
    }

    @Test
    void missesByTheKlsWithOneDraw() {
        LogPartitionBounds bounds = LogPartitionBounds.exact(PRIOR, EVIDENCE, 1);
        Vectors.assertVector(bounds.lower(), "T6.checks", "LB1");
        Vectors.assertVector(bounds.upper(), "T6.checks", "UB1");
        double[] ratios = Examples.logRatios(posterior(1));
        assertThat(bounds.upper() - Examples.logPartition(1))
                .isCloseTo(posterior(1).expectation(ratios), within(Vectors.EXACT));
        assertThat(bounds.lower() - Examples.logPartition(1))
                .isCloseTo(PRIOR.expectation(ratios), within(Vectors.EXACT));
    }

    @Test
    void closesInOnRandomWorlds() {
        for (int seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] weights = random.doubles(4, -3, 0).toArray();
            double[] evidence = random.doubles(4, -5, 5).toArray();
            Distribution prior = Distribution.ofLogWeights(Examples.OUTCOMES, weights);
            double logPartition = LogMath.logSumExp(IntStream.range(0, 4)
                    .mapToDouble(i -> prior.logProbability(i) + evidence[i])
                    .toArray());
            LogPartitionBounds before = LogPartitionBounds.exact(prior, evidence, 1);
            for (int k = 2; k <= 10; k += 2) {
                LogPartitionBounds bounds = LogPartitionBounds.exact(prior, evidence, k);
                assertThat(bounds.lower()).isBetween(before.lower(), logPartition);
                assertThat(bounds.upper()).isBetween(logPartition, before.upper());
                before = bounds;
            }
        }
    }

    @Test
    void agreesWithAllOrderedSamples() {
        double lower = 0;
        double upper = 0;
        for (int x = 0; x < 64; x++) {
            int[] sample = {x & 3, x >> 2 & 3, x >> 4};
            double probability =
                    Arrays.stream(sample).mapToDouble(PRIOR::probability).reduce(1, (a, b) -> a * b);
            double mean = Arrays.stream(sample)
                    .mapToDouble(i -> Math.exp(EVIDENCE[i]))
                    .average()
                    .orElseThrow();
            lower += probability * Math.log(mean);
            double withPosterior = probability * posterior(1).probability(sample[0]) / PRIOR.probability(sample[0]);
            upper += withPosterior * Math.log(mean);
        }
        LogPartitionBounds bounds = LogPartitionBounds.exact(PRIOR, EVIDENCE, 3);
        assertThat(bounds.lower()).isCloseTo(lower, within(1e-12));
        assertThat(bounds.upper()).isCloseTo(upper, within(1e-12));
    }

    @Test
    void countsOutcomesOfEqualEvidenceAsOneAndSeesWhatIsRuledOut() {
        LogPartitionBounds merged =
                LogPartitionBounds.exact(Examples.of(0.5, 0.25, 0.25, 0), new double[] {0.0, 2, 2, 99}, 40);
        LogPartitionBounds pair =
                LogPartitionBounds.exact(Distribution.uniform(List.of("a", "b")), new double[] {-0.0, 2}, 40);
        assertThat(merged.lower()).isCloseTo(pair.lower(), within(1e-12));
        assertThat(merged.upper()).isCloseTo(pair.upper(), within(1e-12));

        double[] half = {0, Double.NEGATIVE_INFINITY};
        LogPartitionBounds event = LogPartitionBounds.exact(Distribution.uniform(List.of("a", "b")), half, 2);
        assertThat(event.lower()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(event.upper()).isCloseTo(0.5 * Math.log(0.5), within(1e-12)); // one or both of the two are possible
        LogPartitionBounds one = LogPartitionBounds.exact(Distribution.uniform(List.of("a")), new double[] {-3}, 5);
        assertThat(one.lower()).isCloseTo(-3, within(1e-12));
        assertThat(one.upper()).isCloseTo(-3, within(1e-12));
    }

    @Test
    void keepsItsDigitsForEvidenceBeyondTheRangeOfADouble() {
        LogPartitionBounds near = LogPartitionBounds.exact(PRIOR, EVIDENCE, 3);
        double[] far = Arrays.stream(EVIDENCE).map(e -> e - 2000).toArray();
        assertThat(LogPartitionBounds.exact(PRIOR, far, 3).lower() + 2000).isCloseTo(near.lower(), within(1e-9));
        assertThat(LogPartitionBounds.exact(PRIOR, far, 3).upper() + 2000).isCloseTo(near.upper(), within(1e-9));
    }

    @Test
    void refusesWhatHasNoAnswer() {
        assertThatThrownBy(() -> LogPartitionBounds.exact(PRIOR, new double[3], 1))
                .hasMessage("3 evidences for 4 outcomes");
        assertThatThrownBy(() -> LogPartitionBounds.exact(PRIOR, new double[] {0, 0, Double.NaN, 0}, 1))
                .hasMessage("evidence of outcome 'c' is NaN; it must be a number below infinity");
        double[] impossible = new double[4];
        Arrays.fill(impossible, Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> LogPartitionBounds.exact(PRIOR, impossible, 1))
                .hasMessage("the evidence rules out every outcome: there is no posterior");
        assertThatThrownBy(() -> LogPartitionBounds.exact(PRIOR, EVIDENCE, 0))
                .hasMessage("k is 0; a sample has at least 1 draw");
        assertThatThrownBy(() -> LogPartitionBounds.exact(PRIOR, EVIDENCE, 1000))
                .hasMessageContaining("1000 draws from 4 levels of evidence make")
                .hasMessageContaining("at most 5.0E7 are enumerated");
        assertThatThrownBy(() -> LogPartitionBounds.lower(new double[3], 4))
                .hasMessage("3 prior draws make no block of 4");
        assertThatThrownBy(() -> LogPartitionBounds.upper(new double[3], new double[2], 4))
                .hasMessage("3 posterior and 2 prior draws make no block of 1 and 3");
    }
}
