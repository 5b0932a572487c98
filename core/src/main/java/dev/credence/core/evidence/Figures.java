package dev.credence.core.evidence;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as sentences print them. */
public final class Figures {
    private Figures() {}

    /** So many copies: "1 copy", "2.5 copies". */
    static String copies(double n) {
        return of(n) + (n == 1 ? " copy" : " copies");
    }

    /**
     * At most three significant digits, without a trailing ".0".
     *
     * @param x any number
     * @return its text
     */
    public static String of(double x) {
        if (!(Math.abs(x) < Double.POSITIVE_INFINITY)) {
            return x > 0 ? "infinity" : String.valueOf(x).replace("-Infinity", "-infinity");
        }
        BigDecimal rounded = new BigDecimal(x).round(new MathContext(3));
        if (rounded.signum() == 0) {
            return "0";
        }
        BigDecimal plain = rounded.stripTrailingZeros();
        double size = Math.abs(x);
        return size >= 1e-4 && size < 1e7 ? plain.toPlainString() : plain.toString();
    }
}
