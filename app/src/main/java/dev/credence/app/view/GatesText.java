package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import java.util.ArrayList;
import java.util.List;

/** Prints the gates: those that hold on one line, the others with what was found and what would mend it. */
final class GatesText {
    /** From so many figures on a list is not said twice. */
    private static final int MANY = 6;

    private final Console console;
    private final Detail detail;

    GatesText(Console console, Detail detail) {
        this.console = console;
        this.detail = detail;
    }

    void print(StepAudit step) {
        console.line();
        console.line(Style.BOLD, "Gates");
        List<String> passed = step.gates().stream()
                .filter(gate -> gate.status() == Gate.Status.PASS)
                .map(Gate::id)
                .toList();
        if (detail == Detail.BRIEF && !passed.isEmpty()) {
            console.paragraph(2, "pass  " + String.join(", ", passed));
        }
        TextTable table = new TextTable(2).words("", 4).words("", 18).numbers("");
        for (Gate gate : step.gates()) {
            if (detail == Detail.FULL || gate.status() != Gate.Status.PASS) {
                add(table, gate, step.gates());
            }
        }
        table.print(console);
    }

    private static void add(TextTable table, Gate gate, List<Gate> all) {
        String figure = Double.isNaN(gate.figure()) ? "" : FigureFormat.of(gate.figure());
        switch (gate.status()) {
            case PASS -> table.row(Style.GOOD, "pass", gate.id(), figure);
            case WARN -> table.row(Style.WARN, "warn", gate.id(), figure);
            case FAIL -> table.row(Style.BAD, "FAIL", gate.id(), figure);
        }
        table.note(gate.reason());
        if (!gate.withdraws().isEmpty()) {
            table.note("withdraws " + withdrawn(gate, all));
        }
    }

    /** The figures that a gate withdraws; many that a gate above withdraws as well are said by its name. */
    private static String withdrawn(Gate gate, List<Gate> all) {
        for (Gate above : all.subList(0, all.indexOf(gate))) {
            if (above.withdraws().size() >= MANY && gate.withdraws().containsAll(above.withdraws())) {
                List<String> others = new ArrayList<>(gate.withdraws());
                others.removeAll(above.withdraws());
                return "what " + above.id() + " withdraws"
                        + (others.isEmpty() ? "" : ", and " + String.join(", ", others));
            }
        }
        return String.join(", ", gate.withdraws());
    }
}
