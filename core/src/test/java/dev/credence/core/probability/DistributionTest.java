package dev.credence.core.probability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {
    private static final Distribution SKEWED =
            Distribution.of(new LinkedHashMap<>(Map.of("a", .5, "b", .25, "c", .25)));

    /** A generator that always draws the same number. */
    private static RandomGenerator always(double draw) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                return 0;
            }

            @Override
            public double nextDouble() {
                return draw;
            }
        };
    }

    private static Distribution three(double a, double b, double c) {
        Map<String, Double> weights = new LinkedHashMap<>();
        weights.put("a", a);
        weights.put("b", b);
        weights.put("c", c);
        return Distribution.normalised(weights);
    }

    @ParameterizedTest
    @CsvSource({"0, a", "0.4999, a", "0.5, b", "0.7499, b", "0.75, c", "0.99999, c"})
    void aDrawFallsIntoItsShare(double draw, String outcome) {
        Distribution distribution = three(.5, .25, .25);
        assertThat(distribution.outcome(distribution.sample(always(draw)))).isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"0, b", "0.9999999999, b", "1, b"})
    void impossibleOutcomesAreNeverDrawn(double draw, String outcome) {
        Distribution distribution = three(0, 2, 0); // a draw of one stands for a sum that rounding left short of it
        assertThat(distribution.outcome(distribution.sample(always(draw)))).isEqualTo(outcome);
    }

    @Test
    void aShortTextForPeople() {
        assertThat(three(2, 1, 1)).hasToString("{a: 0.5, b: 0.25, c: 0.25}");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            names.add("x" + i);
        }
        assertThat(Distribution.uniform(names).toString())
                .startsWith("{x0: 0.125")
                .contains(", x7: 0.125")
                .endsWith("}")
                .doesNotContain("outcomes");
        names.add("x8");
        assertThat(Distribution.uniform(names).toString())
                .contains("x7: 0.11")
                .doesNotContain("x8")
                .endsWith(", … 9 outcomes}");
    }

    @Test
    void entropyAndExpectationPassOverTheImpossible() {
        Distribution distribution = three(1, 1, 0);
        assertThat(distribution.entropy()).isCloseTo(Math.log(2), within(1e-15));
        assertThat(distribution.expectation(new double[] {1, 3, Double.POSITIVE_INFINITY}))
                .isCloseTo(2, within(1e-15));
        assertThatThrownBy(() -> distribution.expectation(new double[2])).hasMessage("2 values for 3 outcomes");
        assertThat(SKEWED.entropy()).isCloseTo(1.5 * Math.log(2), within(1e-15));
    }

    @Test
    void whatIsNoDistributionIsRefused() {
        assertThatThrownBy(() -> Distribution.of(Map.of("a", .5, "b", .49)))
                .hasMessageStartingWith("probabilities sum to 0.99, not to 1");
        assertThat(Distribution.of(Map.of("a", .5, "b", .5 + 9e-10)).size()).isEqualTo(2);
        assertThatThrownBy(() -> three(0, 0, 0)).hasMessageStartingWith("every outcome has weight zero");
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> three(1, bad, 1))
                    .hasMessage("weight of outcome 'b' is " + bad + "; it must be finite and not negative");
        }
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Distribution.ofLogWeights(List.of("a", "b"), new double[] {0, bad}))
                    .hasMessage("log-weight of outcome 'b' is " + bad + "; it must be a number below infinity");
        }
        assertThatThrownBy(() -> Distribution.ofLogWeights(List.of("a", "b"), new double[1]))
                .hasMessage("2 outcomes but 1 log-weights");
        assertThatThrownBy(() -> Distribution.ofLogWeights(List.of("a", "a"), new double[2]))
                .hasMessage("outcome 'a' is given twice");
    }

    @Test
    void outcomesAreFoundByName() {
        assertThat(SKEWED.indexOf("z")).isEqualTo(-1);
        assertThat(SKEWED.probability("z")).isZero();
        assertThat(SKEWED.probability("a")).isCloseTo(.5, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-20, -1e-9, -.3, -.6931471805599453, -.7, -5, -50, -800})
    void theLogOfOneLessAnExponential(double x) {
        // the series −Σ e^{kx}/k converges for x < 0; close to zero 1 − e^x is −x
        double expected = 0;
        for (int k = 1; k < 2000; k++) {
            expected -= Math.exp(k * x) / k;
        }
        double reference = x > -0.1 ? Math.log(-x) + Math.log1p(x / 2 + x * x / 6) : expected;
        assertThat(LogMath.log1mExp(x)).isCloseTo(reference, within(1e-9 * Math.abs(reference)));
    }

    @Test
    void differencesAndMeansOfLogs() {
        assertThat(LogMath.logSubExp(Math.log(5), Math.log(3))).isCloseTo(Math.log(2), within(1e-15));
        assertThat(LogMath.logSubExp(-1000, -1001)).isCloseTo(-1000 + Math.log(1 - Math.exp(-1)), within(1e-12));
        assertThat(LogMath.logSubExp(2, Double.NEGATIVE_INFINITY)).isEqualTo(2);
        assertThat(LogMath.logSubExp(2, 2)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(LogMath.log1mExp(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> LogMath.logSubExp(1, 2)).hasMessage("x is 1.0; log(1 - exp(x)) needs x <= 0");
        assertThat(LogMath.logMeanExp(new double[] {Math.log(1), Math.log(2), Math.log(6)}))
                .isCloseTo(Math.log(3), within(1e-15));
    }
}
