package dev.credence.core.evidence;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers in sentences. */
final class Figures {
    private Figures() {}

    /** At most four significant digits, without a trailing ".0". */
    static String of(double x) {
        if (!(Math.abs(x) < Double.POSITIVE_INFINITY)) {
            return x > 0 ? "infinity" : String.valueOf(x).replace("-Infinity", "-infinity");
        }
        BigDecimal rounded = new BigDecimal(x).round(new MathContext(4));
        if (rounded.signum() == 0) {
            return "0";
        }
        BigDecimal plain = rounded.stripTrailingZeros();
        double size = Math.abs(x);
        return size >= 1e-4 && size < 1e7 ? plain.toPlainString() : plain.toString();
    }
}
