package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.RolloutLog;
import java.util.ArrayList;
import java.util.List;

/**
 * What is drawn next: of each prompt and model up to how many texts, and which of the new ones are kept. It is written down
 * before anything of it is drawn, so that a draw that was broken off goes on with the same rules.
 *
 * @param reward that decides what is kept, as it is written
 * @param width of the Bayes fraction's interval before it; infinite where none stood or nobody asked
 * @param targets one a stream that goes on
 */
record DrawRound(String reward, double width, List<Target> targets) {
    /** Source of texts drawn from the bridge. */
    static final byte BRIDGE = 2;

    private static final String ROUND = "round";
    private static final List<String> SOURCES = List.of("prior", "policy", "bridge");

    /**
     * One model's texts of one prompt.
     *
     * @param prompt its text
     * @param source {@link RolloutLog#PRIOR}, POLICY or {@link #BRIDGE}
     * @param to how many texts there are afterwards
     * @param rule which of the new ones are kept
     */
    record Target(String prompt, byte source, int to, KeepRule rule) {}

    DrawRound {
        targets = List.copyOf(targets);
    }

    /** Whether some draws are not kept. */
    boolean thins() {
        return targets.stream().anyMatch(target -> !target.rule.keepsAll());
    }

    /** As a line of the spool. */
    void write(ObjectNode line) {
        ObjectNode round = line.putObject(ROUND).put("reward", reward).put("width", width);
        ArrayNode list = round.putArray("targets");
        for (Target target : targets) {
            ObjectNode one = list.addObject()
                    .put("prompt", target.prompt)
                    .put("source", name(target.source))
                    .put("to", target.to);
            target.rule.write(one);
        }
    }

    static boolean isRound(JsonNode line) {
        return line.has(ROUND);
    }

    static DrawRound read(JsonNode line) {
        JsonNode round = line.path(ROUND);
        List<Target> targets = new ArrayList<>();
        for (JsonNode one : round.path("targets")) {
            targets.add(new Target(
                    one.path("prompt").asText(),
                    source(one.path("source").asText()),
                    one.path("to").asInt(),
                    KeepRule.read(one)));
        }
        return new DrawRound(round.path("reward").asText(), round.path("width").asDouble(), targets);
    }

    static String name(byte source) {
        return SOURCES.get(source);
    }

    static byte source(String name) {
        int source = SOURCES.indexOf(name);
        if (source < 0) {
            throw new IllegalArgumentException("source is " + name + "; it must be one of " + SOURCES);
        }
        return (byte) source;
    }
}
