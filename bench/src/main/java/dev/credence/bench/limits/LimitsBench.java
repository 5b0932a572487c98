package dev.credence.bench.limits;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code credence bench limits}: how often methods that run to their limit end at it. */
@Command(
        name = "limits",
        description =
                "Runs every method to its limit on random tables of 2 to 1,000 texts, beta from .02 to 1,000, and compares"
                        + " with closed forms computed apart. A miss without a word is exit 1.",
        footer = {
            "",
            "Examples:",
            "  credence bench limits --tables 50",
            "  credence bench limits --only grpo --tables 1000 --verbose",
            "  credence bench limits --edges --tables 20"
        })
public final class LimitsBench extends Subcommand {
    @Option(
            names = "--tables",
            paramLabel = "N",
            defaultValue = "100",
            description = "Random tables for each method, shared out among its rows (default 100).")
    private int tables;

    @Option(
            names = "--edges",
            description =
                    "Tables that are not as one expects instead: one text or thousands, rewards alike or huge, texts of"
                            + " probability 0, beta from 1e-9 to 1e9; each row on all of them, and settings at their ends.")
    private boolean edges;

    @Option(names = "--only", paramLabel = "WORD", description = "The methods whose settings contain it.")
    private @Nullable String only;

    /**
     * The command.
     *
     * @param console where it prints
     */
    public LimitsBench(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        if (!(tables >= 1)) {
            throw InputException.ofSetting("tables", Integer.toString(tables), "it must be 1 or more");
        }
        List<LimitHunt> hunts = new ArrayList<>();
        List<LimitRow> chosen = chosen();
        Map<String, List<LimitRow>> byMethod = new LinkedHashMap<>();
        chosen.forEach(row -> byMethod.computeIfAbsent(row.method(), method -> new ArrayList<>())
                .add(row));
        for (LimitRow row : chosen) {
            List<LimitRow> same = byMethod.getOrDefault(row.method(), List.of(row));
            LimitHunt hunt = edges
                    ? LimitHunt.of(row, 0, 1, tables, number -> LimitTable.edge(common().seed(), number))
                    : LimitHunt.of(
                            row,
                            same.indexOf(row),
                            same.size(),
                            tables,
                            number -> LimitTable.of(common().seed(), number));
            hunts.add(hunt);
            report(hunt.setting() + ": reached " + hunt.reached() + ", missed and said so " + hunt.missed()
                    + ", without a word " + hunt.silent() + ", refused " + hunt.refused());
            if (common().verbose()) {
                hunt.accounts().forEach(this::report);
            }
        }
        if (printsText()) {
            print(hunts);
        }
        Map<String, @Nullable Object> document = Json.document(
                "credence.bench.limits/1", provenance(Map.of("tables", Integer.toString(tables)), List.of()));
        document.put("methods", hunts.stream().map(LimitsBench::fields).toList());
        common().json().write(console(), out -> Json.write(document, out));
        return hunts.stream().anyMatch(hunt -> hunt.silent() > 0) ? ExitCode.FAILED : ExitCode.DONE;
    }

    private List<LimitRow> chosen() {
        List<LimitRow> all = edges ? LimitRow.edges() : LimitRow.all();
        if (only == null) {
            return all;
        }
        String word = only;
        List<LimitRow> chosen =
                all.stream().filter(row -> row.setting().contains(word)).toList();
        if (chosen.isEmpty()) {
            throw InputException.ofSetting(
                    "only",
                    word,
                    "it must be part of a row, such as '" + all.get(0).setting() + "'");
        }
        return chosen;
    }

    private void print(List<LimitHunt> hunts) {
        console().line(Style.BOLD, "Limits on " + tables + " random tables a method (seed " + common().seed() + ")");
        TextTable table = new TextTable(2)
                .words("method", 40)
                .numbers("tables")
                .numbers("reached")
                .numbers("said so")
                .numbers("silent")
                .numbers("refused")
                .numbers("furthest");
        for (LimitHunt hunt : hunts) {
            table.row(
                    hunt.silent() > 0 ? Style.BAD : Style.PLAIN,
                    hunt.setting(),
                    Integer.toString(hunt.tables()),
                    Integer.toString(hunt.reached()),
                    Integer.toString(hunt.missed()),
                    Integer.toString(hunt.silent()),
                    Integer.toString(hunt.refused()),
                    Double.isNaN(hunt.furthest()) ? "–" : FigureFormat.of(hunt.furthest()));
        }
        table.print(console());
    }

    private static Map<String, @Nullable Object> fields(LimitHunt hunt) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("setting", hunt.setting());
        fields.put("tables", hunt.tables());
        fields.put("reached", hunt.reached());
        fields.put("missed", hunt.missed());
        fields.put("silent", hunt.silent());
        fields.put("refused", hunt.refused());
        fields.put("furthest", Double.isNaN(hunt.furthest()) ? null : hunt.furthest());
        fields.put("accounts", hunt.accounts());
        return fields;
    }
}
