package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.report.MethodTable;
import java.util.List;

/** Prints the main table of a run: method, asked, aimed, got, Bayes fraction, copies, KL both ways, modes kept. */
public final class MethodTableText {
    private final Console console;

    /**
     * A printer.
     *
     * @param console where
     */
    public MethodTableText(Console console) {
        this.console = console;
    }

    /**
     * Prints the table; aimed, which is words, stands below each method, and so does asked where it differs.
     *
     * @param methods what came of each
     */
    public void print(MethodTable methods) {
        List<String> asked =
                methods.rows().stream().map(MethodTable.Row::asked).distinct().toList();
        if (asked.size() == 1) {
            console.line(Style.DIM, "asked of each: " + asked.get(0));
        }
        TextTable table = new TextTable(0)
                .words("method", 30)
                .words("got", 12)
                .numbers("Bayes fraction")
                .numbers("copies")
                .numbers("KL(π‖asked)")
                .numbers("KL(asked‖π)")
                .numbers("modes kept");
        for (MethodTable.Row row : methods.rows()) {
            MethodTable.Figures figures = row.figures();
            table.row(
                    Style.PLAIN,
                    row.method(),
                    row.got(),
                    FindingCells.estimate(figures.bayesFraction()),
                    FindingCells.estimate(figures.copies()),
                    FindingCells.estimate(figures.klToTarget()),
                    FindingCells.estimate(figures.klFromTarget()),
                    FindingCells.estimate(figures.modesKept()));
            if (asked.size() > 1) {
                table.note("asked: " + row.asked());
            }
            table.note("aimed: " + row.aimed());
            if (row.cause() != null) {
                table.note("failed: " + row.cause());
            }
        }
        table.print(console);
    }
}
