package dev.credence.bench.speed;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.bench.speed.MethodsTask.Setting;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code credence bench methods}: the speed of methods that train beside TRL's. */
@Command(
        name = "methods",
        description =
                "Times steps of RLOO and DPO beside TRL's, turn by turn, and the training that RLOO needs to come near"
                        + " the posterior of letters, by enumeration.",
        footer = {
            "",
            "Examples:",
            "  credence bench methods --python venv/bin/python",
            "  credence bench methods --part path --seconds 30 --json methods.json"
        })
public final class MethodsBench extends Subcommand {
    private static final double WARM_SECONDS = 5;
    private static final double STEPS_GOAL = 3;
    private static final double PAIRS_GOAL = 2;
    private static final int STEPS = 300;
    private static final Setting AS_THE_CASE = new Setting("rloo", 16, 1e-4, 0);
    private static final Setting SMALL = new Setting("rloo", 16, 3e-4, 0);
    private static final Setting LARGE = new Setting("rloo", 256, 1e-3, STEPS);

    /** What is measured. */
    enum Part {
        STEPS,
        PATH,
        ALL
    }

    @Mixin
    private final CasesOptions cases = new CasesOptions();

    @Option(
            names = "--part",
            paramLabel = "steps|path|all",
            defaultValue = "all",
            description = "Single steps, the way to the posterior, or both (all, the default).")
    private Part part = Part.ALL;

    @Option(names = "--repeats", paramLabel = "N", defaultValue = "15", description = "Steps of each (default 15).")
    private int repeats;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "60",
            description = "Training that TRL is given at most on each way (default 60).")
    private double seconds;

    @Mixin
    private final PeerOptions peerOptions = new PeerOptions();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public MethodsBench(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        CasesOptions.requireRepeats(repeats);
        if (!(seconds > 0)) {
            throw InputException.ofSetting("seconds", Double.toString(seconds), "it must be above 0");
        }
        Backend backend = Backend.shared();
        TorchSpeed turns = new TorchSpeed(
                peerOptions, backend.choice().device(), backend.choice().threads(), repeats, WARM_SECONDS);
        MethodsSpeed speed = new MethodsSpeed(turns, cases.folder(), common().seed());
        List<TorchPairs> steps = part == Part.PATH ? List.of() : steps(speed);
        List<MethodsPath> paths = part == Part.STEPS ? List.of() : paths(speed);
        MethodsReport result =
                new MethodsReport(backend.version() + ", " + backend.choice().describe(), steps, paths);
        if (printsText()) {
            result.print(console());
        }
        Provenance provenance = provenance(
                Map.of(
                        "part", part.name().toLowerCase(Locale.ROOT),
                        "repeats", Integer.toString(repeats),
                        "seconds", Double.toString(seconds)),
                List.of());
        common().json().write(console(), out -> Json.write(result.document(provenance), out));
        return ExitCode.DONE;
    }

    private List<TorchPairs> steps(MethodsSpeed speed) throws IOException {
        List<TorchPairs> steps = new ArrayList<>();
        for (String method : List.of("rloo", "dpo")) {
            double goal = method.equals("rloo") ? STEPS_GOAL : PAIRS_GOAL;
            report("steps of " + method);
            steps.add(speed.steps(MethodsTask.PLAYS, new Setting(method, 8, 1e-4, 0), goal));
            steps.add(speed.steps(MethodsTask.LETTERS, new Setting(method, 16, 1e-4, 0), goal));
            steps.add(speed.steps(MethodsTask.LETTERS, new Setting(method, 256, 1e-4, 0), goal));
        }
        report("steps of dpo on stored pairs");
        for (Setting setting : List.of(new Setting("dpo", 16, 1e-4, 0), new Setting("dpo", 256, 1e-4, 0))) {
            steps.add(speed.stepsOnStored(MethodsTask.LETTERS, setting, PAIRS_GOAL));
        }
        steps.add(speed.stepsOnStored(MethodsTask.PLAYS, new Setting("dpo", 8, 1e-4, 0), PAIRS_GOAL));
        return steps;
    }

    private MethodsPath told(MethodsPath path) {
        report(path.toString());
        return path;
    }

    private List<MethodsPath> paths(MethodsSpeed speed) throws IOException {
        List<MethodsPath> paths = new ArrayList<>();
        for (Setting setting : List.of(SMALL, LARGE)) {
            double enough = setting.equals(SMALL) ? MethodsReport.NEAR : MethodsReport.ARRIVED;
            paths.add(told(speed.ours(MethodsTask.LETTERS, setting, STEPS, enough)));
            paths.add(told(speed.theirs(MethodsTask.LETTERS, setting, "mask", enough, seconds)));
        }
        paths.add(told(speed.theirs(MethodsTask.LETTERS, AS_THE_CASE, "row", MethodsReport.ARRIVED, seconds)));
        return paths;
    }
}
