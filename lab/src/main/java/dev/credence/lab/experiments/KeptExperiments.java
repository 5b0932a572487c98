package dev.credence.lab.experiments;

import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.runs.RunLock;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.runs.RunMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Experiments in one run's folder: one alone in the folder itself, several each in a folder of its own below it. Killed at any
 * moment, it goes on with those that are missing, and in the one that was running with the parts that are missing.
 */
public final class KeptExperiments {
    /** What a run's record says it is. */
    public static final String KIND = "run";

    private static final String FIGURES = "figures.json";

    private final StoredRun run;
    private final List<Asked> asked;
    private final boolean isNew; // so that what is there is another run's

    private KeptExperiments(StoredRun run, List<Asked> asked, boolean isNew) {
        this.run = run;
        this.asked = List.copyOf(asked);
        this.isNew = isNew;
    }

    /**
     * An experiment with its settings.
     *
     * @param experiment which
     * @param settings checked
     */
    public record Asked(Experiment experiment, ExperimentSettings settings) {
        /**
         * Runs it.
         *
         * @param made version, command, and the seed where the settings have none
         * @param listener takes progress, and may stop it
         * @return what came of it
         * @throws IOException if reading or writing fails
         */
        public ExperimentRun run(Provenance made, Listener listener) throws IOException {
            ExperimentResult result = experiment.run(settings, listener);
            Map<String, String> written = new LinkedHashMap<>();
            written.put("experiment", experiment.name());
            written.putAll(settings.written());
            long seed = settings.declares("seed") ? settings.whole("seed") : made.seed();
            return new ExperimentRun(
                    experiment,
                    settings,
                    result,
                    new Provenance(made.version(), made.command(), seed, written, result.inputs()));
        }
    }

    /** Takes a run that is there, with its folder. */
    public interface Taker {
        /**
         * Takes it.
         *
         * @param run what came of it
         * @param folder its own
         * @throws IOException if something cannot be written
         */
        void take(ExperimentRun run, Path folder) throws IOException;
    }

    /**
     * Begins; none is run yet.
     *
     * @param asked the experiments, in their order
     * @param folder new or empty
     * @param made version, command and seed
     * @return the experiments in their folder
     * @throws InputException if there is something in the folder
     */
    public static KeptExperiments begin(List<Asked> asked, Path folder, Provenance made) {
        return new KeptExperiments(StoredRun.begin(folder, record(asked, made)), asked, true);
    }

    /**
     * Begins one experiment, or goes on where the same one, with the same settings and by the same version, was broken off. One
     * that is refused leaves no record.
     *
     * @param asked the experiment
     * @param folder its own; files of another run of one experiment are written over
     * @param made version, command and seed
     * @return the experiment in its folder
     * @throws IOException if the folder cannot be written
     */
    public static KeptExperiments single(Asked asked, Path folder, Provenance made) throws IOException {
        RunRecord record = record(List.of(asked), made);
        if (StoredRun.isThere(folder)) {
            StoredRun run = StoredRun.open(folder);
            RunRecord before = run.asked();
            if (!before.kind().equals(KIND) || before.arguments().size() != 1) {
                StoredRun.requireFree(folder);
            }
            boolean isSame = before.arguments().equals(record.arguments())
                    && before.provenance().version().equals(made.version())
                    && before.provenance().settings().equals(record.provenance().settings());
            if (isSame && !run.isDone()) {
                return new KeptExperiments(run, List.of(asked), false);
            }
        }
        RunLock.requireFree(folder);
        new KeptParts(folder, Listener.silent(), () -> false).discard();
        return new KeptExperiments(StoredRun.renew(folder, record), List.of(asked), true);
    }

    private static RunRecord record(List<Asked> asked, Provenance made) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (Asked one : asked) {
            one.settings.written().forEach((key, value) -> settings.put(one.experiment.name() + "." + key, value));
        }
        return new RunRecord(
                KIND,
                asked.stream().map(one -> one.experiment.name()).toList(),
                new Provenance(made.version(), made.command(), made.seed(), settings, List.of()),
                RunMachine.now(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /**
     * Opens what was begun.
     *
     * @param run its folder
     * @return the experiments in their folder
     */
    public static KeptExperiments resume(StoredRun run) {
        List<Asked> asked = new ArrayList<>();
        for (String name : run.asked().arguments()) {
            Map<String, String> own = new LinkedHashMap<>();
            run.asked().provenance().settings().forEach((key, value) -> {
                if (key.startsWith(name + ".")) {
                    own.put(key.substring(name.length() + 1), value);
                }
            });
            Experiment experiment = Experiments.byName(name);
            asked.add(new Asked(experiment, ExperimentSettings.of(experiment, own)));
        }
        return new KeptExperiments(run, asked, false);
    }

    /** {@return the run's folder} */
    public StoredRun run() {
        return run;
    }

    /** {@return whether it is one experiment, in the run's folder itself} */
    public boolean isSingle() {
        return asked.size() == 1;
    }

    /**
     * Runs those that are missing; takes those that are there as they are.
     *
     * @param listener takes progress, and may stop it between experiments
     * @param taker takes each, in order
     * @return all of them
     * @throws IOException if something cannot be read or written
     * @throws InterruptedRunException if it was to end before it was done
     */
    public List<ExperimentRun> go(Listener listener, Taker taker) throws IOException {
        RunLock lock = RunLock.take(run.path());
        try {
            return all(listener, taker);
        } finally {
            lock.close();
        }
    }

    private List<ExperimentRun> all(Listener listener, Taker taker) throws IOException {
        List<ExperimentRun> runs = new ArrayList<>();
        try (Interruption interruption = Interruption.watch(listener)) {
            for (Asked one : asked) {
                if (interruption.isAsked() || listener.isStopped()) {
                    throw interrupted(runs.size(), listener);
                }
                Path own = isSingle()
                        ? run.path()
                        : Files.createDirectories(run.path().resolve(one.experiment.name()));
                ExperimentRun there = isNew ? null : kept(one, own.resolve(FIGURES));
                if (there == null) {
                    if (!isSingle()) {
                        listener.accept("experiment " + (runs.size() + 1) + " of " + asked.size() + ": "
                                + one.experiment.name());
                    }
                    KeptParts parts = new KeptParts(own, listener, interruption::isAsked);
                    there = run(one, parts, runs.size());
                    there.write(own);
                    parts.discard();
                }
                runs.add(there);
                taker.take(there, own);
            }
        }
        return runs;
    }

    private ExperimentRun run(Asked one, KeptParts parts, int done) throws IOException {
        try {
            return one.run(run.asked().provenance(), parts);
        } catch (InterruptedRunException stopped) {
            throw interrupted(done, parts);
        } catch (InputException | NoPosteriorException refused) {
            if (isSingle()) {
                parts.discard();
                run.discard();
            }
            throw refused;
        }
    }

    private InterruptedRunException interrupted(int done, Listener listener) {
        String stands = (isSingle() ? "" : done + " of " + asked.size() + " experiments are done: ") + "`resume "
                + ShellWord.of(run.path().toString()) + "` goes on from there";
        listener.accept("stopped: " + stands); // afterwards the process may have ended
        return new InterruptedRunException(stands);
    }

    private @Nullable ExperimentRun kept(Asked asked, Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        ExperimentRun there = ExperimentFile.read(file);
        boolean isSame = there.experiment().name().equals(asked.experiment.name())
                && there.settings().written().equals(asked.settings.written())
                && there.provenance().version().equals(run.asked().provenance().version());
        return isSame ? there : null;
    }
}
