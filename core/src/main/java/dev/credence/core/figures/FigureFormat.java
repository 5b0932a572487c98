package dev.credence.core.figures;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * The one home of numbers as text, of three significant digits: for tables and pages ({@link #of}: a true minus sign, groups of
 * thousands, "∞", "–" for none), and for sentences that programs read too ({@link #inWords}).
 */
public final class FigureFormat {
    /** What stands where there is no number. */
    public static final String MISSING = "–";

    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double LARGEST_PLAIN = 1e7;
    private static final double SMALLEST_EXACT = 1e-5;
    private static final double LARGEST_EXACT = 1e9;
    private static final MathContext SIX = new MathContext(6);
    private static final int DIGITS = 3;
    private static final double ONE = 1e-9;
    private static final int MOST_DIGITS = 17; // of a double

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
     * An exact number, to more digits than an estimate deserves: six significant ones, without zeros at their end.
     *
     * @param number any double
     * @return the text
     */
    public static String exact(double number) {
        if (!(Math.abs(number) < Double.POSITIVE_INFINITY) || number == 0) {
            return of(number);
        }
        BigDecimal rounded = new BigDecimal(number).round(SIX).stripTrailingZeros();
        double size = Math.abs(number);
        boolean plain = size >= SMALLEST_EXACT && size < LARGEST_EXACT;
        String digits = plain
                ? rounded.toPlainString()
                : String.format(Locale.ROOT, "%.5e", number)
                        .replaceAll("0+e", "e")
                        .replace(".e", "e");
        return digits.replace('-', '−').replace("e−", "e-");
    }

    /**
     * A number as it is typed, with all its digits and without the zero that Java puts behind whole ones.
     *
     * @param number any number but NaN
     * @return its text; {@code inf} and {@code -inf} for infinities
     */
    public static String typed(double number) {
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
        return whole ? Long.toString((long) number) : Double.toString(number);
    }

    /**
     * One number as sentences have it, in the letters of a plain keyboard: at most three significant digits, without zeros at
     * its end, a hyphen for a minus, "infinity".
     *
     * @param number any double
     * @return the text
     */
    public static String inWords(double number) {
        return inWords(number, DIGITS);
    }

    /**
     * The same with another number of significant digits at most.
     *
     * @param number any double
     * @param digits how many
     * @return the text
     */
    public static String inWords(double number, int digits) {
        if (!(Math.abs(number) < Double.POSITIVE_INFINITY)) {
            return number > 0 ? "infinity" : String.valueOf(number).replace("-Infinity", "-infinity");
        }
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(digits));
        if (rounded.signum() == 0) {
            return "0";
        }
        BigDecimal bare = rounded.stripTrailingZeros();
        double size = Math.abs(number);
        return size >= SMALLEST_PLAIN && size < LARGEST_PLAIN ? bare.toPlainString() : bare.toString();
    }

    /**
     * Whether two numbers are the same to rounding: what lies between them is not worth a digit.
     *
     * @param one any number
     * @param other another
     * @return whether they differ by a billionth of the larger at most
     */
    public static boolean isOne(double one, double other) {
        double larger = Math.max(Math.abs(one), Math.abs(other));
        return one == other || (Double.isFinite(larger) && Math.abs(one - other) <= ONE * larger);
    }

    /**
     * How many digits tell two numbers apart in a sentence: three, or more where their texts would be alike.
     *
     * @param one any number
     * @param other another
     * @return the digits for both; three where the two are one number to rounding
     */
    public static int digitsApart(double one, double other) {
        int digits = DIGITS;
        while (!isOne(one, other)
                && digits < MOST_DIGITS
                && inWords(one, digits).equals(inWords(other, digits))) {
            digits++;
        }
        return digits;
    }

    /**
     * So many copies in a sentence: "1 copy", "2.5 copies".
     *
     * @param copies any double
     * @return the text
     */
    public static String copiesInWords(double copies) {
        return inWords(copies) + (copies == 1 ? " copy" : " copies");
    }

    /**
     * So many of something in a sentence: "1 round", "2 rounds", "1,000 records".
     *
     * @param number how many
     * @param one a noun whose plural has an s
     * @return the text
     */
    public static String counted(long number, String one) {
        return String.format(Locale.ROOT, "%,d %s", number, one) + (number == 1 ? "" : "s");
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
