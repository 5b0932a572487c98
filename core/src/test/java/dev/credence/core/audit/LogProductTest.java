package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogProductTest {
    @Test
    void isTheSumOfTheLogarithms() {
        SplittableRandom random = new SplittableRandom(1);
        LogProduct product = new LogProduct();
        double sum = 0;
        for (int i = 0; i < 10_000; i++) {
            double log = random.nextDouble(-3, 2.9);
            product.times(Math.exp(log));
            sum += log;
        }
        assertThat(product.log()).isCloseTo(sum, within(1e-11));
    }

    @Test
    void holdsFactorsWhoseProductIsNoDouble() {
        LogProduct product = new LogProduct();
        product.times(1e-300);
        product.times(1e-99);
        product.times(1e-99);
        product.times(1e-300);
        product.times(1e-99);
        assertThat(product.log()).isCloseTo(-897 * Math.log(10), within(1e-11));
    }

    @Test
    void ofNothingIsNothing() {
        assertThat(new LogProduct().log()).isZero();
    }

    @Test
    void saysWhatHasNoLogarithm() {
        LogProduct none = new LogProduct();
        none.times(0);
        none.times(2);
        assertThat(none.log()).isEqualTo(Double.NEGATIVE_INFINITY);
        LogProduct all = new LogProduct();
        all.times(Double.POSITIVE_INFINITY);
        assertThat(all.log()).isEqualTo(Double.POSITIVE_INFINITY);
        LogProduct unknown = new LogProduct();
        unknown.times(Double.NaN);
        assertThat(unknown.log()).isNaN();
    }
}
