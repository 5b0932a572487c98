package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.TextBlock;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.experiments.KeptSweep;
import dev.credence.lab.rewards.RewardEvaluation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints an experiment: the question, its figures and tables, what follows. */
public final class ExperimentText {
    private static final int ROWS = 40; // longer tables are in their files
    private static final int WORDS = 44;
    private static final int CELL = 30;

    private final Console console;

    /**
     * A printer.
     *
     * @param console to print on
     */
    public ExperimentText(Console console) {
        this.console = console;
    }

    /**
     * Prints it.
     *
     * @param run what was run
     */
    public void print(ExperimentRun run) {
        console.line(Style.BOLD, run.experiment().question());
        if (run.result().findings().size() <= ROWS) {
            findings(run.result().findings());
        }
        run.result().tables().forEach(this::table);
        console.line();
        conclusion(run.result().conclusion());
        console.line();
        console.paragraph(0, "Not shown: " + run.result().cannotShow());
    }

    /**
     * Prints what is seen over a sweep.
     *
     * @param sweep what came of it
     */
    public void print(KeptSweep.Outcome sweep) {
        console.line(Style.BOLD, sweep.plan().experiment().question());
        table("cells", sweep.summary().table());
        console.line();
        conclusion(sweep.summary().conclusion());
    }

    /**
     * Prints what a reward model foretells of judgements.
     *
     * @param evaluation what it foretells
     */
    public void print(RewardEvaluation evaluation) {
        findings(evaluation.findings());
        table("reliability", evaluation.table());
        console.line();
        conclusion(evaluation.conclusion());
        console.line();
        console.paragraph(0, "Not shown: " + evaluation.cannotShow());
    }

    private void conclusion(String text) {
        for (TextBlock block : TextBlock.of(text)) {
            if (block.isItem()) {
                console.item(2, block.text());
            } else {
                console.paragraph(0, block.text());
            }
        }
    }

    private void findings(Map<String, Finding> findings) {
        TextTable table = new TextTable(2)
                .words("figure", WORDS)
                .numbers("value")
                .words("interval", 24)
                .words("unit", 12);
        for (Finding finding : findings.values()) {
            boolean ends = FindingFormat.hasInterval(finding);
            table.row(
                    Style.PLAIN,
                    finding.id(),
                    FigureFormat.of(finding.estimate()),
                    ends
                            ? FindingFormat.interval(finding)
                            : finding.grade().name().toLowerCase(Locale.ROOT),
                    finding.unit());
            if (!finding.stands() && finding.reason() != null) {
                table.note(finding.reason());
            }
        }
        table.print(console);
    }

    private void table(String name, DataTable shown) {
        if (shown.rows().size() > ROWS) {
            return;
        }
        console.line();
        console.line(Style.BOLD, name + ": " + shown.title());
        TextTable table = new TextTable(2);
        for (int column = 0; column < shown.columns().size(); column++) {
            if (isNumeric(shown, column)) {
                table.numbers(shown.columns().get(column));
            } else {
                table.words(shown.columns().get(column), CELL);
            }
        }
        for (List<@Nullable Object> row : shown.rows()) {
            table.row(Style.PLAIN, row.stream().map(ExperimentText::cell).toArray(String[]::new));
        }
        table.print(console);
    }

    private static boolean isNumeric(DataTable table, int column) {
        return table.rows().stream()
                .map(row -> row.get(column))
                .allMatch(cell -> cell == null || cell instanceof Number);
    }

    private static String cell(@Nullable Object cell) {
        return cell instanceof Number number
                ? FigureFormat.of(number.doubleValue())
                : cell == null ? "–" : cell.toString();
    }
}
