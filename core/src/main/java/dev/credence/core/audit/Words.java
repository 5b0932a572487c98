package dev.credence.core.audit;

import dev.credence.core.figures.FigureFormat;

/** Numbers as sentences print them: three significant digits. */
final class Words {
    private static final int LONGEST = 40;
    private static final double ROUNDING = 1e-12;

    private Words() {}

    static String number(double value) {
        return FigureFormat.inWords(value);
    }

    /** A number with as many digits as it takes to tell it from another one. */
    static String apart(double value, double other) {
        return FigureFormat.inWords(value, FigureFormat.digitsApart(value, other));
    }

    /** A text in quotes, on one line and no longer than a line has room for. */
    static String quoted(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return "'" + (line.length() > LONGEST ? line.substring(0, LONGEST - 1) + "…" : line) + "'";
    }

    /** "20 copies", "1 copy", "infinitely many copies". */
    static String copies(double value) {
        String number = value == Double.POSITIVE_INFINITY ? "infinitely many" : number(value);
        return number + (value == 1 ? " copy" : " copies");
    }

    /** "6.86 (95 %: 6.78 to 6.94)", or the bare number where it is exact. */
    static String of(Finding finding) {
        return of(finding.lower(), finding.estimate(), finding.upper(), "");
    }

    /** "44 % (95 %: 42 to 45 %)". */
    static String percent(Finding finding) {
        return percent(finding.lower(), finding.estimate(), finding.upper());
    }

    /** The same of an interval's lower end, estimate and upper end. */
    static String percent(double lower, double estimate, double upper) {
        return of(percent(lower), percent(estimate), percent(upper), " %");
    }

    /** Ends that differ are printed with the digits that tell them apart. */
    private static String of(double lower, double estimate, double upper, String unit) {
        if (!(upper > lower) || FigureFormat.isOne(lower, upper)) {
            return number(estimate) + unit;
        }
        int digits = FigureFormat.digitsApart(lower, upper);
        return FigureFormat.inWords(estimate, digits) + unit + " (95 %: " + FigureFormat.inWords(lower, digits) + " to "
                + FigureFormat.inWords(upper, digits) + unit + ")";
    }

    /** A share in percent: what an estimate or an end has below none or above all is no share of anything. */
    static String share(double fraction) {
        return number(percent(fraction));
    }

    /** Between none and all; what is smaller than the rounding of the sums behind it is none. */
    private static double percent(double fraction) {
        return fraction < ROUNDING ? 0 : 100 * Math.min(1, fraction);
    }
}
