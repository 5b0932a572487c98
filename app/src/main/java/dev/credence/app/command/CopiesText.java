package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.lab.experiments.CopiesConclusion;
import dev.credence.lab.experiments.DataCopies;
import dev.credence.lab.experiments.FiftyCopies;
import dev.credence.lab.experiments.PathPoint;
import dev.credence.lab.experiments.RewardReading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Prints fifty copies: where each path ends, one column a coefficient. */
final class CopiesText {
    private final Console console;

    CopiesText(Console console) {
        this.console = console;
    }

    void print(FiftyCopies.Outcome outcome, String conclusion) {
        Map<String, List<PathPoint>> tables = new LinkedHashMap<>();
        for (PathPoint end : CopiesConclusion.ends(outcome.points())) {
            tables.computeIfAbsent(end.place() + ", reading " + end.reading(), key -> new ArrayList<>())
                    .add(end);
        }
        outcome.ran().forEach((place, words) -> console.paragraph(0, "Ran on " + place + ": " + words + "."));
        tables.forEach((title, ends) -> {
            console.line();
            console.line(Style.BOLD, title + ": " + words(ends.get(0)));
            ends(ends).print(console);
        });
        console.line();
        observed(outcome.observed());
        console.line();
        console.paragraph(0, conclusion);
    }

    private static String words(PathPoint end) {
        return RewardReading.valueOf(end.reading().toUpperCase(Locale.ROOT)).words();
    }

    private static TextTable ends(List<PathPoint> ends) {
        TreeSet<Double> betas =
                new TreeSet<>(ends.stream().map(PathPoint::nominal).toList());
        Map<String, Map<Double, PathPoint>> methods = new LinkedHashMap<>();
        ends.forEach(end -> methods.computeIfAbsent(end.method(), key -> new LinkedHashMap<>())
                .put(end.nominal(), end));
        TextTable table = new TextTable(2).words("copies reached, of nominal", 26);
        betas.forEach(nominal -> table.numbers(FigureFormat.of(nominal)));
        methods.forEach((method, byNominal) -> {
            table.row(Style.PLAIN, row(method, betas, byNominal, end -> FigureFormat.of(end.copies())));
            if (byNominal.values().stream().anyMatch(end -> end.lower() < end.upper())) {
                table.row(
                        Style.DIM,
                        row(
                                "  interval, ±",
                                betas,
                                byNominal,
                                end -> FigureFormat.of((end.upper() - end.lower()) / 2)));
            }
            table.row(
                    Style.DIM, row("  Bayes fraction", betas, byNominal, end -> FigureFormat.of(end.bayesFraction())));
            table.row(Style.DIM, row("  KL, nats", betas, byNominal, end -> FigureFormat.of(end.kl())));
        });
        return table;
    }

    private interface Cell {
        String of(PathPoint end);
    }

    private static String[] row(String name, Set<Double> betas, Map<Double, PathPoint> ends, Cell cell) {
        List<String> row = new ArrayList<>(List.of(name));
        for (Double nominal : betas) {
            PathPoint end = ends.get(nominal);
            row.add(end == null ? "–" : cell.of(end));
        }
        return row.toArray(new String[0]);
    }

    private void observed(List<DataCopies> readings) {
        console.line(Style.BOLD, "Copies of each example as observed data, off an unrewarded probe");
        TextTable table = new TextTable(2)
                .words("place", 14)
                .words("policy", 18)
                .numbers("nominal")
                .numbers("copies")
                .words("interval", 16)
                .numbers("left over, nats")
                .numbers("of");
        for (DataCopies reading : readings) {
            table.row(
                    Style.PLAIN,
                    reading.place(),
                    reading.method(),
                    FigureFormat.of(reading.nominal()),
                    FigureFormat.of(reading.copies()),
                    reading.draws() == 0
                            ? "exact"
                            : FigureFormat.of(reading.lower()) + " to " + FigureFormat.of(reading.upper()),
                    FigureFormat.of(reading.residual()),
                    FigureFormat.of(reading.unread()));
        }
        table.print(console);
        console.paragraph(
                2,
                "Of one training each; its interval is of readings of 1,000 draws of the probe. Left over is the KL to the"
                        + " nearest reader, of that to a reader of no copy. Best-of-n hears no coefficient.");
    }
}
