package dev.credence.core.audit;

import dev.credence.core.figures.FigureFormat;
import java.util.function.DoubleFunction;

/** Numbers as sentences print them: three significant digits. */
final class Words {
    private static final int LONGEST = 40;

    private Words() {}

    static String number(double value) {
        return FigureFormat.inWords(value);
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
        return number(finding.estimate()) + interval(finding, Words::number, "");
    }

    /** "44 % (95 %: 42 to 45 %)". */
    static String percent(Finding finding) {
        return share(finding.estimate()) + " %" + interval(finding, Words::share, " %");
    }

    /** A share in percent: what an estimate or an end has below none or above all is no share of anything. */
    static String share(double fraction) {
        return number(100 * Math.max(0, Math.min(1, fraction)));
    }

    private static String interval(Finding finding, DoubleFunction<String> text, String unit) {
        if (!(finding.upper() > finding.lower())) {
            return "";
        }
        return " (95 %: " + text.apply(finding.lower()) + " to " + text.apply(finding.upper()) + unit + ")";
    }
}
