package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a log keeps each field. A place is a dotted path: {@code logprobs.sum} is the key {@code sum} of the object
 * {@code logprobs}, or a key that contains the dot itself.
 *
 * @param paths the places of each field, the preferred first; a field without an entry is not read
 * @param defaultSource the source of a record that names none, or null when every record must
 * @param format the tool whose names these are, or null for Credence's own
 * @param values what its words mean
 * @serial exclude
 */
public record FieldMap(
        Map<Field, List<String>> paths,
        @Nullable String defaultSource,
        @Nullable LogFormat format,
        ValueMap values) implements Serializable {
    /** Where records say how they ended. */
    private static final List<String> ENDS = List.of("finished", "finish_reason", "truncated");

    /**
     * Copies the map.
     *
     * @param paths the places of each field, the preferred first
     * @param defaultSource the source of a record that names none, or null
     * @param format the tool whose names these are, or null
     * @param values what its words mean
     */
    public FieldMap {
        EnumMap<Field, List<String>> copy = new EnumMap<>(Field.class);
        paths.forEach((field, places) -> copy.put(field, List.copyOf(places)));
        paths = Collections.unmodifiableMap(copy);
    }

    /** {@return the contract's own names} */
    public static FieldMap standard() {
        EnumMap<Field, List<String>> own = new EnumMap<>(Field.class);
        for (Field field : Field.values()) {
            own.put(field, List.of(field.key()));
        }
        own.put(Field.FINISHED, ENDS);
        return new FieldMap(own, null, null, ValueMap.NONE);
    }

    /**
     * The same map with one field elsewhere; its earlier places are no longer read.
     *
     * @param field the field
     * @param path its place
     * @return the changed map
     * @throws InputException if the path is empty
     */
    public FieldMap with(Field field, String path) {
        if (path.isBlank()) {
            throw InputException.ofSetting("field", field.key() + "=", "a path is a key or a dotted path of keys");
        }
        EnumMap<Field, List<String>> changed = new EnumMap<>(paths);
        changed.put(field, List.of(path));
        return new FieldMap(changed, defaultSource, format, values);
    }

    /**
     * The same map with one field elsewhere, as a user writes it.
     *
     * @param assignment such as {@code logp_policy=logprobs.sum}
     * @return the changed map
     * @throws InputException if it is not of the form {@code FIELD=PATH}
     */
    public FieldMap with(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw InputException.ofSetting("field", assignment, "it is FIELD=PATH, such as logp_policy=logprobs.sum");
        }
        return with(
                Field.of(assignment.substring(0, equals).trim()),
                assignment.substring(equals + 1).trim());
    }

    /**
     * The same map with words of values, as a user writes them.
     *
     * @param assignment such as {@code ref=prior,pi=policy}
     * @return the changed map
     * @throws InputException if it is malformed
     * @see ValueMap#with
     */
    public FieldMap withValues(String assignment) {
        return new FieldMap(paths, defaultSource, format, values.with(assignment));
    }

    /**
     * What a word of the log means.
     *
     * @param field whose value it is
     * @param word as the log has it
     * @return the contract's word, or the same where none was said to stand for it
     */
    public String meaning(Field field, String word) {
        return values.of(field, word);
    }

    /** The place of a rank. */
    String path(Field field, int rank) {
        return paths.getOrDefault(field, List.of(field.key())).get(rank);
    }

    /** Whether a text with this word for its end, at the place of a rank, was cut. */
    boolean cut(int rank, String word) throws BadRecord {
        String meaning = values.of(Field.FINISHED, word);
        boolean truth = meaning.equals("true") || meaning.equals("false");
        boolean inverted = truth && meaning.equals(word) && EndWords.saysCut(path(Field.FINISHED, rank));
        return EndWords.isCut(meaning) != inverted;
    }

    /** What to say when a field is missing. */
    String missing(Field field) {
        List<String> places = paths.getOrDefault(field, List.of());
        String rule = "every record has " + field.key();
        boolean isMapped = !places.isEmpty() && !places.equals(List.of(field.key()));
        String place = isMapped ? rule + " (looked for " + String.join(", ", places) + ")" : rule;
        if (format == null && !isMapped) {
            return rule + hint(field);
        }
        return format == null ? place : place + "; " + format.missing(field);
    }

    /** How to name a field's place, a clause of a rule. */
    static String place(Field field) {
        return "name its place with the setting field: " + field.key() + "=PATH";
    }

    /** What a required field is for, and how to name the place of one that the log calls otherwise. */
    private static String hint(Field field) {
        String called = "; if the log calls it otherwise, " + place(field);
        return switch (field) {
            case SOURCE -> " (who drew its text: prior or policy)" + called;
            case REWARD -> called + ", or give a reward of the text";
            default -> called;
        };
    }
}
