package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberScannerTest {
    private final NumberScanner scanner = new NumberScanner();

    private double read(String number) {
        byte[] bytes = (number + ",12345678").getBytes(StandardCharsets.US_ASCII);
        return scanner.number(Arrays.copyOf(bytes, bytes.length + JsonBytes.PADDING), 0);
    }

    private void assertExact(String number) {
        double found = read(number);
        assertThat(scanner.end).as(number).isEqualTo(number.length());
        assertThat(found).as(number).isEqualTo(Double.parseDouble(number));
    }

    @Test
    void randomNumbersAreReadExactly() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 200_000; i++) {
            assertExact(Double.toString(Math.log(random.nextDouble())));
            assertExact(random.nextLong(1_000_000_000_000_000_000L) + "e" + (random.nextInt(200) - 100));
            assertExact("-" + random.nextInt(1000) + "." + random.nextInt(1_000_000_000));
            assertExact(Long.toString((1L << 53) + random.nextLong(1L << 56)));
        }
    }

    @Test
    void numbersHalfwayBetweenTwoDoublesGoToTheEvenOne() {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 20_000; i++) {
            double low = Math.scalb(1 + random.nextLong(1L << 52) * 0x1p-52, random.nextInt(12) + 46);
            String half =
                    new BigDecimal(low).add(new BigDecimal(Math.ulp(low) / 2)).toPlainString();
            assertExact(half);
            assertExact(half + (half.contains(".") ? "" : ".") + "0000001");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0.0",
                "5e-324",
                "1.7976931348623157e308",
                "2.2250738585072014e-308",
                "1e22",
                "1e23",
                "9007199254740993",
                "0.000001",
                "12345678",
                "1234567812345678"
            })
    void edgesAreReadExactly(String number) {
        assertExact(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "-",
                ".5",
                "1.",
                "1e",
                "1e+",
                "+1",
                "1e999",
                "NaN",
                "",
                "-a",
                "1e99999999",
                "0.00000000000000000000000000000000000000000001"
            })
    void whatIsNoJsonNumberOrUnusualIsLeftToTheOther(String number) {
        assertThat(read(number)).isNaN();
        assertThat(scanner.end).isEqualTo(-1);
    }
}
