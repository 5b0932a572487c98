package dev.credence.lab.experiments;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
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
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    file.toString(), 0, "", "no such file", "an experiment's settings are a YAML file");
        }
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, Long> lines = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(file);
                JsonParser yaml = new YAMLFactory().createParser(in)) {
            if (yaml.nextToken() != JsonToken.START_OBJECT) {
                throw new InputException(
                        file.toString(), 1, "", "no map", "a line is `experiment: NAME` or `key: value`");
            }
            while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                String key = yaml.currentName();
                lines.put(key, (long) yaml.currentTokenLocation().getLineNr());
                if (values.put(key, value(file, key, yaml)) != null) {
                    throw new InputException(
                            file.toString(), lines.get(key), key, "given twice", "a key may stand only once");
                }
            }
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String first = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            throw new InputException(file.toString(), line, "", "broken YAML (" + first + ")", "the file must be YAML");
        }
        return checked(file, values, lines);
    }

    /** A value, or a list of them with commas between. */
    private static String value(Path file, String key, JsonParser yaml) throws IOException {
        long line = yaml.currentTokenLocation().getLineNr();
        JsonToken token = yaml.nextToken();
        if (token == JsonToken.START_ARRAY) {
            StringJoiner list = new StringJoiner(",");
            while (yaml.nextToken() != JsonToken.END_ARRAY) {
                list.add(scalar(file, key, line, yaml));
            }
            return list.toString();
        }
        return scalar(file, key, line, yaml);
    }

    private static String scalar(Path file, String key, long line, JsonParser yaml) throws IOException {
        if (!yaml.currentToken().isScalarValue()) {
            throw new InputException(
                    file.toString(), line, key, "no value", "a key has one value, or a list of values");
        }
        return yaml.currentToken() == JsonToken.VALUE_NULL ? "" : yaml.getText();
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
