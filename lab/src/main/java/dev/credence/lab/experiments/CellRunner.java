package dev.credence.lab.experiments;

import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.runs.Listener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs one cell of a sweep, here or elsewhere. A cell's figures depend on its settings alone. */
@FunctionalInterface
public interface CellRunner {
    /** In this process. */
    CellRunner HERE = (experiment, settings, made, listener) ->
            new KeptExperiments.Asked(experiment, settings).run(made, listener);

    /**
     * Runs a cell.
     *
     * @param experiment which
     * @param settings all of its keys
     * @param made version and command; settings and inputs are the cell's own
     * @param listener takes warnings
     * @return what came of it
     * @throws IOException if something cannot be read or written
     * @throws dev.credence.core.provenance.InputException if the cell breaks a rule
     */
    ExperimentRun run(Experiment experiment, ExperimentSettings settings, Provenance made, Listener listener)
            throws IOException;

    /**
     * What came of a cell elsewhere.
     *
     * @param json the run's document
     * @param warnings lines that the experiment said
     * @serial exclude
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Document(byte[] json, List<String> warnings) implements Serializable {
        /**
         * Reads it.
         *
         * @param listener takes the warnings
         * @return the run
         * @throws IOException if the document is broken
         */
        public ExperimentRun read(Listener listener) throws IOException {
            warnings.forEach(listener);
            return ExperimentFile.read("a cell's document", json);
        }
    }

    /**
     * Runs a cell from words alone, as they come from another machine.
     *
     * @param experiment its name
     * @param written all of its keys
     * @param made version, command and seed
     * @return what came of it
     * @throws IOException if something cannot be read or written
     */
    static Document document(String experiment, Map<String, String> written, Provenance made) throws IOException {
        Experiment named = Experiments.byName(experiment);
        List<String> warnings = new ArrayList<>();
        Listener listener = line -> {
            if (line.startsWith("warning:")) {
                warnings.add(line);
            }
        };
        ExperimentRun run = HERE.run(named, ExperimentSettings.of(named, written), made, listener);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Json.write(run.document(), out);
        return new Document(out.toByteArray(), List.copyOf(warnings));
    }
}
