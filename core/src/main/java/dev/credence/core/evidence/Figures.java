package dev.credence.core.evidence;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as sentences print them. */
public final class Figures {
    private static final int DIGITS = 3;
    private static final int MOST_DIGITS = 17;

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
        return of(x, DIGITS);
    }

    /**
     * At most so many significant digits, without a trailing ".0".
     *
     * @param x any number
     * @param digits how many
     * @return its text
     */
    public static String of(double x, int digits) {
        if (!(Math.abs(x) < Double.POSITIVE_INFINITY)) {
            return x > 0 ? "infinity" : String.valueOf(x).replace("-Infinity", "-infinity");
        }
        BigDecimal rounded = new BigDecimal(x).round(new MathContext(digits));
        if (rounded.signum() == 0) {
            return "0";
        }
        BigDecimal plain = rounded.stripTrailingZeros();
        double size = Math.abs(x);
        return size >= 1e-4 && size < 1e7 ? plain.toPlainString() : plain.toString();
    }

    /**
     * How many digits tell two numbers apart: three, or more where their texts would be alike.
     *
     * @param x any number
     * @param y another
     * @return the digits for both; three where the two are one number
     */
    public static int digits(double x, double y) {
        int digits = DIGITS;
        while (x != y && digits < MOST_DIGITS && of(x, digits).equals(of(y, digits))) {
            digits++;
        }
        return digits;
    }
}
