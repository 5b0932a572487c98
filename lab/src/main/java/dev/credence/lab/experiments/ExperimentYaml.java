package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.data.settings.YamlMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * An experiment with its settings in a file: YAML with the key {@code experiment}, and any of that experiment's keys with a
 * value or a list.
 */
public final class ExperimentYaml {
    private static final String EXPERIMENT = "experiment";

    private ExperimentYaml() {}

    /**
     * What a file asks for.
     *
     * @param experiment the experiment
     * @param values key to value as {@link ExperimentSettings} takes them
     */
    public record Asked(Experiment experiment, Map<String, String> values) {}

    /**
     * Reads a file.
     *
     * @param file its place
     * @return the experiment, and what is set
     * @throws IOException if it cannot be read
     * @throws InputException naming file, line, key, value and rule
     */
    public static Asked read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, Long> lines = new LinkedHashMap<>();
        YamlMap map = new YamlMap(
                file,
                "an experiment's settings are a YAML file",
                "a line is `experiment: NAME` or `key: value`",
                "a key may stand only once");
        boolean isMap = map.walk(entry -> {
            lines.put(entry.name(), entry.line());
            values.put(entry.name(), value(entry));
        });
        if (!isMap) {
            throw map.noMap();
        }
        return checked(file, values, lines);
    }

    /** A value, or a list of them with commas between. */
    private static String value(YamlMap.Entry entry) {
        StringJoiner list = new StringJoiner(",");
        for (YamlMap.Item item : entry.items()) {
            if (entry.shape() == YamlMap.Entry.Shape.MAP || item.key() != null || item.text() == null) {
                throw entry.wrong("no value", "a key has one value, or a list of values");
            }
            list.add(item.isMissing() ? "" : item.text());
        }
        return list.toString();
    }

    private static Asked checked(Path file, Map<String, String> values, Map<String, Long> lines) {
        String name = values.remove(EXPERIMENT);
        if (name == null) {
            throw new InputException(file.toString(), 0, EXPERIMENT, "missing", "the file names the experiment");
        }
        Experiment experiment;
        try {
            experiment = Experiments.byName(name);
        } catch (InputException e) {
            throw new InputException(file.toString(), lines.getOrDefault(EXPERIMENT, 0L), EXPERIMENT, name, e.rule());
        }
        values.forEach((key, value) -> {
            try {
                ExperimentSettings.of(experiment, Map.of(key, value));
            } catch (InputException e) {
                throw new InputException(file.toString(), lines.getOrDefault(key, 0L), key, value, e.rule());
            }
        });
        return new Asked(experiment, values);
    }
}
