package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import java.util.List;

/** Prints the headline figures of each training step. */
final class StepsText {
    private static final List<String> IDS =
            List.of("kl.policy_prior", "kl.departure", "bayes_fraction", "copies.moment_match", "reward.policy");

    private final Console console;

    StepsText(Console console) {
        this.console = console;
    }

    void print(List<StepAudit> steps) {
        console.line();
        console.line(Style.BOLD, "Figures against step (steps are never pooled)");
        TextTable table = new TextTable(2).numbers("step");
        List.of("KL moved", "departure", "Bayes fraction", "copies", "reward").forEach(table::numbers);
        table.words("verdict", 12);
        for (StepAudit step : steps) {
            table.row(
                    Style.PLAIN,
                    String.valueOf(step.step()),
                    cell(step, 0),
                    cell(step, 1),
                    cell(step, 2),
                    cell(step, 3),
                    cell(step, 4),
                    step.verdict().label().words());
        }
        table.print(console);
    }

    private static String cell(StepAudit step, int column) {
        Finding finding = step.findings().get(IDS.get(column));
        return finding == null || !finding.stands() ? "–" : FigureFormat.of(finding.estimate());
    }
}
