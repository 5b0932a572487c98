package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KlTermTest {
    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 1e-4, 0.01, 0.2, 0.2499999, 0.2500001, 0.4, 1, 3, 20, 300})
    void isTheSumsTermOnBothSidesOfZero(double size) {
        for (double z : new double[] {size, -size}) {
            double v = 0.7;
            double expected = v * exact(z);
            assertThat(KlTerm.of(v, v * Math.exp(-z), z)).isCloseTo(expected, within(1e-12 * expected));
        }
    }

    @Test
    void isZeroWhereBothAgreeAndInfiniteWhereTheConditionalGivesNothing() {
        assertThat(KlTerm.of(0.3, 0.3, 0)).isZero();
        assertThat(KlTerm.of(0.3, 0, Double.POSITIVE_INFINITY)).isInfinite();
    }

    /** z − 1 + e^{−z} from its power series in 400 digits, of e^{|z|}, inverted where z is positive. */
    private static double exact(double z) {
        MathContext digits = new MathContext(400);
        BigDecimal x = new BigDecimal(Math.abs(z));
        BigDecimal term = BigDecimal.ONE;
        BigDecimal exponential = BigDecimal.ONE;
        for (int k = 1; k < 2000; k++) {
            term = term.multiply(x, digits).divide(BigDecimal.valueOf(k), digits);
            exponential = exponential.add(term, digits);
        }
        BigDecimal factor = z > 0 ? BigDecimal.ONE.divide(exponential, digits) : exponential;
        return factor.add(new BigDecimal(z)).subtract(BigDecimal.ONE).doubleValue();
    }
}
