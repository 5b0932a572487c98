package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws of one prompt from one model.
 *
 * @param prompt its text
 * @param source who drew
 * @param from position of the first of the stream's draws
 * @param to one past the last
 * @param kept the texts that were kept of them, scored
 */
record Chunk(String prompt, byte source, int from, int to, List<Rollout> kept) {
    static final String TEXTS = "texts";

    /** As a line of the spool. */
    ObjectNode line() {
        ObjectNode line = JsonNodeFactory.instance
                .objectNode()
                .put("prompt", prompt)
                .put("source", DrawRound.name(source))
                .put("from", from)
                .put("to", to);
        kept.forEach(text -> line.withArray(TEXTS).add(text.record()));
        return line;
    }

    static Chunk of(JsonNode line) {
        List<Rollout> kept = new ArrayList<>();
        line.path(TEXTS).forEach(text -> kept.add(Rollout.of(text)));
        return new Chunk(
                line.path("prompt").asText(),
                DrawRound.source(line.path("source").asText()),
                line.path("from").asInt(),
                line.path("to").asInt(),
                kept);
    }
}
