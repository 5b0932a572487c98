package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinomialIntervalTest {
    /** Its ends are where a tail of the binomial distribution holds 2.5 %. */
    @ParameterizedTest
    @CsvSource({"1, 10", "5, 10", "29, 100", "99, 100", "50, 1000"})
    void eachEndLeavesTheTailThatItSays(int successes, int trials) {
        double[] interval = BinomialInterval.of(successes, trials);
        assertThat(interval[1]).isEqualTo((double) successes / trials);
        assertThat(1 - below(successes, trials, interval[0]))
                .as("so many or more, at the lower end")
                .isCloseTo(.025, within(1e-7));
        assertThat(below(successes + 1, trials, interval[2]))
                .as("so many or fewer, at the upper end")
                .isCloseTo(.025, within(1e-7));
    }

    /** P(fewer than k of n at p), by a plain sum. */
    private static double below(int k, int n, double p) {
        double sum = 0;
        double logTerm = n * Math.log1p(-p);
        for (int i = 0; i < k; i++) {
            sum += Math.exp(logTerm);
            logTerm += Math.log((n - i) / (i + 1.0) * p / (1 - p));
        }
        return sum;
    }

    @Test
    void noneAndAllHaveAnEndAtTheEdge() {
        assertThat(BinomialInterval.of(0, 20)[0]).isZero();
        assertThat(BinomialInterval.of(0, 20)[2]).isCloseTo(1 - Math.pow(.025, 1 / 20.0), within(1e-7));
        assertThat(BinomialInterval.of(20, 20)[2]).isEqualTo(1);
        assertThat(BinomialInterval.of(20, 20)[0]).isCloseTo(Math.pow(.025, 1 / 20.0), within(1e-7));
    }

    @ParameterizedTest
    @CsvSource({"3, 2", "-1, 2", "0, 0"})
    void refusesWhatCannotBeCounted(int successes, int trials) {
        assertThatThrownBy(() -> BinomialInterval.of(successes, trials))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("successes are " + successes + " of " + trials
                        + " trials; there is at least one trial, and no more successes than trials");
    }
}
