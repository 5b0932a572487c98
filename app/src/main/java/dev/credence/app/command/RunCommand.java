package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.experiment.CopiesConclusion;
import dev.credence.app.experiment.CopiesPlot;
import dev.credence.app.experiment.FiftyCopies;
import dev.credence.app.experiment.ObservedCopies;
import dev.credence.app.experiment.PathPoint;
import dev.credence.app.json.Json;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an experiment that ships with Credence. */
@Command(
        name = "run",
        header = "Run an experiment; its figures, plot and conclusion go into a folder below runs/.",
        footer = {"", "Examples:", "  credence run --list", "  credence run fifty-copies --quick"})
public final class RunCommand extends Subcommand {
    private static final String FIFTY_COPIES = "fifty-copies";
    private static final double PLOTTED = 0.02;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The experiment, or all.")
    private @Nullable String name;

    @Option(names = "--list", description = "List the experiments.")
    private boolean list;

    @Option(names = "--quick", description = "Fewer coefficients, steps and seeds.")
    private boolean quick;

    @Option(names = "--run", paramLabel = "NAME", description = "Name of the folder below runs/.")
    private @Nullable String run;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public RunCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        if (list) {
            console().line(Style.BOLD, FIFTY_COPIES);
            console().paragraph(4, "is RL with a KL penalty like having seen fifty of each good example?");
            return ExitCode.DONE;
        }
        if (name == null || !(name.equals(FIFTY_COPIES) || name.equals("all"))) {
            throw InputException.ofOption("NAME", name == null ? "missing" : name, "there is: " + FIFTY_COPIES);
        }
        Path folder = RunFolder.make(run, FIFTY_COPIES);
        FiftyCopies.Extent extent = quick ? FiftyCopies.Extent.QUICK : FiftyCopies.Extent.WHOLE;
        FiftyCopies.Outcome outcome = FiftyCopies.run(extent, this::report);
        String conclusion = CopiesConclusion.of(outcome);
        Provenance provenance = provenance(Map.of("experiment", FIFTY_COPIES, "extent", extent.name()), List.of());
        Map<String, @Nullable Object> document = document(outcome, conclusion, provenance);
        OutputFile.write(folder.resolve("figures.json"), out -> Json.write(document, out));
        Files.writeString(folder.resolve("conclusion.txt"), conclusion + "\n", StandardCharsets.UTF_8);
        for (String reading : List.of("a", "b", "c", "d")) {
            Files.writeString(
                    folder.resolve("reading-" + reading + ".svg"),
                    CopiesPlot.of(outcome.points(), reading, PLOTTED),
                    StandardCharsets.UTF_8);
        }
        if (printsText()) {
            print(outcome, conclusion);
        }
        common().json().write(console(), out -> Json.write(document, out));
        report("wrote " + folder);
        return ExitCode.DONE;
    }

    private void print(FiftyCopies.Outcome outcome, String conclusion) {
        console().line(Style.BOLD, "Copies of the acceptance, at the end of each path");
        TextTable table = new TextTable(0)
                .words("reading", 8)
                .words("method", 18)
                .numbers("nominal")
                .numbers("reached")
                .numbers("from")
                .numbers("to")
                .numbers("Bayes fraction")
                .numbers("KL");
        for (PathPoint end : CopiesConclusion.ends(outcome.points())) {
            table.row(
                    Style.PLAIN,
                    end.reading(),
                    end.method(),
                    CopiesConclusion.number(end.nominal()),
                    CopiesConclusion.number(end.copies()),
                    CopiesConclusion.number(end.lower()),
                    CopiesConclusion.number(end.upper()),
                    String.format(Locale.ROOT, "%.3f", end.bayesFraction()),
                    String.format(Locale.ROOT, "%.2f", end.kl()));
        }
        table.print(console());
        console().line();
        console().line(Style.BOLD, "Copies of each example as observed data, of the exact optima");
        TextTable observed = new TextTable(0)
                .numbers("nominal")
                .numbers("P(probe good)")
                .numbers("copies")
                .numbers("residual, nats");
        for (ObservedCopies.Reading reading : outcome.observed()) {
            observed.row(
                    Style.PLAIN,
                    CopiesConclusion.number(1 / reading.beta()),
                    String.format(Locale.ROOT, "%.4f", reading.probe()),
                    String.format(Locale.ROOT, "%.3f", reading.copies()),
                    String.format(Locale.ROOT, "%.1e", reading.residual()));
        }
        observed.print(console());
        console().line();
        console().paragraph(0, conclusion);
    }

    private static Map<String, @Nullable Object> document(
            FiftyCopies.Outcome outcome, String conclusion, Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.fifty-copies/1", provenance);
        List<Map<String, @Nullable Object>> points = new ArrayList<>();
        for (PathPoint point : outcome.points()) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("place", point.place());
            fields.put("reading", point.reading());
            fields.put("beta", point.beta());
            fields.put("method", point.method());
            fields.put("step", point.step());
            fields.put("nominal", point.nominal());
            fields.put("copies", point.copies());
            fields.put("lower", point.lower());
            fields.put("upper", point.upper());
            fields.put("bayesFraction", point.bayesFraction());
            fields.put("kl", point.kl());
            points.add(fields);
        }
        List<Map<String, @Nullable Object>> observed = new ArrayList<>();
        for (ObservedCopies.Reading reading : outcome.observed()) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("beta", reading.beta());
            fields.put("probe", reading.probe());
            fields.put("copies", reading.copies());
            fields.put("residual", reading.residual());
            observed.add(fields);
        }
        document.put("paths", points);
        document.put("observed", observed);
        document.put("conclusion", conclusion);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
