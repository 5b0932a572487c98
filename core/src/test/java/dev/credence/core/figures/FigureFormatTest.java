package dev.credence.core.figures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Grade;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FigureFormatTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    0|0
                    -0.0|0
                    1|1
                    20|20
                    0.05|0.05
                    0.5|0.5
                    0.7001|0.700
                    0.71234|0.712
                    12.04|12.0
                    99.96|100
                    123.4|123
                    999.7|1,000
                    1234.5|1,234
                    16000|16,000
                    1234567.8|1,234,568
                    12345678|1.23×10⁷
                    2650000000|2.65×10⁹
                    1e300|1×10³⁰⁰
                    0.0001|0.0001
                    0.00012345|0.000123
                    0.000034567|3.46×10⁻⁵
                    2.2e-16|2.2×10⁻¹⁶
                    -0.0123|−0.0123
                    -3.5|−3.5
                    0.9951|0.995
                    0.9996|0.9996
                    0.99999|0.9999
                    0.9999999999|1
                    1.0004|1.00
                    0.30000000000000004|0.300
                    NaN|–
                    Infinity|∞
                    -Infinity|−∞
                    """)
    void writesThreeDigits(double number, String text) {
        assertThat(FigureFormat.of(number)).isEqualTo(text);
    }

    /** Read back, the text is the number to half a unit of the third digit (or a tenth of a percent below one). */
    @Test
    void losesNoMoreThanTheThirdDigit() {
        SplittableRandom random = new SplittableRandom(3);
        for (int at = 0; at < 20_000; at++) {
            double number = (random.nextBoolean() ? 1 : -1) * Math.pow(10, random.nextDouble(-20, 20));
            String plain = FigureFormat.of(number).replace("−", "-").replace(",", "");
            int power = plain.indexOf("×10");
            double read = power < 0
                    ? Double.parseDouble(plain)
                    : Double.parseDouble(plain.substring(0, power))
                            * Math.pow(10, exponent(plain.substring(power + 3)));
            assertThat(Math.abs(read / number - 1))
                    .as("%s written as %s", number, plain)
                    .isLessThanOrEqualTo(0.00501);
        }
    }

    private static int exponent(String superscript) {
        StringBuilder digits = new StringBuilder();
        superscript.chars().forEach(c -> digits.append(c == '⁻' ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)));
        return Integer.parseInt(digits.toString());
    }

    @Test
    void writesIntervals() {
        assertThat(FindingFormat.of(finding(0.64123, 0.71, 0.77))).isEqualTo("0.71 [0.641, 0.77]");
        assertThat(FindingFormat.of(finding(-0.1, 0, Double.POSITIVE_INFINITY))).isEqualTo("0 [−0.1, ∞]");
        assertThat(FindingFormat.of(finding(0.5, 0.5, 0.5))).isEqualTo("0.5");
        assertThat(FindingFormat.of(finding(Double.NaN, 0.5, 0.6))).isEqualTo("0.5");
        assertThat(FindingFormat.of(finding(Double.NaN, Double.NaN, Double.NaN)))
                .isEqualTo("–");
        assertThat(FindingFormat.interval(finding(0.5, 0.5, 0.5))).isEqualTo("–");
        assertThat(FindingFormat.interval(finding(1, 2, 3))).isEqualTo("[1, 3]");
    }

    private static Finding finding(double lower, double estimate, double upper) {
        return new Finding("x", "?", lower, estimate, upper, Grade.ESTIMATED, "nats", "influence", null);
    }

    @Test
    void endsThatDifferAreNeverPrintedAlike() {
        Finding near = new Finding("x", "?", -3.00012, -2.9999, -2.99951, Grade.ESTIMATED, "copies", null, null);
        assertThat(FindingFormat.interval(near)).isEqualTo("[−3.0001, −2.9995]");
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1",
        "0.6931471805599453, 0.693147",
        "-1.5, −1.5",
        "0, 0",
        "123456789, 123457000",
        "1e9, 1e+09",
        "0.00001234567, 0.0000123457",
        "0.000001234567, 1.23457e-06",
        "Infinity, ∞",
        "-Infinity, −∞",
        "NaN, –",
    })
    void anExactNumberHasSixDigits(double number, String text) {
        assertThat(FigureFormat.exact(number)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"20, 20", "-3, -3", "0.8, 0.8", "1e15, 1.0E15", "Infinity, inf", "-Infinity, -inf"})
    void aTypedNumberHasAllItsDigits(double number, String text) {
        assertThat(FigureFormat.typed(number)).isEqualTo(text);
    }

    @Test
    void countedThingsHaveTheirPlural() {
        assertThat(FigureFormat.counted(1, "round")).isEqualTo("1 round");
        assertThat(FigureFormat.counted(0, "round")).isEqualTo("0 rounds");
        assertThat(FigureFormat.counted(12_345, "record")).isEqualTo("12,345 records");
    }

    @Test
    void whatDiffersByRoundingIsOneNumber() {
        assertThat(FigureFormat.isOne(0.7, 0.69999999999999)).isTrue();
        assertThat(FigureFormat.isOne(-0.7, -0.7000001)).isFalse();
        assertThat(FigureFormat.isOne(0, 1e-300)).isFalse();
        assertThat(FigureFormat.isOne(Double.POSITIVE_INFINITY, 5)).isFalse();
        assertThat(FigureFormat.isOne(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY))
                .isTrue();
        assertThat(FigureFormat.isOne(Double.NaN, 5)).isFalse();
        assertThat(FigureFormat.digitsApart(0.7, 0.69999999999999)).isEqualTo(3);
    }
}
