package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The values that an experiment is run with: those that were set, its standards elsewhere; all checked. */
public final class ExperimentSettings {
    private final Map<String, ExperimentKey> declared = new LinkedHashMap<>();
    private final Map<String, String> values = new LinkedHashMap<>();

    private ExperimentSettings(List<ExperimentKey> declared) {
        declared.forEach(setting -> this.declared.put(setting.key(), setting));
    }

    /**
     * Settings of an experiment.
     *
     * @param experiment whose keys they are
     * @param effort how much is run
     * @param given key to value
     * @return the settings
     * @throws InputException naming the key that is unknown, or whose value breaks its rule
     */
    public static ExperimentSettings of(Experiment experiment, Effort effort, Map<String, String> given) {
        ExperimentSettings settings = new ExperimentSettings(experiment.settings());
        settings.declared.values().forEach(setting -> settings.put(setting.key(), setting.standard()));
        experiment.standards(effort).forEach(settings::put);
        given.forEach(settings::put);
        return settings;
    }

    /**
     * Settings of an experiment at its standard size.
     *
     * @param experiment whose keys they are
     * @param given key to value
     * @return the settings
     * @throws InputException naming the key that is unknown, or whose value breaks its rule
     */
    public static ExperimentSettings of(Experiment experiment, Map<String, String> given) {
        return of(experiment, Effort.standard(), given);
    }

    private void put(String key, String value) {
        ExperimentKey setting = declared.get(key);
        if (setting == null) {
            throw InputException.ofSetting(
                    key, value, "there is no such key; " + NearestName.hint(key, List.copyOf(declared.keySet())));
        }
        setting.parts(value);
        boolean isText = setting.shape() == ExperimentKey.Shape.TEXT;
        values.put(key, isText ? value : value.trim()); // a prompt may end with a line break
    }

    /**
     * Whether the experiment has a key.
     *
     * @param key its name
     * @return whether it can be set
     */
    public boolean declares(String key) {
        return declared.containsKey(key);
    }

    /**
     * Whether something is set: a text that may be empty.
     *
     * @param key of a text
     * @return whether it has characters
     */
    public boolean has(String key) {
        return !text(key).isEmpty();
    }

    /**
     * A number.
     *
     * @param key its name
     * @return its value, ∞ for {@code inf}
     */
    public double number(String key) {
        return ExperimentKey.number(text(key));
    }

    /**
     * A whole number.
     *
     * @param key its name
     * @return its value
     */
    public long whole(String key) {
        return (long) number(key);
    }

    /**
     * A whole number that counts something in memory.
     *
     * @param key its name, of a setting that stays below 2³¹
     * @return its value
     */
    public int count(String key) {
        return Math.toIntExact(whole(key));
    }

    /**
     * Numbers.
     *
     * @param key their name
     * @return in their order
     */
    public double[] numbers(String key) {
        return texts(key).stream().mapToDouble(ExperimentKey::number).toArray();
    }

    /**
     * A number and how it was written, which names its figures.
     *
     * @param text as the user wrote it
     * @param value of it
     */
    record Amount(String text, double value) {}

    /** Numbers with their texts, in their order. */
    List<Amount> amounts(String key) {
        return texts(key).stream()
                .map(text -> new Amount(text, ExperimentKey.number(text)))
                .toList();
    }

    /**
     * Demands that numbers are shares of one whole.
     *
     * @param key their name
     * @throws InputException if they do not add up to 1
     */
    void requireShares(String key) {
        if (!(Math.abs(Arrays.stream(numbers(key)).sum() - 1) < 1e-9)) {
            throw InputException.ofSetting(key, text(key), "they add up to 1");
        }
    }

    /**
     * Whole numbers.
     *
     * @param key their name
     * @return in their order
     */
    public int[] counts(String key) {
        return texts(key).stream()
                .mapToInt(text -> Math.toIntExact((long) ExperimentKey.number(text)))
                .toArray();
    }

    /**
     * A text.
     *
     * @param key its name
     * @return as it was written
     */
    public String text(String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    /**
     * Texts.
     *
     * @param key their name
     * @return in their order
     */
    public List<String> texts(String key) {
        return Objects.requireNonNull(declared.get(key), key).parts(text(key));
    }

    /** {@return every value as it is written, by key} */
    public Map<String, String> written() {
        return new LinkedHashMap<>(values);
    }

    /** {@return every value for a document: numbers, texts, or lists of them, by key} */
    public Map<String, Object> values() {
        Map<String, Object> all = new LinkedHashMap<>();
        declared.forEach((key, setting) -> all.put(
                key,
                switch (setting.shape()) {
                    case NUMBER -> number(key);
                    case NUMBERS -> numbers(key);
                    case TEXT -> text(key);
                    case TEXTS -> texts(key);
                }));
        return all;
    }

    /**
     * The settings as a file that {@link ExperimentYaml} reads: each key behind its explanation.
     *
     * @param experiment whose settings they are
     * @return YAML, with a line break at its end
     */
    public String yaml(Experiment experiment) {
        List<String> lines = new ArrayList<>();
        lines.add("# " + experiment.question());
        lines.add("experiment: " + experiment.name());
        declared.forEach((key, setting) -> {
            lines.add("");
            lines.add("# " + setting.help() + " (" + setting.rule() + ")");
            lines.add(key + ": " + quoted(setting, text(key)));
        });
        return String.join("\n", lines) + "\n";
    }

    private static String quoted(ExperimentKey setting, String value) {
        return switch (setting.shape()) {
            case NUMBER -> value;
            case NUMBERS -> "[" + value.replaceAll("\\s*,\\s*", ", ") + "]";
            case TEXT, TEXTS ->
                "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
        };
    }
}
