package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What another tool's words for values mean in the contract's: who drew a text, which split it is in, whether it ended.
 *
 * @param words by field: the contract's word of each of the tool's
 * @serial exclude
 */
public record ValueMap(Map<Field, Map<String, String>> words) implements Serializable {
    /** No words but the contract's. */
    public static final ValueMap NONE = new ValueMap(Map.of());

    private static final Set<Field> MAPPED = EnumSet.of(Field.SOURCE, Field.SPLIT, Field.FINISHED);
    private static final List<String> OWN = List.of("prior", "policy");

    /**
     * Copies the map.
     *
     * @param words by field: the contract's word of each of the tool's
     * @throws InputException if {@code prior} or {@code policy} are to mean something else
     */
    public ValueMap {
        EnumMap<Field, Map<String, String>> copy = new EnumMap<>(Field.class);
        words.forEach((field, of) -> copy.put(field, Collections.unmodifiableMap(new LinkedHashMap<>(of))));
        copy.getOrDefault(Field.SOURCE, Map.of()).forEach((from, to) -> {
            if (OWN.contains(from) && !from.equals(to)) {
                throw InputException.ofSetting("value", from + "=" + to, "prior and policy mean themselves");
            }
        });
        words = Collections.unmodifiableMap(copy);
    }

    /**
     * The same map with more words, as a user writes them: {@code ref=prior,pi=policy} of the field {@code source}, or with
     * another field before them, such as {@code finished:eos_found=stop}.
     *
     * @param assignment the words
     * @return the changed map
     * @throws InputException if it is malformed
     */
    public ValueMap with(String assignment) {
        int colon = assignment.indexOf(':');
        Field field = Field.SOURCE;
        String list = assignment;
        for (Field mapped : MAPPED) {
            if (colon > 0 && assignment.substring(0, colon).trim().equals(mapped.key())) {
                field = mapped;
                list = assignment.substring(colon + 1);
            }
        }
        Map<String, String> of = new HashMap<>(words.getOrDefault(field, Map.of()));
        for (String pair : list.split(",", -1)) {
            int equals = pair.lastIndexOf('=');
            if (equals < 1 || equals == pair.length() - 1) {
                throw InputException.ofSetting(
                        "value", assignment, "it is WORD=MEANING, such as ref=prior,pi=policy or finished:eos=stop");
            }
            of.put(pair.substring(0, equals).trim(), pair.substring(equals + 1).trim());
        }
        EnumMap<Field, Map<String, String>> changed = new EnumMap<>(Field.class);
        changed.putAll(words);
        changed.put(field, of);
        return new ValueMap(changed);
    }

    /** The contract's word; a word that is not mapped stays. */
    String of(Field field, String word) {
        return words.getOrDefault(field, Map.of()).getOrDefault(word, word);
    }

    /** Whether some word of the field is mapped; then truth values and numbers are words, too. */
    boolean maps(Field field) {
        return words.containsKey(field);
    }
}
