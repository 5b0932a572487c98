package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.figures.TextBlock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the page of experiments: the question, what follows, pictures, the figures, tables, and what they leave open. */
public final class ExperimentPage {
    private static final int MANY_FINDINGS = 150; // beyond them the tables, which sum them up, come first

    private ExperimentPage() {}

    /**
     * One experiment.
     *
     * @param name its name
     * @param question what it answers
     * @param conclusion what follows from the figures, in lines that are {@link TextBlock}s
     * @param findings by id
     * @param pictures in their order
     * @param tables by name
     * @param csv of each table, by name, to be saved from the page
     * @param cannotShow what the figures leave open
     * @param settings key to value
     * @param related experiments to go on with, by name
     */
    public record Shown(
            String name,
            String question,
            String conclusion,
            Map<String, Finding> findings,
            List<Picture> pictures,
            Map<String, DataTable> tables,
            Map<String, String> csv,
            String cannotShow,
            Map<String, String> settings,
            List<String> related) {}

    /**
     * Writes the page, one HTML file that needs nothing beside it.
     *
     * @param document title, provenance and JSON of the page; it has no audits
     * @param shown the experiments, one at least
     * @param out where to; not closed
     * @throws IOException when writing fails
     */
    public static void write(ReportDocument document, List<Shown> shown, Appendable out) throws IOException {
        write(document, shown, null, out);
    }

    /**
     * Writes the page with a table over all experiments behind its contents.
     *
     * @param document title, provenance and JSON of the page; it has no audits
     * @param shown the experiments, one at least
     * @param summary the table; null for none
     * @param out where to; not closed
     * @throws IOException when writing fails
     */
    public static void write(ReportDocument document, List<Shown> shown, @Nullable DataTable summary, Appendable out)
            throws IOException {
        Html html = new Html();
        html.trusted("<!DOCTYPE html>").open("html", "lang", "en");
        Page.head(html, document.title());
        html.open("body").element("a", "Skip to the report", "class", "skip", "href", "#report");
        Page.header(html, document);
        html.open("main", "id", "report");
        if (shown.size() > 1) {
            contents(html, shown);
        }
        if (summary != null && !summary.rows().isEmpty()) {
            table(html, summary);
        }
        List<String> names = shown.stream().map(Shown::name).toList();
        for (Shown one : shown) {
            article(html, document.title().equals(one.question) ? one.name : one.question, one, names);
        }
        Glossary.write(html);
        ProvenanceSection.write(html, document);
        html.close();
        Page.scripts(html, document.json());
        html.close().close();
        out.append(html.finished());
    }

    private static void contents(Html html, List<Shown> shown) {
        html.open("nav", "aria-label", "Experiments").open("ul", "class", "contents");
        for (Shown one : shown) {
            html.open("li")
                    .element("a", one.name, "href", "#" + one.name)
                    .text(": " + one.question)
                    .close();
        }
        html.close().close();
    }

    private static void conclusion(Html html, String text) {
        boolean inList = false;
        for (TextBlock block : TextBlock.of(text)) {
            if (block.isItem() && !inList) {
                html.open("ul", "class", "conclusion");
            } else if (!block.isItem() && inList) {
                html.close();
            }
            inList = block.isItem();
            if (inList) {
                html.element("li", block.text());
            } else {
                html.element("p", block.text(), "class", "conclusion");
            }
        }
        if (inList) {
            html.close();
        }
    }

    static void article(Html html, String heading, Shown shown, List<String> names) {
        html.open("article", "class", "audit", "id", shown.name, "data-experiment", shown.name);
        html.open("details", "open", "open");
        html.open("summary").open("h2").text(heading).close().close();
        conclusion(html, shown.conclusion);
        for (Picture picture : shown.pictures) {
            PictureChart.of(shown.name + "-" + picture.id(), picture).write(html);
            download(html, picture.id() + ".svg", "image/svg+xml", PictureSvg.of(picture));
        }
        boolean isLong = shown.findings.size() > MANY_FINDINGS;
        if (!isLong && !shown.findings.isEmpty()) {
            findings(html, shown);
        }
        shown.tables.forEach((name, table) -> table(html, name, table, shown.csv.getOrDefault(name, "")));
        if (isLong) {
            findings(html, shown);
        }
        html.element("h3", "What this cannot show").element("p", shown.cannotShow);
        related(html, shown.related, names);
        settings(html, shown);
        html.close().close();
    }

