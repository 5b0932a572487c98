package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.options.EffortOptions;
import dev.credence.app.options.EngineOptions;
import dev.credence.app.options.ExperimentKeys;
import dev.credence.app.options.KeptOutputs;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.engines.Engine;
import dev.credence.lab.experiments.KeptSweep;
import dev.credence.lab.experiments.SweepPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an experiment over a grid or a list of settings. */
@Command(
        name = "sweep",
        header = "Run an experiment over a grid or a list of settings: one table, one page.",
        description = {
            "",
            "FILE.yaml names the experiment; keys with a value are for all cells; under grid stand keys with lists of values,"
                    + " of which every combination is a cell; under list stand cells one by one; with both, each of the list"
                    + " meets each of the grid. A value that is a list has brackets of its own. Several cells run at a time,"
                    + " each with the figures it has by itself. A cell that fails is a row with its cause. A killed sweep goes"
                    + " on with `credence resume RUN`: cells that are done are not run again. The folder holds cells.parquet"
                    + " and cells.csv (a row a cell and figure), report.html, and each cell's own figures.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence sweep transmission.yaml",
            "  credence sweep transmission.yaml --engine spark --master spark://host:7077",
            "  credence sweep transmission.yaml --parallel 4 --set depth=30 -o sweeps/transmission",
            "",
            "With a file such as",
            "  experiment: amplification",
            "  branching: 2",
            "  grid: {transmission: [.2, .4, .6], own: [.01, .05]}",
            "  figures: [contamination.limit]"
        })
public final class SweepCommand extends ModelCommand {
    @Parameters(paramLabel = "FILE.yaml", description = "The sweep.")
    private String file = "";

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description =
                    "Cells at a time (default: as many as processors; 1 with a language model, which takes them all).")
    private int parallel;

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Mixin
    private EffortOptions effort = new EffortOptions();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set a key for all cells. May be given often.")
    private List<String> set = new ArrayList<>();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public SweepCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of(file));
        effort.check();
        if (parallel < 0) {
            throw InputException.ofSetting("parallel", Integer.toString(parallel), "it must be 1 or more");
        }
        SweepPlan plan = SweepPlan.read(Path.of(file), effort.effort(false), ExperimentKeys.pairs(set));
        SweepSession session = new SweepSession(console(), common(), this::report);
        if (engine.isLocal()) {
            return session.go(begin(plan), parallel);
        }
        try (Engine.Session shared = engine.open()) {
            return session.go(begin(plan), parallel > 0 ? parallel : shared.parallelism(), shared.cells());
        }
    }

    private KeptSweep begin(SweepPlan plan) throws IOException {
        KeptSweep sweep = KeptSweep.begin(plan, Path.of(file), effort.folder(file), provenance(Map.of(), List.of()));
        KeptOutputs.of(common(), null).keep(sweep.run());
        return sweep;
    }
}
