package dev.credence.lab.conditioning;

import dev.credence.data.json.Json;
import dev.credence.data.runs.Checkpoints;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.Checkpoint;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.processes.RunProcesses;
import dev.credence.lab.runs.CheckpointInterval;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.runs.ProgressLines;
import dev.credence.lab.runs.RunFiles;
import dev.credence.methods.TrainingEnd;
import dev.credence.methods.training.TrainingDivergedException;
import dev.credence.methods.training.TrainingRun;
import dev.credence.methods.training.TrainingStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A method's training of a policy in a run's folder: begins it or goes on with it, and ends with the policy in the folder. */
public final class PolicyRun {
    private final StoredRun run;
    private final Checkpoint form;
    private final Keeping keeping;
    private final Consumer<String> report;
    private ProcessPlaces places = ProcessPlaces.here(1);

    /**
     * How a run is kept.
     *
     * @param every how often as a checkpoint
     * @param tensorboard whether its metrics are event files too
     * @param mlflow a server that gets its metrics too, or null
     */
    public record Keeping(
            CheckpointInterval every,
            boolean tensorboard,
            @Nullable String mlflow) {}

    /**
     * A run.
     *
     * @param run its folder
     * @param form of the prior, in whose form the policy is written
     * @param keeping how it is kept
     * @param report takes lines of progress and warnings
     */
    public PolicyRun(StoredRun run, Checkpoint form, Keeping keeping, Consumer<String> report) {
        this.run = run;
        this.form = form;
        this.keeping = keeping;
        this.report = report;
    }

    /**
     * What came of it.
     *
     * @param last the last step taken
     * @param seconds of all steps, in this process and those before
     * @param end how it ended
     */
    public record Outcome(TrainingStep last, double seconds, TrainingEnd end) {}

    /**
     * Has each step taken by several processes, each with its share of the texts. Figures are those of one process but for the
     * last bits, and a run may go on with another number of them, elsewhere.
     *
     * @param processes how many, and where
     * @return this
     */
    public PolicyRun on(ProcessPlaces processes) {
        places = processes;
        return this;
    }

    /** Goes on from the last checkpoint, where there is one; the step that it is of. */
    static long restore(PolicyTraining.Work work, StoredRun run, Consumer<String> report) {
        return RunFiles.restore(run.checkpoints(), folder -> PolicyFiles.read(work, folder), report);
    }

    /**
     * Takes the steps that are left, and puts the policy into the folder.
     *
     * @param work of the same settings as when the run began
     * @return what came out
     * @throws IOException if something cannot be written; the last checkpoint then stays
     * @throws TrainingDivergedException if it diverges; the last good checkpoint then stays, and the folder says why
     * @throws dev.credence.lab.runs.InterruptedRunException if the process was asked to end; a checkpoint is written
     */
    public Outcome go(PolicyTraining.Work work) throws IOException {
        long from = restore(work, run, report);
        try {
            return places.isShared()
                    ? RunProcesses.together(run, places, ConditioningProcess.class, group -> {
                        work.sharing().with(group);
                        return go(work, from);
                    })
                    : go(work, from);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; " + RunFiles.kept(run), e);
        }
    }

    private Outcome go(PolicyTraining.Work work, long from) throws IOException {
        ProgressLines lines = new ProgressLines(from, work.steps(), line -> report.accept(work.method() + ": " + line));
        try (Interruption interruption = Interruption.watch(report);
                Journal journal =
                        Journal.open(run, new Journal.Sinks(keeping.tensorboard, keeping.mlflow), lines, report)) {
            TrainingRun.Outcome outcome = work.run().run(work.random(), new Watch(work, journal, interruption));
            if (run.checkpoints().last().orElse(-1) != outcome.last().step()) {
                keep(work, journal);
            }
            double seconds = seconds();
            report.accept(work.method() + ": " + outcome.why() + String.format(Locale.ROOT, " (%.1f s)", seconds));
            RunFiles.publish(run, outcome.last().step(), Set.of(PolicyFiles.POLICY, PolicyFiles.LOOP));
            return new Outcome(outcome.last(), seconds, outcome.end());
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        } catch (TrainingDivergedException e) {
            throw diverged(e);
        }
    }

