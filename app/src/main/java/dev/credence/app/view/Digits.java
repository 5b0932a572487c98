package dev.credence.app.view;

import java.math.BigDecimal;
import java.math.MathContext;

/** Exact figures, to more digits than an estimate deserves. */
final class Digits {
    private static final MathContext SIX = new MathContext(6);
    private static final double SMALLEST_PLAIN = 1e-5;
    private static final double LARGEST_PLAIN = 1e9;

    private Digits() {}

    /** Six significant digits, without zeros at the end; "∞" and "–" as everywhere. */
    static String of(double x) {
        if (Double.isNaN(x)) {
            return "–";
        }
        if (Double.isInfinite(x)) {
            return x > 0 ? "∞" : "−∞";
        }
        if (x == 0) {
            return "0";
        }
        BigDecimal rounded = new BigDecimal(x).round(SIX).stripTrailingZeros();
        double size = Math.abs(x);
        boolean plain = size >= SMALLEST_PLAIN && size < LARGEST_PLAIN;
        String digits = plain
                ? rounded.toPlainString()
                : String.format("%.5e", x).replaceAll("0+e", "e").replace(".e", "e");
        return digits.replace('-', '−').replace("e−", "e-");
    }
}
