package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.runs.RunFiles;
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
 * Several experiments in one run's folder, each in a folder of its own below it; killed at any moment, it goes on with those that
 * are missing.
 */
public final class KeptExperiments {
    /** What a run's record says it is. */
    public static final String KIND = "run";

    private static final String FIGURES = "figures.json";

    private final StoredRun run;
    private final List<Asked> asked;

    private KeptExperiments(StoredRun run, List<Asked> asked) {
        this.run = run;
        this.asked = List.copyOf(asked);
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
        Map<String, String> settings = new LinkedHashMap<>();
        for (Asked one : asked) {
            one.settings.written().forEach((key, value) -> settings.put(one.experiment.name() + "." + key, value));
        }
        RunRecord record = new RunRecord(
                KIND,
                asked.stream().map(one -> one.experiment.name()).toList(),
                new Provenance(made.version(), made.command(), made.seed(), settings, List.of()),
                RunFiles.machine(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        return new KeptExperiments(StoredRun.begin(folder, record), asked);
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
        return new KeptExperiments(run, asked);
    }

    /** {@return the run's folder} */
    public StoredRun run() {
        return run;
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
        List<ExperimentRun> runs = new ArrayList<>();
        try (Interruption interruption = Interruption.watch()) {
            for (Asked one : asked) {
                if (interruption.isAsked() || listener.isStopped()) {
                    String stands = runs.size() + " of " + asked.size() + " experiments are done: `credence resume "
                            + run.path() + "` goes on from there";
                    listener.accept("stopped: " + stands); // afterwards the process may have ended
                    throw new InterruptedRunException(stands);
                }
                Path own = Files.createDirectories(run.path().resolve(one.experiment.name()));
                ExperimentRun there = kept(one, own.resolve(FIGURES));
                if (there == null) {
                    listener.accept(
                            "experiment " + (runs.size() + 1) + " of " + asked.size() + ": " + one.experiment.name());
                    there = one.run(run.asked().provenance(), listener);
                    there.write(own);
                }
                runs.add(there);
                taker.take(there, own);
            }
        }
        return runs;
    }

    private static @Nullable ExperimentRun kept(Asked asked, Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        ExperimentRun there = ExperimentFile.read(file);
        return there.settings().written().equals(asked.settings.written()) ? there : null;
    }
}
