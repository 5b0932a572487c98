package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** The experiments on the class path. */
public final class Experiments {
    private Experiments() {}

    /** {@return all of them, by name} */
    public static List<Experiment> all() {
        return ServiceLoader.load(Experiment.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(Experiment::name))
                .toList();
    }

    /**
     * An experiment.
     *
     * @param name its name
     * @return the experiment
     * @throws InputException if there is none, with the nearest name
     */
    public static Experiment byName(String name) {
        List<Experiment> all = all();
        return all.stream()
                .filter(experiment -> experiment.name().equals(name))
                .findFirst()
                .orElseThrow(() -> InputException.ofSetting(
                        "NAME",
                        name,
                        NearestName.hint(
                                name, all.stream().map(Experiment::name).toList())));
    }
}
