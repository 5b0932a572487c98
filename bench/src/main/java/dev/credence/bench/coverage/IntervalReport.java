package dev.credence.bench.coverage;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Coverage of every interval, for people and for programs.
 *
 * @param study what was found
 */
record IntervalReport(IntervalStudy study) {
    private static final double WANTED = 0.9;

    /** Prints a row an interval. */
    void print(Console console) {
        console.line(
                Style.BOLD,
                text(
                        "Coverage of all 95 %% intervals, %d draws of each kind (seed %d); of a plan the share of logs whose"
                                + " interval is no wider than that",
                        study.draws(), study.seed()));
        TextTable table = new TextTable(2)
                .words("interval", 52)
                .numbers("drawn")
                .numbers("withdrawn")
                .numbers("covered")
                .numbers("truth below")
                .numbers("above")
                .numbers("median width")
                .words("ranks", 18)
                .words("per cent in each tenth", 40);
        study.coverages()
                .forEach((name, coverage) -> table.row(
                        coverage.standing() == 0 || coverage.covered() >= WANTED ? Style.PLAIN : Style.BAD,
                        name,
                        text("%d", coverage.logs()),
                        text("%.0f %%", 100 * coverage.withdrawn()),
                        share(coverage, coverage.covered()),
                        share(coverage, coverage.below()),
                        share(coverage, coverage.above()),
                        coverage.standing() == 0 ? "–" : text("%.3g", coverage.width()),
                        coverage.ranks().words(),
                        coverage.ranks().words().isEmpty()
                                ? ""
                                : coverage.ranks().shares()));
        table.print(console);
    }

    private static String share(Coverage coverage, double share) {
        return coverage.standing() == 0 ? "–" : text("%.1f %%", 100 * share);
    }

    /** The same, for programs. */
    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.coverage.intervals/1", provenance);
        document.put("draws", study.draws());
        Map<String, @Nullable Object> intervals = new LinkedHashMap<>();
        study.coverages().forEach((name, coverage) -> intervals.put(name, CoverageReport.fields(coverage)));
        document.put("intervals", intervals);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
