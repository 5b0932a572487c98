package dev.credence.lab.experiments;

import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A question about conditioning that is answered by figures: an experiment of one's own is a class with this interface that a
 * jar names in {@code META-INF/services/dev.credence.lab.experiments.Experiment}.
 *
 * <p>An experiment holds no state; its figures are a function of the settings and the seed among them.
 */
public interface Experiment {
    /** {@return the name on the command line, in small letters with dashes} */
    String name();

    /** {@return the question, one sentence} */
    String question();

    /** {@return experiments to go on with, by name: those that ask the next question} */
    default List<String> related() {
        return List.of();
    }

    /**
     * The figures that its claim stands on; those that these settings do not give are left out.
     *
     * @param settings checked
     * @return one or a few
     */
    default List<KeyFigure> keyFigures(ExperimentSettings settings) {
        return List.of();
    }

    /** {@return every key that can be set, with its standard, rule and explanation} */
    List<ExperimentKey> settings();

    /**
     * What an effort changes of the standards.
     *
     * @param effort how much is run
     * @return key to value; what the user sets goes before these
     */
    default Map<String, String> standards(Effort effort) {
        return Map.of();
    }

    /** {@return the schema of its document for programs} */
    default String schema() {
        return "credence.run/1";
    }

    /**
     * Answers the question.
     *
     * @param settings checked
     * @param listener takes progress, and may stop it
     * @return figures, tables, pictures and the conclusion that follows from them
     * @throws IOException if reading or writing fails
     * @throws dev.credence.core.provenance.InputException if settings do not fit each other or the files they name
     */
    ExperimentResult run(ExperimentSettings settings, Listener listener) throws IOException;
}
