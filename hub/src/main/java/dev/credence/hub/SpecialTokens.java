package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens of a tokenizer that are marks rather than text: what trainers leave out where they write a text down.
 *
 * @param ids their ids
 */
public record SpecialTokens(Set<Integer> ids) {
    /**
     * Copies the set.
     *
     * @param ids as above
     */
    public SpecialTokens {
        ids = Collections.unmodifiableSortedSet(new TreeSet<>(ids));
    }

    /**
     * Reads tokenizer.json.
     *
     * @param folder a checkpoint folder
     * @return its added tokens that are special
     * @throws dev.credence.core.provenance.InputException if the file is missing or broken
     */
    public static SpecialTokens of(Path folder) {
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode token :
                JsonFile.read(folder.resolve("tokenizer.json")).root().path("added_tokens")) {
            if (token.path("special").asBoolean() && token.path("id").isInt()) {
                ids.add(token.path("id").intValue());
            }
        }
        return new SpecialTokens(ids);
    }
}
