package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "0.753, 75.3",
        "0, 0",
        "1.95e-14, 0",
        "1e-7, 0.00001",
        "1, 100",
        "-Infinity, 0",
        "-0.4, 0",
        "1.02, 100",
        "Infinity, 100"
    })
    void aShareLiesBetweenNoneAndAll(double fraction, String percent) {
        assertThat(Words.share(fraction)).isEqualTo(percent);
    }

    @Test
    void percentagesOfFindingsAreShares() {
        Finding finding = new Finding("x", "?", Double.NEGATIVE_INFINITY, .5, 1.02, Grade.ESTIMATED, "", null, null);
        assertThat(Words.percent(finding)).isEqualTo("50 % (95 %: 0 to 100 %)");
        assertThat(Words.of(finding)).contains("to 1.02)");
    }

    @Test
    void endsThatDifferAreNeverPrintedAlike() {
        Finding copies = new Finding("x", "?", 2.99951, 2.9997, 3.00012, Grade.ESTIMATED, "", null, null);
        assertThat(Words.of(copies)).isEqualTo("2.9997 (95 %: 2.9995 to 3.0001)");
        Finding share = new Finding("x", "?", .99991, .99995, .99999, Grade.ESTIMATED, "", null, null);
        assertThat(Words.percent(share)).isEqualTo("100 % (95 %: 99.99 to 100 %)");
        assertThat(Words.of(new Finding("x", "?", 3, 3, 3, Grade.EXACT, "", null, null)))
                .isEqualTo("3");
    }
}
