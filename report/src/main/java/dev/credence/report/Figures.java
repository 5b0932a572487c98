package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.FigureFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes figures so that each can be traced: the element that holds a number carries {@code data-id} (the finding's) and
 * {@code data-field} ({@code estimate}, {@code lower}, {@code upper}); the element around it carries {@code data-audit},
 * {@code data-step}, {@code data-prompt}, {@code data-candidate} or {@code data-method}.
 */
final class Figures {
    private Figures() {}

    /** Estimate and interval in one run of text. */
    static void inline(Html html, @Nullable Finding finding) {
        if (finding == null) {
            html.element("span", FigureFormat.MISSING, "class", "missing");
            return;
        }
        html.open("span", "class", kind("figure", finding));
        estimate(html, finding);
        if (FindingFormat.hasInterval(finding)) {
            html.text(" ");
            interval(html, finding);
        }
        html.close();
    }

    /** The class of an element: withdrawn numbers are struck out, but not the dash in the place of one that says nothing. */
    static String kind(String base, Finding finding) {
        String struck = FindingFormat.saysNothing(finding) ? " withdrawn unstruck" : " withdrawn";
        return finding.stands() ? base : base + struck;
    }

    /** The estimate alone. */
    static void estimate(Html html, Finding finding) {
        if (FindingFormat.saysNothing(finding)) {
            html.element("span", FigureFormat.MISSING, "class", "estimate", "data-id", finding.id());
        } else {
            number(html, finding.id(), "estimate", finding.estimate());
        }
    }

    /** The interval alone, or "–". */
    static void interval(Html html, Finding finding) {
        if (!FindingFormat.hasInterval(finding)) {
            html.element("span", FigureFormat.MISSING, "class", "interval");
            return;
        }
        html.open("span", "class", "interval").text("[");
        number(html, finding.id(), "lower", finding.lower());
        html.text(", ");
        number(html, finding.id(), "upper", finding.upper());
        html.text("]").close();
    }

    /** A number that is no finding's: a candidate's, a gate's. */
    static void number(Html html, String id, String field, double number) {
        html.element("span", FigureFormat.of(number), "class", field, "data-id", id, "data-field", field);
    }

    /** Estimate above, interval and grade below it, for the cell of a table. */
    static void stacked(Html html, @Nullable Finding finding) {
        if (finding == null) {
            html.text(FigureFormat.MISSING);
            return;
        }
        html.open("span", "class", kind("stacked", finding));
        estimate(html, finding);
        if (FindingFormat.hasInterval(finding)) {
            interval(html, finding);
        }
        if (!finding.stands()) {
            html.element("span", "withdrawn", "class", "note");
        }
        html.close();
    }

    /** The cell of a table, sorted by the estimate, with its column's name, which stands beside it where the page is too narrow for a head. */
    static void cell(Html html, @Nullable Finding finding, String column) {
        String sort = finding == null ? "NaN" : Double.toString(finding.estimate());
        html.open("td", "class", "num", "data-sort", sort, "data-column", column);
        stacked(html, finding);
        html.close();
    }

    /** How a figure is known, as a word. */
    static String grade(Grade grade) {
        return grade.name().toLowerCase(Locale.ROOT);
    }
}
