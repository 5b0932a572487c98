package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.Certificate;
import dev.credence.lab.experiments.CopiesConclusion;
import dev.credence.lab.experiments.FiftyCopies;
import dev.credence.lab.experiments.Grid;
import dev.credence.lab.experiments.RewardReading;
import dev.credence.lab.experiments.TextSpace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an experiment that ships with Credence. */
@Command(
        name = "run",
        header = "Run an experiment; its figures, page and conclusion go into a folder below runs/.",
        description = {
            "",
            "fifty-copies runs on a table in seconds; with --transformer also on the small language model that ships with"
                    + " Credence, with --model on yours, some of the grid in a minute or two, all of it with --full.",
            "certified conditions a transformer by RLOO, enumerates all its texts and states both KLs to the exact posterior;"
                    + " exit code 4 where one is above --most.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence run --list",
            "  credence run fifty-copies --quick",
            "  credence run fifty-copies --transformer",
            "  credence run fifty-copies --model checkpoint --prompts prompts.txt --probe 'JULIET:' --full",
            "  credence run certified",
            "  credence run certified --model letters --horizon 5"
        })
public final class RunCommand extends Subcommand {
    private static final String FIFTY_COPIES = "fifty-copies";
    private static final String CERTIFIED = "certified";
    private static final Map<String, String> EXPERIMENTS = Map.of(
            FIFTY_COPIES, "is RL with a KL penalty like having seen fifty of each good example?",
            CERTIFIED, "a transformer conditioned by training, certified within 0.01 nats of the posterior both ways");

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The experiment, or all.")
    private @Nullable String name;

    @Option(names = "--list", description = "List the experiments.")
    private boolean list;

    @Option(names = "--quick", description = "fifty-copies: fewer coefficients, steps and seeds.")
    private boolean quick;

    @Option(names = "--transformer", description = "fifty-copies: also on the language model that ships with Credence.")
    private boolean transformer;

    @Option(names = "--full", description = "fifty-copies on a transformer: all coefficients and readings.")
    private boolean full;

    @Option(
            names = "--readings",
            split = ",",
            paramLabel = "a,b,c,d",
            description = "fifty-copies: readings of the reward (default: all; on a transformer without --full: c).")
    private List<RewardReading> readings = List.of();

    @Option(names = "--run", paramLabel = "NAME", description = "Name of the folder below runs/.")
    private @Nullable String run;

    @Mixin
    private ExperimentOptions on = new ExperimentOptions();

    @Mixin
    private CertifiedOptions certified = new CertifiedOptions();

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
            for (String experiment : List.of(FIFTY_COPIES, CERTIFIED)) {
                console().line(Style.BOLD, experiment);
                console().paragraph(4, EXPERIMENTS.getOrDefault(experiment, ""));
            }
            return ExitCode.DONE;
        }
        if (name == null || !(EXPERIMENTS.containsKey(name) || name.equals("all"))) {
            throw InputException.ofSetting(
                    "NAME", name == null ? "missing" : name, "there is: " + FIFTY_COPIES + ", " + CERTIFIED);
        }
        if (quick && full) {
            throw InputException.ofSetting("full", "given with --quick", "it is the one or the other");
        }
        if (name.equals("all") && run != null) {
            throw InputException.ofSetting("run", run, "all is several runs; their folders have their own names");
        }
        if (!name.equals(CERTIFIED)) {
            fiftyCopies();
        }
        return name.equals(FIFTY_COPIES) ? ExitCode.DONE : certified();
    }

    private void fiftyCopies() throws IOException {
        List<Provenance.Input> inputs = new ArrayList<>();
        FiftyCopies.Outcome outcome;
        if (transformer || on.isGiven()) {
            try (ExperimentOptions.Opened opened = on.open()) {
                TextSpace.Extent extent = on.extent(opened.model());
                FiftyCopies.ModelWorld world =
                        new FiftyCopies.ModelWorld(extent, on.reward("count:[aeiou]"), on.probe(extent));
                inputs.addAll(opened.model().inputs());
                Grid grid = quick ? Grid.quickTransformer() : full ? Grid.fullTransformer() : Grid.transformer();
                outcome = onTable().and(FiftyCopies.onTransformer(opened.model(), world, chosen(grid), this::report));
            }
        } else {
            outcome = onTable();
        }
        Path folder = RunFolder.make(run, FIFTY_COPIES);
        String conclusion = CopiesConclusion.of(outcome);
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("experiment", FIFTY_COPIES);
        outcome.ran().forEach((place, words) -> settings.put("on " + place, words));
        CopiesDocument document = new CopiesDocument(outcome, conclusion, provenance(settings, inputs));
        OutputFile.write(folder.resolve("figures.json"), out -> Json.write(document.json(), out));
        Files.writeString(folder.resolve("conclusion.txt"), conclusion + "\n", StandardCharsets.UTF_8);
        document.writePage(folder.resolve("report.html"));
        if (printsText()) {
            new CopiesText(console()).print(outcome, conclusion);
        }
        common().json().write(console(), out -> Json.write(document.json(), out));
        report("wrote " + folder.resolve("report.html"));
    }

    private FiftyCopies.Outcome onTable() {
        return FiftyCopies.onTable(chosen(quick ? Grid.quickTable() : Grid.table()), this::report);
    }

    private Grid chosen(Grid grid) {
        return readings.isEmpty() ? grid : grid.with(readings);
    }

    private int certified() throws IOException {
        try (ExperimentOptions.Opened opened = on.open()) {
            TextSpace.Extent extent = on.extent(opened.model());
            Certificate.Asked asked = certified.asked(extent, on.reward("0.5*count:[aeiou]"), common().seed());
            Path target = certified.target();
            Certificate certificate = Certificate.of(opened.model(), asked, target, this::report);
            CertificateDocument document = new CertificateDocument(certificate);
            if (printsText()) {
                document.print(console());
            }
            Provenance provenance =
                    provenance(document.settings(), opened.model().inputs());
            Map<String, @Nullable Object> json = document.json(provenance);
            Path folder = RunFolder.make(run, CERTIFIED);
            OutputFile.write(folder.resolve("certificate.json"), out -> Json.write(json, out));
            common().json().write(console(), out -> Json.write(json, out));
            report("wrote " + folder.resolve("certificate.json"));
            return certificate.isMet() ? ExitCode.DONE : ExitCode.THRESHOLD;
        }
    }
}