    private double seconds() throws IOException {
        return run.metrics().read().stream()
                .mapToDouble(point -> point.values().getOrDefault("seconds", 0.0))
                .sum();
    }

    private void keep(PolicyTraining.Work work, Journal journal) throws IOException {
        PolicyFiles.requireFinite(work);
        journal.force();
        Checkpoints checkpoints = run.checkpoints();
        checkpoints.write(work.run().last().step(), into -> PolicyFiles.write(work, form, into));
        checkpoints.prune(RunFiles.KEPT);
    }

    /** What a step led to is seen in the next: a checkpoint is good once the step behind it has not diverged. */
    private TrainingDivergedException diverged(TrainingDivergedException cause) throws IOException {
        run.checkpoints().dropFrom(cause.step() - 1);
        OptionalLong good = run.checkpoints().last();
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("schema", "credence.divergence/1");
        facts.put("step", cause.step());
        facts.put("cause", cause.why().id());
        facts.put("words", cause.words());
        facts.put("value", cause.value());
        facts.put("limit", cause.limit());
        facts.put("checkpoint", good.isPresent() ? (Object) good.getAsLong() : null);
        facts.put("advice", cause.why().advice());
        run.diverged(out -> Json.write(facts, out));
        report.accept(
                good.isPresent()
                        ? "the last good checkpoint is " + run.checkpoints().path(good.getAsLong())
                        : "no checkpoint was good yet: the prior is as it was");
        return cause;
    }

    /** Metrics of every step, a checkpoint where one is due, and an end where one is asked for. */
    private final class Watch implements TrainingRun.StepListener {
        private final PolicyTraining.Work work;
        private final Journal journal;
        private final Interruption interruption;
        private long began = System.nanoTime();
        private long kept = began;

        Watch(PolicyTraining.Work work, Journal journal, Interruption interruption) {
            this.work = work;
            this.journal = journal;
            this.interruption = interruption;
        }

        @Override
        public void measured(TrainingStep step) {
            long now = System.nanoTime();
            try {
                journal.measured(new Metrics.Point(step.step(), figures(step, (now - began) / 1e9)));
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
            began = now;
        }

        @Override
        public void passed(TrainingStep step) {
            boolean asked = interruption.isAsked();
            if (asked || keeping.every.isDue(step.step(), (System.nanoTime() - kept) / 1e9)) {
                try {
                    keep(work, journal);
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
                kept = System.nanoTime();
            }
            if (asked) {
                throw RunFiles.interrupted(run, step.step(), report);
            }
        }
    }

    private static Map<String, Double> figures(TrainingStep step, double seconds) {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (!Double.isNaN(step.reward())) {
            figures.put("reward", step.reward());
        }
        figures.put("kl", step.kl());
        figures.put("moved_kl", step.movedKl());
        List<Double> byEpoch = step.signals().movedKlByEpoch();
        for (int epoch = 1; epoch <= byEpoch.size(); epoch++) {
            figures.put("moved_kl_epoch_" + epoch, byEpoch.get(epoch - 1));
        }
        step.signals().loss().ifPresent(loss -> figures.put("loss", loss));
        step.signals().entropy().ifPresent(entropy -> figures.put("entropy", entropy));
        step.signals().effective().ifPresent(share -> figures.put("effective_share", share));
        step.signals().valueError().ifPresent(error -> figures.put("value_error", error));
        TrainingStep.Conditional conditional = step.signals().conditional();
        if (!Double.isNaN(conditional.copies())) {
            figures.put(conditional.isExact() ? "copies" : "copies_policy_slope", conditional.copies());
        }
        if (!Double.isNaN(conditional.fraction())) {
            figures.put(conditional.isExact() ? "bayes_fraction" : "bayes_fraction_most", conditional.fraction());
        }
        figures.put("gradient_norm", step.gradientNorm());
        figures.put("beta", step.beta());
        figures.put("clipped", step.clipped());
        figures.put("texts", (double) step.modelCalls());
        figures.put("seconds", seconds);
        return figures;
    }
}
