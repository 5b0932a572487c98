package dev.credence.app.view;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.figures.TextBlock;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.files.AtomicFile;
import dev.credence.lab.experiments.ExperimentKey;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.experiments.KeyFigure;
import dev.credence.report.PictureSvg;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Experiments as Markdown with drawings beside: a page each, with its first drawing, or all of one that is alone; and a contents page. */
public final class ExperimentMarkdown {
    private static final int FIGURES = 40; // of a page; the others are counted

    private ExperimentMarkdown() {}

    /**
     * Writes the pages.
     *
     * @param runs the experiments
     * @param machine this machine, in words
     * @param folder where to; made where it is not there
     * @throws IOException if writing fails
     */
    public static void write(List<ExperimentRun> runs, String machine, Path folder) throws IOException {
        Files.createDirectories(folder);
        StringJoiner contents = new StringJoiner("\n", "", "\n");
        contents.add("# The experiments, as they were run once");
        contents.add("");
        String commands = runs.stream()
                .map(run -> "`" + run.provenance().command().replaceAll(" (-o|--output)[ =]\\S+", "") + "`")
                .distinct()
                .collect(Collectors.joining(", "));
        contents.add("From " + commands + ", Credence "
                + runs.get(0).provenance().version() + "; written by `credence report RUN --markdown DIR` on " + machine
                + ". Figures without an interval are exact.");
        contents.add("");
        contents.add("| experiment | question | what came out |");
        contents.add("|---|---|---|");
        List<String> names = ExperimentPages.names(runs);
        for (int i = 0; i < runs.size(); i++) {
            ExperimentRun run = runs.get(i);
            String name = names.get(i);
            contents.add("| [" + name + "](" + name + ".md) | "
                    + cell(run.experiment().question()) + " | "
                    + cell(firstSentences(run.result().conclusion())) + " |");
            page(name, run, folder, runs.size() == 1 ? Integer.MAX_VALUE : 1);
        }
        if (runs.size() > 1) {
            keyFigures(KeyFigure.table(runs), contents);
        }
        text(folder.resolve("README.md"), contents.toString());
    }

    private static void keyFigures(DataTable table, StringJoiner contents) {
        contents.add("");
        contents.add("## " + table.title());
        contents.add("");
        contents.add("| " + String.join(" | ", table.columns()) + " |");
        contents.add("|---".repeat(table.columns().size()) + "|");
        for (List<@Nullable Object> row : table.rows()) {
            StringJoiner cells = new StringJoiner(" | ", "| ", " |");
            row.forEach(cell -> cells.add(cell == null ? "–" : cell(cell.toString())));
            contents.add(cells.toString());
        }
    }

    private static void page(String name, ExperimentRun run, Path folder, int drawings) throws IOException {
        StringJoiner page = new StringJoiner("\n", "", "\n");
        page.add("# " + name);
        page.add("");
        page.add("*" + run.experiment().question() + "*");
        page.add("");
        conclusion(run.result().conclusion(), page);
        List<Picture> pictures = run.result().pictures();
        for (int i = 0; i < Math.min(drawings, pictures.size()); i++) {
            Picture picture = pictures.get(i);
            String file = i == 0 ? name + ".svg" : name + "-" + picture.id() + ".svg";
            text(folder.resolve(file), PictureSvg.of(picture));
            page.add("![" + picture.title() + "](" + file + ")");
            page.add("");
            page.add(picture.caption());
            page.add("");
        }
        page.add("**What this cannot show.** " + run.result().cannotShow());
        page.add("");
        page.add("| figure | value | 95 % interval | unit | question |");
        page.add("|---|---|---|---|---|");
        Map<String, Finding> findings = run.result().findings();
        findings.values().stream().limit(FIGURES).forEach(finding -> page.add(row(finding)));
        page.add("");
        if (findings.size() > FIGURES) {
            page.add("And " + (findings.size() - FIGURES) + " more, in the run's `figures.json`.");
            page.add("");
        }
        page.add("Run again: `credence run " + run.experiment().name() + changed(run) + "`");
        text(folder.resolve(name + ".md"), page.toString());
    }

    private static void conclusion(String text, StringJoiner page) {
        boolean inList = false;
        for (TextBlock block : TextBlock.of(text)) {
            if (inList && !block.isItem()) {
                page.add("");
            }
            inList = block.isItem();
            page.add(inList ? "* " + block.text() : block.text());
            if (!inList) {
                page.add("");
            }
        }
        if (inList) {
            page.add("");
        }
    }

    private static String row(Finding finding) {
        boolean withdrawn = !finding.stands();
        String interval = FindingFormat.hasInterval(finding)
                ? FindingFormat.interval(finding)
                : finding.grade().name().toLowerCase(Locale.ROOT);
        return "| `" + finding.id() + "` | " + (withdrawn ? "withdrawn" : FigureFormat.of(finding.estimate())) + " | "
                + (withdrawn ? cell(String.valueOf(finding.reason())) : interval) + " | " + finding.unit() + " | "
                + cell(finding.question()) + " |";
    }

    /** Settings that are not the standards. */
    private static String changed(ExperimentRun run) {
        StringBuilder changed = new StringBuilder();
        for (ExperimentKey key : run.experiment().settings()) {
            String value = run.settings().text(key.key());
            if (!value.equals(key.standard())) {
                changed.append(" --set ").append(key.key()).append('=').append(ShellWord.of(value));
            }
        }
        return changed.toString();
    }

    /** The setting and what came of it: the first sentence may name the world alone. */
    private static String firstSentences(String conclusion) {
        String text = conclusion.replace('\n', ' ');
        int first = text.indexOf(". ");
        int second = first < 0 ? -1 : text.indexOf(". ", first + 1);
        return second < 0 ? text : text.substring(0, second + 1);
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }

    private static void text(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(bytes));
    }
}
