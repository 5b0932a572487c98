package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Dumps of other tools, as field maps. All three keep policy draws only and no log-probabilities: those must be added
 * to the dump (their place given by a field map), and prior draws come from another log.
 */
public enum LogFormat {
    /**
     * TRL's completions ({@code log_completions}): a Parquet file a step with {@code step}, {@code prompt},
     * {@code completion} (texts, or lists of messages), one column for each reward function under the function's name, null
     * where it does not apply, and {@code advantage}. The columns between {@code completion} and {@code advantage} are the
     * rewards.
     */
    TRL("TRL's completions log"),
    /**
     * verl's rollouts ({@code trainer.rollout_data_dir}): a JSON Lines file a step with {@code input}, {@code output} (texts
     * without special tokens), {@code gts}, {@code score}, {@code step}, and the reward function's extra figures.
     */
    VERL("verl's rollout dump"),
    /**
     * OpenRLHF's batch inference: JSON Lines with {@code input}, {@code output}, and after the reward model
     * {@code reward}.
     */
    OPENRLHF("OpenRLHF's batch inference");

    private final String title;

    LogFormat(String title) {
        this.title = title;
    }

    /** The tool's own names, where they differ from the contract's. */
    private Map<Field, String> names() {
        return switch (this) {
            case TRL -> Map.of();
            case VERL -> Map.of(Field.PROMPT, "input", Field.COMPLETION, "output", Field.REWARD, "score");
            case OPENRLHF -> Map.of(Field.PROMPT, "input", Field.COMPLETION, "output");
        };
    }

    /**
     * The format of a name.
     *
     * @param name {@code trl}, {@code verl} or {@code openrlhf}
     * @return the format
     * @throws InputException if there is none
     */
    public static LogFormat of(String name) {
        for (LogFormat format : values()) {
            if (format.key().equals(name)) {
                return format;
            }
        }
        throw InputException.ofSetting("format", name, "it is trl, verl or openrlhf");
    }

    /** {@return the name a user types} */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The places of the fields: the tool's names first, then the contract's own, so that prior draws written by Credence can
     * be read beside the dump.
     *
     * @return the field map, in which a record without a source is a policy draw
     */
    public FieldMap fields() {
        EnumMap<Field, List<String>> paths = new EnumMap<>(FieldMap.standard().paths());
        names().forEach((field, name) -> paths.put(field, List.of(name, field.key())));
        return new FieldMap(paths, "policy", this, ValueMap.NONE);
    }

    /** Which of a record's fields are rewards, if the tool names them after its reward functions. */
    List<String> rewardColumns(List<String> names) {
        int from = names.indexOf(Field.COMPLETION.key());
        int to = names.indexOf("advantage");
        return this == TRL && from >= 0 && to > from + 1 ? List.copyOf(names.subList(from + 1, to)) : List.of();
    }

    /** How to supply what such a dump lacks. */
    String missing(Field field) {
        return switch (field) {
            case LOGP_PRIOR, LOGP_POLICY ->
                title
                        + " has no log-probabilities: let an audit with the models of prior and policy score it, or add them"
                        + " and name their place with the setting field: " + field.key() + "=PATH";
            case REWARD ->
                this == TRL
                        ? title
                                + " names a column after each reward function: name one with the setting field: reward=COLUMN, or"
                                + " as the reward field:COLUMN"
                        : title
                                + " has none before a reward model ran: name its place with the setting field: reward=PATH, or"
                                + " give a reward of the text";
            default -> FieldMap.place(field);
        };
    }
}
