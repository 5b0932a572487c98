package dev.credence.core.figures;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.Figures;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** The one way in which a number becomes text: three significant digits, a true minus sign, "∞", "–" for none. */
public final class FigureFormat {
    /** What stands where there is no number. */
    public static final String MISSING = "–";

    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double LARGEST_PLAIN = 1e7;
    private static final int DIGITS = 3;

    /** A number this near to one is one up to the rounding of exact arithmetic. */
    private static final double ROUNDING = 1e-9;

    private FigureFormat() {}

    /**
     * One number. Zeros at its end are significant: an exact half is {@code 0.5}, a rounded one {@code 0.500}. A number
     * below one is never rounded up to it.
     *
     * @param number any double
     * @return the text
     */
    public static String of(double number) {
        if (Double.isNaN(number)) {
            return MISSING;
        }
        double size = Math.abs(number);
        return (number < 0 ? "−" : "") + ofSize(size);
    }

    private static String ofSize(double size) {
        if (Double.isInfinite(size)) {
            return "∞";
        }
        if (size == 0) {
            return "0";
        }
        return size >= SMALLEST_PLAIN && size < LARGEST_PLAIN ? plain(size) : scientific(size);
    }

    /**
     * A figure with its interval, such as {@code 0.71 [0.64, 0.77]}.
     *
     * @param finding the figure
     * @return the text; the estimate alone where there is no interval or it is a point
     */
    public static String of(Finding finding) {
        String estimate = of(finding.estimate());
        return hasInterval(finding) ? estimate + " " + interval(finding) : estimate;
    }

    /**
     * The interval of a figure, such as {@code [0.64, 0.77]}.
     *
     * @param finding the figure
     * @return the text; "–" where there is no interval
     */
    public static String interval(Finding finding) {
        if (!hasInterval(finding)) {
            return MISSING;
        }
        String lower = of(finding.lower());
        String upper = of(finding.upper());
        if (lower.equals(upper) && finding.lower() < finding.upper()) { // ends that differ are printed apart
            int digits = Figures.digits(finding.lower(), finding.upper());
            lower = Figures.of(finding.lower(), digits).replace('-', '−');
            upper = Figures.of(finding.upper(), digits).replace('-', '−');
        }
        return "[" + lower + ", " + upper + "]";
    }

    /**
     * Whether a figure has an interval worth printing.
     *
     * @param finding the figure
     * @return false where an end is missing or both ends are the estimate
     */
    public static boolean hasInterval(Finding finding) {
        boolean ends = !Double.isNaN(finding.lower()) && !Double.isNaN(finding.upper());
        return ends && !(finding.lower() == finding.estimate() && finding.upper() == finding.estimate());
    }

    private static String plain(double size) {
        BigDecimal exact = new BigDecimal(Double.toString(size));
        int whole = exact.precision() - exact.scale();
        BigDecimal rounded = exact.round(new MathContext(Math.max(DIGITS, whole), RoundingMode.HALF_EVEN));
        if (size < 1 && rounded.compareTo(BigDecimal.ONE) == 0) {
            return 1 - size < ROUNDING
                    ? "1"
                    : exact.setScale(DIGITS + 1, RoundingMode.DOWN).toPlainString();
        }
        if (rounded.compareTo(exact) == 0) {
            rounded = rounded.stripTrailingZeros();
        }
        return grouped(rounded.toPlainString());
    }

    private static String grouped(String digits) {
        int point = digits.indexOf('.');
        StringBuilder text = new StringBuilder(digits);
        for (int at = (point < 0 ? digits.length() : point) - 3; at > 0; at -= 3) {
            text.insert(at, ',');
        }
        return text.toString();
    }

    private static String scientific(double size) {
        BigDecimal exact = new BigDecimal(Double.toString(size));
        BigDecimal rounded = exact.round(new MathContext(DIGITS, RoundingMode.HALF_EVEN));
        if (rounded.compareTo(exact) == 0) {
            rounded = rounded.stripTrailingZeros();
        }
        int exponent = rounded.precision() - rounded.scale() - 1;
        return rounded.scaleByPowerOfTen(-exponent).toPlainString() + "×10" + superscript(exponent);
    }

    private static String superscript(int number) {
        StringBuilder text = new StringBuilder();
        for (char digit : Integer.toString(number).toCharArray()) {
            text.append(digit == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(digit - '0'));
        }
        return text.toString();
    }
}
