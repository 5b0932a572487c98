package dev.credence.bench.coverage;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A study of coverage, for people and for programs.
 *
 * @param study what was found
 */
record CoverageReport(CoverageStudy study) {
    private static final double WANTED = 0.93;

    /** Prints coverage by figure and, if asked, by cell. */
    void print(Console console, boolean byCell) {
        int logs = study.samples().size();
        console.line(Style.BOLD, text("Coverage of the 95 %% intervals over %d logs (seed %d)", logs, study.seed()));
        figures().print(console);
        console.line();
        for (String id : CoverageStudy.HEADLINE) {
            console.line(Style.DIM, "  " + id + " withdrawn by " + gates(id));
        }
        if (byCell) {
            console.line();
            console.line(Style.BOLD, "By cell: share covered, of the logs whose gates let the figure stand");
            cells().print(console);
        }
    }

    private TextTable figures() {
        TextTable table = new TextTable(2)
                .words("figure", 30)
                .numbers("logs")
                .numbers("withdrawn")
                .numbers("covered")
                .numbers("truth below")
                .numbers("above")
                .numbers("median width")
                .numbers("median truth");
        for (String id : study.ids()) {
            Coverage coverage = study.of(id);
            boolean promised = CoverageStudy.HEADLINE.contains(id);
            table.row(
                    promised ? (coverage.covered() >= WANTED ? Style.GOOD : Style.BAD) : Style.PLAIN,
                    id,
                    text("%d", coverage.logs()),
                    text("%.1f %%", 100 * coverage.withdrawn()),
                    text("%.1f %%", 100 * coverage.covered()),
                    text("%.1f %%", 100 * coverage.below()),
                    text("%.1f %%", 100 * coverage.above()),
                    text("%.3g", coverage.width()),
                    text("%.3g", coverage.truth()));
        }
        return table;
    }

    private TextTable cells() {
        TextTable table = new TextTable(2).words("logs", 60).numbers("logs").numbers("kept");
        CoverageStudy.HEADLINE.forEach(table::numbers);
        study.cells().forEach((name, cell) -> {
            List<String> row = new ArrayList<>();
            row.add(name);
            row.add(text("%d", cell.samples().size()));
            row.add(text("%.0f %%", 100 * (1 - cell.of("kl.departure").withdrawn())));
            for (String id : CoverageStudy.HEADLINE) {
                row.add(text("%.3f", cell.of(id).covered()));
            }
            table.row(Style.PLAIN, row.toArray(String[]::new));
        });
        return table;
    }

    private String gates(String id) {
        String shares = study.withdrawnBy(id).entrySet().stream()
                .map(entry -> text("%s %.1f %%", entry.getKey(), 100 * entry.getValue()))
                .collect(Collectors.joining(", "));
        return shares.isEmpty() ? "none" : shares;
    }

    /** The same, for programs. */
    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.coverage/1", provenance);
        document.put("logs", study.samples().size());
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        for (String id : study.ids()) {
            Map<String, @Nullable Object> figure = fields(study.of(id));
            figure.put("withdrawnBy", study.withdrawnBy(id));
            figures.put(id, figure);
        }
        document.put("figures", figures);
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        study.cells().forEach((name, cell) -> {
            Map<String, @Nullable Object> own = new LinkedHashMap<>();
            CoverageStudy.HEADLINE.forEach(id -> own.put(id, fields(cell.of(id))));
            cells.put(name, own);
        });
        document.put("cells", cells);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    /** The fields of one figure's coverage. */
    static Map<String, @Nullable Object> fields(Coverage coverage) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("logs", coverage.logs());
        fields.put("standing", coverage.standing());
        fields.put("covered", coverage.covered());
        fields.put("truthBelow", coverage.below());
        fields.put("truthAbove", coverage.above());
        fields.put("coveredOfWithdrawn", coverage.withheld());
        fields.put("medianWidth", coverage.width());
        fields.put("medianTruth", coverage.truth());
        fields.put(
                "ranksByTenths",
                Arrays.stream(coverage.ranks().tenths()).boxed().toList());
        fields.put("ranksUniformP", coverage.ranks().p());
        return fields;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