    /** A link where the page has it, else the command. */
    private static void related(Html html, List<String> related, List<String> names) {
        if (related.isEmpty()) {
            return;
        }
        html.open("p", "class", "related").text("Go on with ");
        for (int i = 0; i < related.size(); i++) {
            String name = related.get(i);
            html.text(i == 0 ? "" : i < related.size() - 1 ? ", " : " or ");
            if (names.contains(name)) {
                html.element("a", name, "href", "#" + name);
            } else {
                html.element("code", "credence run " + name);
            }
        }
        html.text(".").close();
    }

    private static void findings(Html html, Shown shown) {
        Tables.open(
                html,
                "The figures. An exact one has no interval.",
                "findings",
                Column.text("Question"),
                Column.text("Id"),
                Column.number("Value"),
                Column.text("95 % interval"),
                Column.text("Unit"),
                Column.text("Known"));
        Map<String, String> told = new HashMap<>(); // reason to the first figure that has it
        shown.findings.forEach((id, finding) -> {
            html.open("tr", "data-finding", id)
                    .open("th", "scope", "row", "data-sort", finding.question())
                    .element("span", finding.question(), "class", "question")
                    .close();
            html.open("td", "class", "id").element("code", id).close();
            html.element(
                    "td",
                    finding.stands() ? FigureFormat.of(finding.estimate()) : "–",
                    "class",
                    "num",
                    "data-id",
                    id,
                    "data-field",
                    "estimate",
                    "data-sort",
                    Double.toString(finding.estimate()));
            boolean ends = FindingFormat.hasInterval(finding);
            String how = finding.interval() == null || finding.interval().startsWith("95 %") ? "–" : finding.interval();
            html.element("td", !finding.stands() ? "–" : ends ? FindingFormat.interval(finding) : how);
            html.element("td", finding.unit());
            String grade = finding.grade().name().toLowerCase(Locale.ROOT);
            String first = finding.reason() == null ? null : told.putIfAbsent(finding.reason(), id);
            html.element(
                    "td",
                    finding.reason() == null
                            ? grade
                            : grade + (first == null ? ": " + finding.reason() : ", as " + first + " is"));
            html.close();
        });
        Tables.close(html);
    }

    private static void table(Html html, String name, DataTable table, String csv) {
        table(html, table);
        download(html, name + ".csv", "text/csv", csv);
    }

    static void table(Html html, DataTable table) {
        table(html, table, "");
    }

    /** One whose rows fold where the page is narrow: each figure on a line with its column's name before it. */
    static void folding(Html html, DataTable table) {
        table(html, table, "folds");
    }

    /** One whose rows are cards where the page is narrow: the first cell above, the others below it, each under its column's name. */
    static void cards(Html html, DataTable table) {
        table(html, table, "cards");
    }

    private static void table(Html html, DataTable table, String kind) {
        Column[] columns = new Column[table.columns().size()];
        for (int column = 0; column < columns.length; column++) {
            columns[column] = new Column(table.columns().get(column), isNumeric(table, column));
        }
        Tables.open(html, table.title(), kind.isEmpty() ? "data" : "data " + kind, columns);
        for (List<@Nullable Object> row : table.rows()) {
            html.open("tr");
            for (int column = 0; column < columns.length; column++) {
                cell(html, row.get(column), columns[column], !kind.isEmpty());
            }
            html.close();
        }
        Tables.close(html);
    }

    private static void download(Html html, String name, String type, String content) {
        String data = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
        html.open("p", "class", "small")
                .element("a", name, "href", "data:" + type + ";base64," + data, "download", name)
                .close();
    }

    private static boolean isNumeric(DataTable table, int column) {
        List<@Nullable Object> cells = new ArrayList<>();
        table.rows().forEach(row -> cells.add(row.get(column)));
        return cells.stream().anyMatch(Number.class::isInstance)
                && cells.stream().allMatch(cell -> cell == null || cell instanceof Number);
    }

    private static void cell(Html html, @Nullable Object cell, Column column, boolean isNamed) {
        List<String> attributes = new ArrayList<>();
        if (isNamed) {
            attributes.addAll(List.of("data-column", column.name()));
        }
        if (column.numeric()) {
            attributes.addAll(List.of("class", "num"));
        }
        if (cell instanceof Number number && !Double.isNaN(number.doubleValue())) { // JSON has no NaN: null, read back
            attributes.addAll(List.of("data-sort", Double.toString(number.doubleValue())));
        }
        String shown = cell instanceof Number number
                ? FigureFormat.of(number.doubleValue())
                : cell == null ? "–" : cell.toString();
        html.element("td", shown, attributes.toArray(String[]::new));
    }

    private static void settings(Html html, Shown shown) {
        html.open("details").element("summary", "Settings");
        html.open("dl", "class", "facts");
        shown.settings.forEach((key, value) ->
                html.open("div").element("dt", key).element("dd", value).close());
        html.close().close();
    }
}
