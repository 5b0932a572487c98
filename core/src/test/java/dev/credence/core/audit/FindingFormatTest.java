package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingFormatTest {
    @ParameterizedTest
    @CsvSource({
        "9.85, 9.85, Infinity, '9.85 [9.85, ∞]'",
        "-Infinity, 9.85, 9.85, '9.85 [−∞, 9.85]'",
        "-Infinity, 9.85, Infinity, '9.85 [−∞, ∞]'",
        "9.81, Infinity, Infinity, '∞ [9.81, ∞]'",
        "Infinity, Infinity, Infinity, '∞'",
        "9.85, 9.850000000000002, 9.850000000000004, '9.85'",
        "NaN, 9.85, NaN, '9.85'",
        "9.81, 9.85, 9.91, '9.85 [9.81, 9.91]'",
        "0.9999954, 0.9999984, 0.9999998, '0.999998 [0.999995, 1]'",
        "-9.8504, -9.8502, -9.8501, '−9.8502 [−9.8504, −9.8501]'"
    })
    void onlyAPointHasNoInterval(double lower, double estimate, double upper, String text) {
        Finding finding = new Finding("x", "?", lower, estimate, upper, Grade.ESTIMATED, "", null, null);
        assertThat(FindingFormat.of(finding)).isEqualTo(text);
    }
}
