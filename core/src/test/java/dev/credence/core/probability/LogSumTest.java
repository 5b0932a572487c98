package dev.credence.core.probability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogSumTest {
    @Test
    void agreesWithTheVectorForm() {
        SplittableRandom random = new SplittableRandom(1);
        double[] terms = random.doubles(10_000, -800, 800).toArray();
        LogSum sum = new LogSum();
        LogSum front = new LogSum();
        LogSum back = new LogSum();
        for (int i = 0; i < terms.length; i++) {
            sum.add(terms[i]);
            (i < 3_000 ? front : back).add(terms[i]);
        }
        front.add(back);
        assertThat(sum.value()).isCloseTo(LogMath.logSumExp(terms), within(1e-12));
        assertThat(front.value()).isCloseTo(LogMath.logSumExp(terms), within(1e-12));
    }

    @Test
    void emptyAndZeroTermsAreMinusInfinity() {
        LogSum sum = new LogSum();
        assertThat(sum.value()).isEqualTo(Double.NEGATIVE_INFINITY);
        sum.add(Double.NEGATIVE_INFINITY);
        sum.add(new LogSum());
        assertThat(sum.value()).isEqualTo(Double.NEGATIVE_INFINITY);
        sum.add(2.5);
        sum.add(Double.NEGATIVE_INFINITY);
        assertThat(sum.value()).isEqualTo(2.5);
    }

    @Test
    void infinityAndNanStay() {
        LogSum sum = new LogSum();
        sum.add(1);
        sum.add(Double.POSITIVE_INFINITY);
        sum.add(Double.POSITIVE_INFINITY);
        sum.add(3);
        assertThat(sum.value()).isEqualTo(Double.POSITIVE_INFINITY);
        sum.add(Double.NaN);
        sum.add(3);
        assertThat(sum.value()).isNaN();
        LogSum other = new LogSum();
        other.add(sum);
        assertThat(other.value()).isNaN();
    }
}
