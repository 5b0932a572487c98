package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the library's own exponential. */
class ExponentialsTest {
    @ParameterizedTest
    @CsvSource({"40, 1e-13", "100, 1e-9", "200, 2e-6"})
    void areThoseOfTheLibrary(double most, double error) {
        SplittableRandom random = new SplittableRandom(3);
        double[] x = new double[10_001];
        double[] expected = new double[x.length];
        for (int i = 1; i < x.length; i++) {
            x[i] = -most * random.nextDouble();
        }
        for (int i = 0; i < x.length; i++) {
            expected[i] = StrictMath.exp(x[i]);
        }
        Exponentials.replace(x);
        assertThat(x[0]).isEqualTo(1);
        for (int i = 0; i < x.length; i++) {
            assertThat(x[i] / expected[i]).isCloseTo(1, within(error));
        }
    }

    @Test
    void whatIsImpossibleHasNoMassAtAll() {
        double[] x = {Double.NEGATIVE_INFINITY, -1e308, -745, -700, Math.nextUp(-700.0), -600, -0.0};
        Exponentials.replace(x);
        assertThat(x).startsWith(0, 0, 0, 0);
        assertThat(x[4]).isBetween(0.0, 1e-300);
        assertThat(x[5]).isBetween(0.0, 1e-250);
        assertThat(x[6]).isEqualTo(1);
    }

    /** A number beside it, and where it stands, change nothing. */
    @Test
    void eachIsComputedAlone() {
        SplittableRandom random = new SplittableRandom(4);
        double[] x = random.doubles(517, -30, 0).toArray();
        double[] all = x.clone();
        Exponentials.replace(all);
        for (int i = 0; i < x.length; i++) {
            double[] one = {x[i]};
            Exponentials.replace(one);
            assertThat(one[0]).isEqualTo(all[i]);
        }
    }

    @Test
    void whatIsNotANumberStaysNone() {
        double[] x = {Double.NaN, -1};
        Exponentials.replace(x);
        assertThat(x[0]).isNaN();
    }
}
