package dev.credence.lab.audits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is kept of a folder that is followed, beside the audits of its steps: which files were read, and what they hold. */
final class FollowState {
    private static final String SCHEMA = "credence.follow/1";
    private static final String FILE = "follow.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;
    private final String asked;
    private final String words;
    private final TreeMap<String, Known> files = new TreeMap<>();
    private final TreeMap<Long, Described> steps = new TreeMap<>();

    /**
     * A file that was read.
     *
     * @param name its name
     * @param bytes its size
     * @param modified when it was last written, milliseconds
     * @param sha256 of its bytes
     * @param records in it
     * @param sentinels numbers in the place of −∞
     * @param firstSentinel the first, in words
     * @param steps by step what tells whether its records are the same
     */
    record Known(
            String name,
            long bytes,
            long modified,
            String sha256,
            long records,
            long sentinels,
            String firstSentinel,
            Map<Long, Long> steps) {}

    private record Described(String reward, String words) {}

    private FollowState(Path file, String asked, String words) {
        this.file = file;
        this.asked = asked;
        this.words = words;
    }

    /** Whether what is kept in a folder is of a question; nothing yet is of any. */
    static boolean isOf(Path folder, String asked) throws IOException {
        Path file = folder.resolve(FILE);
        return !Files.exists(file) || isOf(MAPPER.readTree(Files.readAllBytes(file)), asked);
    }

    private static boolean isOf(JsonNode root, String asked) {
        return root.path("schema").asText().equals(SCHEMA)
                && root.path("asked").asText().equals(asked);
    }

    /** The question of what is kept in a folder, as a person reads it; empty where nothing is. */
    static String words(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.exists(file)
                ? MAPPER.readTree(Files.readAllBytes(file)).path("question").asText()
                : "";
    }

    /** That of a folder, with its question exactly and in words; new where there is none. */
    static FollowState open(Path folder, String asked, String words) throws IOException {
        FollowState state = new FollowState(folder.resolve(FILE), asked, words);
        if (!Files.exists(state.file)) {
            return state;
        }
        JsonNode root = MAPPER.readTree(Files.readAllBytes(state.file));
        if (!isOf(root, asked)) {
            throw InputException.ofSetting(
                    "run",
                    String.valueOf(folder.getFileName()),
                    "what is kept there is of another folder or another question; choose another name");
        }
        for (JsonNode each : root.path("files")) {
            TreeMap<Long, Long> steps = new TreeMap<>();
            each.path("steps")
                    .properties()
                    .forEach(step -> steps.put(
                            Long.valueOf(step.getKey()), step.getValue().asLong()));
            state.put(new Known(
                    each.path("name").asText(),
                    each.path("bytes").asLong(),
                    each.path("modified").asLong(),
                    each.path("sha256").asText(),
                    each.path("records").asLong(),
                    each.path("sentinels").asLong(),
                    each.path("first").asText(),
                    steps));
        }
        root.path("steps")
                .properties()
                .forEach(step -> state.describe(
                        Long.parseLong(step.getKey()),
                        step.getValue().path("reward").asText(),
                        step.getValue().path("described").asText()));
        return state;
    }

    /** Writes it; the audits of its steps must be there. */
    void save() throws IOException {
        ObjectNode root = MAPPER.createObjectNode()
                .put("schema", SCHEMA)
                .put("asked", asked)
                .put("question", words);
        var all = root.putArray("files");
        for (Known known : files.values()) {
            ObjectNode steps = MAPPER.createObjectNode();
            known.steps.forEach((step, print) -> steps.put(Long.toString(step), print));
            all.addObject()
                    .put("name", known.name)
                    .put("bytes", known.bytes)
                    .put("modified", known.modified)
                    .put("sha256", known.sha256)
                    .put("records", known.records)
                    .put("sentinels", known.sentinels)
                    .put("first", known.firstSentinel)
                    .set("steps", steps);
        }
        ObjectNode described = root.putObject("steps");
        steps.forEach((step, words) -> described
                .putObject(Long.toString(step))
                .put("reward", words.reward)
                .put("described", words.words));
        AtomicFile.write(file, out -> out.write(MAPPER.writeValueAsBytes(root)));
    }

    void put(Known known) {
        files.put(known.name, known);
    }

    /** A file that has another name now: what is known of the one that is gone, of the same content, is known of it. */
    void rename(String name, String sha256, FollowedFolder folder) throws IOException {
        for (Known known : files.values()) {
            if (known.sha256.equals(sha256) && !folder.isThere(known.name)) {
                files.remove(known.name);
                put(new Known(
                        name,
                        known.bytes,
                        known.modified,
                        known.sha256,
                        known.records,
                        known.sentinels,
                        known.firstSentinel,
                        known.steps));
                return;
            }
        }
    }

    /** A step that was not audited as its records are: its files are read again where the following is begun again. */
    void forget(long step) {
        for (Known known : with(step)) {
            TreeMap<Long, Long> other = new TreeMap<>(known.steps);
            other.put(step, 0L);
            put(new Known(
                    known.name, -1, -1, known.sha256, known.records, known.sentinels, known.firstSentinel, other));
        }
    }

    /** Whether a file was read as it is now. */
    boolean has(FollowedFolder.Arrived file) {
        Known known = files.get(file.file());
        return known != null && known.bytes == file.bytes() && known.modified == file.modified();
    }

    Set<String> files() {
        return files.keySet();
    }

    Map<Long, Long> steps(String name) {
        Known known = files.get(name);
        return known == null ? Map.of() : known.steps;
    }

    /** The files that hold records of a step. */
    List<Known> with(long step) {
        return files.values().stream()
                .filter(known -> known.steps.containsKey(step))
                .toList();
    }

    void describe(long step, String reward, String words) {
        steps.put(step, new Described(reward, words));
    }

    /** A step that is no more. */
    void remove(long step) {
        steps.remove(step);
    }

    Set<Long> steps() {
        return steps.keySet();
    }

    String described(long step) {
        return steps.getOrDefault(step, new Described("", "")).words;
    }

    String reward(long step) {
        return steps.getOrDefault(step, new Described("", "")).reward;
    }

    List<Provenance.Input> inputs() {
        return files.values().stream()
                .map(known -> new Provenance.Input(known.name, known.bytes, known.sha256, known.records))
                .toList();
    }
}
