package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StudentTTest {
    /*
     * Quantiles by bisection of the distribution function, itself ∫ cos^(v−1) by Simpson's rule with 4,000 steps in Python:
     *   th = atan(t/sqrt(v)); P(|T| < t) = simpson(cos^(v−1), 0, th) / (sqrt(pi)/2 Γ(v/2)/Γ((v+1)/2))
     * The expansion's first missing term falls as v^-5, and so do the tolerances.
     */
    @ParameterizedTest
    @CsvSource({
        "3,    3.18244630528363,   .004",
        "3.5,  2.9400886379826603, .0018",
        "4,    2.776445105197807,  .0009",
        "5,    2.5705818356362586, .0003",
        "6,    2.446911851144969,  .00011",
        "8,    2.3060041352041605, 2.6e-5",
        "10,   2.228138851986265,  8e-6",
        "12.5, 2.1691859427125078, 2.7e-6",
        "15,   2.1314495455597777, 1.1e-6",
        "20,   2.085963447265851,  2.5e-7",
        "30,   2.0422724563013004, 3.2e-8",
        "60,   2.0002978220142333, 1e-9",
        "120,  1.979930405082453,  4e-11",
        "1000, 1.962339080825774,  2e-12",
    })
    void quantilesAreThoseOfTheDistribution(double freedom, double expected, double error) {
        assertThat(StudentT.quantile(freedom)).isCloseTo(expected, within(error));
    }

    @Test
    void fewerThanThreeDegreesAreTakenForThree() {
        assertThat(StudentT.quantile(0.4)).isEqualTo(StudentT.quantile(3));
        assertThat(StudentT.quantile(2.999)).isEqualTo(StudentT.quantile(3)).isGreaterThan(StudentT.quantile(3.001));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1.1e9})
    void unknownOrEndlessFreedomIsTheNormals(double freedom) {
        assertThat(StudentT.quantile(freedom)).isEqualTo(1.959963984540054);
    }

    @Test
    void theSpreadOfAVarianceIsTheKurtosissAndNoLessThanANormals() {
        // ten values ±1: kurtosis 1, so the normal's 2/9 holds
        assertThat(StudentT.spreadOfVariance(10, 10, 10)).isCloseTo(2.0 / 9, within(1e-15));
        // all of the variance in one of ten: kurtosis 10
        assertThat(StudentT.spreadOfVariance(10, 4, 16)).isCloseTo(0.9, within(1e-15));
        // kurtosis 6 of 12 values
        assertThat(StudentT.spreadOfVariance(12, 2, 2)).isCloseTo(5.0 / 12, within(1e-15));
        // no variance at all: as a normal's
        assertThat(StudentT.spreadOfVariance(5, 0, 0)).isEqualTo(0.5);
    }

    /** 97.5 % points of published tables, for 1, 2, 3, 9 and 29 degrees of freedom. */
    @Test
    void theMeanOfAFewDrawsHasItsTableValue() {
        int[] draws = {2, 3, 4, 10, 30};
        double[] points = {12.7062, 4.30265, 3.18245, 2.26216, 2.04523};
        for (int k = 0; k < draws.length; k++) {
            assertThat(StudentT.ofMean(draws[k])).isCloseTo(points[k], within(k < 2 ? 1e-4 : 4e-3));
        }
        assertThatThrownBy(() -> StudentT.ofMean(1)).hasMessage("draws are 1; a spread takes at least 2");
    }
}
