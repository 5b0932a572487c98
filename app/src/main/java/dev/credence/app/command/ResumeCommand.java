package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.JsonTarget;
import dev.credence.app.options.KeptOutputs;
import dev.credence.app.options.ProcessOptions;
import dev.credence.app.options.RunFolder;
import dev.credence.app.view.ConditionOutput;
import dev.credence.core.provenance.InputException;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.conditioning.ConditioningPlan;
import dev.credence.lab.conditioning.KeptConditioning;
import dev.credence.lab.conditioning.KeptMethods;
import dev.credence.lab.conditioning.MethodAnswers;
import dev.credence.lab.conditioning.ModelConditioning;
import dev.credence.lab.experiments.KeptExperiments;
import dev.credence.lab.experiments.KeptSweep;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.rewards.JudgementKind;
import dev.credence.lab.rewards.RewardTraining;
import dev.credence.lab.training.CorpusRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run that was killed. */
@Command(
        name = "resume",
        header = "Goes on with a run that was killed or interrupted.",
        description = {
            "",
            "Settings, seed and inputs are those of the run's record; the inputs must be what they were. The run ends with"
                    + " the same bits as one that was never killed, on the same machine with as many threads. It writes what"
                    + " the command that began it was to write: the JSON (unless --json says where now) and the page.",
            ""
        },
        footer = {"", "Examples:", "  credence resume runs/plays", "  credence resume plays"})
public final class ResumeCommand extends ModelCommand {
    private static final Set<String> KINDS = Set.of(
            CorpusRun.KIND,
            ConditioningPlan.KIND,
            KeptMethods.KIND,
            KeptSweep.KIND,
            KeptExperiments.KIND,
            RewardTraining.KIND);

    private static final Set<String> SHARED = Set.of(CorpusRun.KIND, ConditioningPlan.KIND, KeptMethods.KIND);

    /** Rewards that run a program or ask a server: a run's folder may be somebody else's. */
    private static final Pattern ASKS_OTHERS = Pattern.compile("(command|https?)\\s*:");

    @Parameters(paramLabel = "RUN", description = "A run's folder, or its name in runs.")
    private String name = "";

    @Mixin
    private ProcessOptions processes = new ProcessOptions();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public ResumeCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        StoredRun run = StoredRun.open(folder(name));
        RunRecord asked = run.asked();
        if (!KINDS.contains(asked.kind())) {
            throw new InputException(
                    run.path().toString(),
                    0,
                    "kind",
                    asked.kind(),
                    "what goes on is a run of `train`, `condition`, `reward`, `run` or `sweep`");
        }
        String kept = KeptOutputs.of(run).json();
        if (run.isDone()) {
            report(run.path() + " is done; there is nothing left to do");
            common().jsonUnlessTyped(isMissing(kept) ? kept : null);
            common().json().write(console(), out -> Files.copy(run.result(), out));
            return ExitCode.DONE;
        }
        common().jsonUnlessTyped(kept);
        common().json().check(List.of());
        String typed = processes.asked();
        if (typed != null && !SHARED.contains(asked.kind())) {
            throw InputException.ofSetting("processes", typed, "runs of `train` and `condition` alone have several");
        }
        ProcessPlaces places = processes.places();
        common().json().refuseStandardOutput(places.isShared());
        String reward = asked.provenance().settings().getOrDefault("reward", "");
        if (ASKS_OTHERS.matcher(reward).find()) {
            report("rewards are asked as the record of " + run.path() + " says: " + reward);
        }
        return switch (asked.kind()) {
            case KeptSweep.KIND -> new SweepSession(console(), common(), this::report).go(KeptSweep.resume(run), 0);
            case KeptExperiments.KIND ->
                new RunSession(console(), common(), this::report).go(KeptExperiments.resume(run));
            case ConditioningPlan.KIND -> conditions(run, places);
            case KeptMethods.KIND -> methods(run, places);
            case RewardTraining.KIND -> rewards(run);
            default ->
                new TrainingSession(console(), common())
                        .go(run, CorpusRun.resume(run, this::report).on(places));
        };
    }

    private int conditions(StoredRun run, ProcessPlaces places) throws IOException {
        KeptConditioning.Resumed resumed = KeptConditioning.resume(run, places, this::report);
        MethodAnswers answers = new MethodAnswers(List.of(resumed.answer()), List.of());
        return output(run).write(resumed.title(), resumed.provenance(), resumed.asked(), answers);
    }

    private int methods(StoredRun run, ProcessPlaces places) throws IOException {
        KeptMethods kept = KeptMethods.resume(run);
        try (ModelConditioning conditioning = kept.open(places, this::report)) {
            return new ConditionSession(output(run), this::report)
                    .go(kept, conditioning, run.asked().provenance());
        }
    }

    /** The table, and the page that was asked for when the run began. */
    private ConditionOutput output(StoredRun run) {
        return new ConditionOutput(
                console(), common(), this::report, KeptOutputs.of(run).page());
    }

    /** Whether a file was to be written, and the process ended between the run's result and that. */
    private static boolean isMissing(@Nullable String file) {
        return file != null && !file.equals(JsonTarget.STANDARD_OUTPUT) && !Files.exists(Path.of(file));
    }

    private int rewards(StoredRun run) throws IOException {
        JudgementKind kind =
                JudgementKind.of(run.asked().provenance().settings().getOrDefault("kind", ""));
        new RewardSession(console(), common(), this::report)
                .show(RewardTraining.resume(run, this::report), kind, run.path().toString());
        return ExitCode.DONE;
    }

    /** A folder as it is, else a name in {@code runs}. */
    static Path folder(String name) {
        Path folder = Path.of(name);
        Path inRuns = RunFolder.RUNS.resolve(name);
        return Files.exists(folder) || !Files.isDirectory(inRuns) ? folder : inRuns;
    }
}
