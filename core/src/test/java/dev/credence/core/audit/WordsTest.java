package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {
    private static Finding finding(double lower, double estimate, double upper) {
        return new Finding("log_z", "?", lower, estimate, upper, Grade.ESTIMATED, "nats", "influence", null);
    }

    @Test
    void numbersHaveThreeDigits() {
        assertThat(Words.number(20)).isEqualTo("20");
        assertThat(Words.number(6.8649)).isEqualTo("6.86");
    }

    @Test
    void oneCopyIsSingular() {
        assertThat(Words.copies(1)).isEqualTo("1 copy");
        assertThat(Words.copies(20)).isEqualTo("20 copies");
        assertThat(Words.copies(Double.POSITIVE_INFINITY)).isEqualTo("infinitely many copies");
    }

    @Test
    void anIntervalIsGivenWhereThereIsOne() {
        assertThat(Words.of(finding(6.78, 6.86, 6.94))).isEqualTo("6.86 (95 %: 6.78 to 6.94)");
        assertThat(Words.percent(finding(.42, .44, .45))).isEqualTo("44 % (95 %: 42 to 45 %)");
    }

    @Test
    void anExactFigureIsABareNumber() {
        assertThat(Words.of(finding(6.86, 6.86, 6.86))).isEqualTo("6.86");
        assertThat(Words.percent(finding(.44, .44, .44))).isEqualTo("44 %");
        assertThat(Words.of(finding(Double.NaN, 6.86, Double.NaN))).isEqualTo("6.86");
    }
}
