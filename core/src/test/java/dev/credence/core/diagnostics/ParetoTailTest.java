package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.Vectors;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParetoTailTest {
    private static final int REPETITIONS = 200;
    private static final int SAMPLE = 4000;

    static Stream<Arguments> exponentialRewards() {
        return Stream.of(
                arguments("K.exp_lam0.3", 0.3),
                arguments("K.exp_lam0.5", 0.5),
                arguments("K.exp_lam0.7", 0.7),
                arguments("K.exp_lam0.9", 0.9),
                arguments("K.exp_lam1.2", 1.2));
    }

    static Stream<Arguments> gaussianRewards() {
        return Stream.of(
                arguments("K.gauss_lam0.5", 0.5),
                arguments("K.gauss_lam1", 1.0),
                arguments("K.gauss_lam2", 2.0),
                arguments("K.gauss_lam3", 3.0));
    }

    @ParameterizedTest
    @MethodSource("exponentialRewards")
    void findsTheShapeOfExponentialRewards(String key, double lambda) {
        assertMeanShape(key, random -> lambda * random.nextExponential());
    }

    @ParameterizedTest
    @MethodSource("gaussianRewards")
    void findsTheShapeOfGaussianRewards(String key, double lambda) {
        assertMeanShape(key, random -> lambda * random.nextGaussian());
        // E[w]²/E[w²] of log-normal weights
        assertThat(Math.exp(-lambda * lambda)).isCloseTo(Vectors.number(key, "ESSfrac_pop"), within(5e-7));
    }

    private interface LogWeight {
        double draw(RandomGenerator random);
    }

    private static void assertMeanShape(String key, LogWeight logWeight) {
        RunningMean shapes = new RunningMean();
        for (int seed = 0; seed < REPETITIONS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] logWeights = new double[SAMPLE];
            Arrays.setAll(logWeights, i -> logWeight.draw(random));
            shapes.add(ParetoTail.of(logWeights).shape());
        }
        double tolerance = 4 * Vectors.number(key, "sd") / Math.sqrt(REPETITIONS) + 0.02;
        assertThat(shapes.result().mean()).isCloseTo(Vectors.number(key, "mean"), within(tolerance));
        assertThat(Math.sqrt(shapes.result().variance()))
                .isCloseTo(Vectors.number(key, "sd"), within(0.25 * Vectors.number(key, "sd")));
    }

    @Test
    void hasTheThresholdsOfTheSheet() {
        Vectors.get("K.thresholds")
                .properties()
                .forEach(entry -> assertThat(ParetoTail.threshold(Integer.parseInt(entry.getKey())))
                        .as("S = " + entry.getKey())
                        .isCloseTo(entry.getValue().doubleValue(), within(5e-7)));
    }

    @Test
    void countsTheTail() {
        assertThat(ParetoTail.tailLength(225)).isEqualTo(45);
        assertThat(ParetoTail.tailLength(226)).isEqualTo(46); // 3·√226 = 45.1
        assertThat(ParetoTail.tailLength(4000)).isEqualTo(190);
        assertThat(ParetoTail.tailLength(24)).isEqualTo(4);
        assertThat(ParetoTail.of(gaussian(4000, 1)).observations()).isEqualTo(190);
    }

    @Test
    void tellsHowManyDrawsATailTakes() {
        assertThat(ParetoTail.minimalSampleSize(0.5)).isCloseTo(100, within(1e-9));
        assertThat(ParetoTail.minimalSampleSize(0.7)).isCloseTo(Math.pow(10, 1 / 0.3), within(1e-6));
        assertThat(ParetoTail.minimalSampleSize(-0.4)).isEqualTo(10);
        assertThat(ParetoTail.minimalSampleSize(1)).isInfinite();
        assertThat(new ParetoTail(0.5, 20, 100).minimalSampleSize()).isCloseTo(100, within(1e-9));
        assertThat(new ParetoTail(Double.NaN, 0, 100).minimalSampleSize()).isNaN();
    }

    @Test
    void isReliableBelowTheThresholdOnly() {
        assertThat(new ParetoTail(0.49, 20, 100).reliable()).isTrue();
        assertThat(new ParetoTail(0.5, 20, 100).reliable()).isFalse();
        assertThat(new ParetoTail(Double.NaN, 0, 100).reliable()).isFalse();
        assertThat(new ParetoTail(Double.NEGATIVE_INFINITY, 20, 100).reliable()).isTrue();
        assertThat(new ParetoTail(Double.NEGATIVE_INFINITY, 0, 1).reliable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {25, 26, 100, 225, 226, 999, 5000})
    void agreesWithTheRecipeWrittenDownPlainly(int size) {
        for (int seed = 0; seed < 20; seed++) {
            double[] logWeights = gaussian(size, seed);
            double scale = 0.2 + seed / 5.0;
            Arrays.setAll(logWeights, i -> scale * logWeights[i]);
            assertThat(ParetoTail.of(logWeights).shape())
                    .isCloseTo(NaivePareto.shape(logWeights, ParetoTail.tailLength(size)), within(1e-9));
        }
    }

    @Test
    void doesNotDependOnScaleOrderOrWhatLiesOutsideTheRange() {
        double[] logWeights = gaussian(3000, 7);
        double shape = ParetoTail.of(logWeights).shape();
        double[] shifted = logWeights.clone();
        Arrays.setAll(shifted, i -> logWeights[i] - 900);
        assertThat(ParetoTail.of(shifted).shape()).isCloseTo(shape, within(1e-9));

        double[] ascending = logWeights.clone();
        Arrays.sort(ascending);
        assertThat(ParetoTail.of(ascending).shape()).isEqualTo(shape);
        double[] descending = new double[ascending.length];
        Arrays.setAll(descending, i -> ascending[ascending.length - 1 - i]);
        assertThat(ParetoTail.of(descending).shape()).isEqualTo(shape);

        double[] framed = new double[3002];
        System.arraycopy(logWeights, 0, framed, 1, 3000);
        framed[0] = 1e6;
        framed[3001] = Double.NaN;
        assertThat(ParetoTail.of(framed, 1, 3001)).isEqualTo(new ParetoTail(shape, 165, 3000));
    }

    @Test
    void knowsNothingFromTooFewDraws() {
        assertThat(ParetoTail.of(gaussian(24, 1)).shape()).isNaN();
        assertThat(ParetoTail.of(gaussian(25, 1)).shape()).isNotNaN();
        assertThat(ParetoTail.of(new double[0]).shape()).isNaN();
        assertThat(ParetoTail.of(new double[0]).threshold()).isNaN();
    }

    @Test
    void findsNoTailInEqualWeights() {
        assertThat(ParetoTail.of(new double[1000])).isEqualTo(new ParetoTail(Double.NEGATIVE_INFINITY, 0, 1000));
        double[] rounded = gaussian(1000, 1);
        Arrays.setAll(rounded, i -> -300 + 1e-12 * rounded[i]);
        assertThat(ParetoTail.of(rounded).shape()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void findsNoTailInAnIndicatorReward() {
        double[] common = new double[1000];
        Arrays.fill(common, 0, 300, 2.0); // 300 of them, a tail has 95
        assertThat(ParetoTail.of(common)).isEqualTo(new ParetoTail(Double.NEGATIVE_INFINITY, 300, 1000));
        double[] rare = new double[1000];
        Arrays.fill(rare, 0, 3, 2.0);
        assertThat(ParetoTail.of(rare)).isEqualTo(new ParetoTail(Double.NEGATIVE_INFINITY, 3, 1000));
        double[] possible = new double[1000]; // the others are impossible, and fewer than a tail are not
        Arrays.fill(possible, Double.NEGATIVE_INFINITY);
        Arrays.fill(possible, 0, 60, 2.0);
        assertThat(ParetoTail.of(possible)).isEqualTo(new ParetoTail(Double.NEGATIVE_INFINITY, 60, 1000));
    }

    @Test
    void takesATieAcrossTheCutAsAWhole() {
        double[] logWeights = new double[1000]; // 840 of weight 1, 150 of e, 10 of e² … e^11; a tail has 95
        Arrays.fill(logWeights, 0, 150, 1.0);
        for (int i = 0; i < 10; i++) {
            logWeights[150 + i] = 2 + i;
        }
        double heavy = ParetoTail.of(logWeights).shape();
        assertThat(ParetoTail.of(logWeights).observations()).isEqualTo(160);
        assertThat(heavy)
                .isCloseTo(NaivePareto.shape(logWeights, 160), within(1e-9))
                .isGreaterThan(0.7);
    }

    @Test
    void takesWhatIsAboveATieWithNothingBelow() {
        double[] logWeights = new double[1000];
        for (int i = 0; i < 20; i++) {
            logWeights[i] = 1 + i * 0.3;
        }
        ParetoTail tail = ParetoTail.of(logWeights);
        assertThat(tail.observations()).isEqualTo(20);
        assertThat(tail.shape()).isCloseTo(NaivePareto.shape(logWeights, 20), within(1e-9));
    }

    @Test
    void countsImpossibleDrawsAsDraws() {
        double[] logWeights = new double[1000];
        Arrays.fill(logWeights, Double.NEGATIVE_INFINITY);
        double[] possible = gaussian(60, 3);
        System.arraycopy(possible, 0, logWeights, 500, 60);
        ParetoTail tail = ParetoTail.of(logWeights);
        assertThat(tail.observations()).isEqualTo(60);
        assertThat(tail.sampleSize()).isEqualTo(1000);
        assertThat(tail.shape()).isCloseTo(NaivePareto.shape(logWeights, 60), within(1e-9));
        assertThat(ParetoTail.of(IntStream.range(0, 100)
                                .mapToDouble(i -> Double.NEGATIVE_INFINITY)
                                .toArray())
                        .shape())
                .isNaN();
    }

    @Test
    void survivesWeightsBeyondTheRangeOfADouble() {
        double[] logWeights = new double[1000];
        Arrays.setAll(logWeights, i -> 5.0 * i);
        assertThat(ParetoTail.of(logWeights).shape()).isGreaterThan(10).isFinite();
    }

    @Test
    void theLikelihoodIsContinuousThroughTheExponentialDistribution() {
        GeneralisedParetoFit fit = new GeneralisedParetoFit(new double[] {0.1, 0.3, 1}, 4);
        double atZero = fit.profileLogLikelihood(0); // mean (4·0.1 + 0.3 + 1)/6
        assertThat(atZero).isCloseTo(6 * (-Math.log(1.7 / 6) - 1), within(1e-12));
        assertThat(fit.profileLogLikelihood(1e-7)).isCloseTo(atZero, within(1e-6));
        assertThat(fit.profileLogLikelihood(-1e-7)).isCloseTo(atZero, within(1e-6));
    }

    @Test
    void ofWeightsIsOfTheirLogarithms() {
        for (int size : new int[] {10, 30, 200, 1000, 5000}) {
            double[] logs = gaussian(size, size);
            assertSameTail(logs);
            assertSameTail(Arrays.stream(logs).map(Math::rint).toArray()); // ties across the cut
            assertSameTail(Arrays.stream(logs)
                    .map(x -> x > 1 ? x : Double.NEGATIVE_INFINITY)
                    .toArray());
            assertSameTail(Arrays.stream(logs).map(x -> 0).toArray());
            assertSameTail(Arrays.stream(logs).map(x -> x > 1.5 ? x : 0).toArray()); // most are one tie
        }
        assertThatThrownBy(() -> ParetoTail.ofWeights(new double[] {1, -1e-9}))
                .hasMessage("weight 1 is -1.0E-9; it must be finite and not negative");
        assertThatThrownBy(() -> ParetoTail.ofWeights(new double[] {Double.NaN}))
                .hasMessageContaining("weight 0 is NaN");
    }

    private static void assertSameTail(double[] logs) {
        ParetoTail expected = ParetoTail.of(logs);
        ParetoTail actual =
                ParetoTail.ofWeights(Arrays.stream(logs).map(Math::exp).toArray());
        assertThat(actual.observations()).isEqualTo(expected.observations());
        if (Math.abs(expected.shape()) < Double.POSITIVE_INFINITY) {
            assertThat(actual.shape()).isCloseTo(expected.shape(), within(1e-9));
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void refusesWhatIsNoLogWeight() {
        double[] logWeights = gaussian(100, 1);
        logWeights[17] = Double.NaN;
        assertThatThrownBy(() -> ParetoTail.of(logWeights))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("log-weight 17 is NaN; it must be a number below infinity");
        logWeights[17] = Double.POSITIVE_INFINITY;
        assertThatThrownBy(() -> ParetoTail.of(logWeights)).hasMessageContaining("log-weight 17 is Infinity");
        assertThatThrownBy(() -> ParetoTail.of(logWeights, 50, 101)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> ParetoTail.threshold(1))
                .hasMessage("sampleSize is 1; a threshold needs at least 2 draws");
    }

    private static double[] gaussian(int size, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[size];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }
}
