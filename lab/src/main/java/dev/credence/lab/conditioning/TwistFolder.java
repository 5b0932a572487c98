package dev.credence.lab.conditioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.TwistHead;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Twist heads in a folder: {@code twist.json} says of which model, evidence, prompts and horizon, and a file a prompt holds the numbers.
 */
final class TwistFolder {
    /** Its name beside the particles of a run that is saved. */
    static final String NAME = "twist";

    private static final String FACTS = "twist.json";
    private static final String SCHEMA = "credence.twist/1";
    private static final ObjectMapper MAPPER = Json.reader();

    private TwistFolder() {}

    /**
     * Writes what runs have learned.
     *
     * @param policy the model that ran
     * @param prompts of which model and texts
     * @param evidence what is asked, in words
     * @param into the folder
     * @return whether there is anything to write
     */
    static boolean write(ParticleModel policy, ModelPrompts prompts, String evidence, Path into) throws IOException {
        Map<IntBuffer, TwistHead> heads = policy.heads();
        if (heads.isEmpty()) {
            return false;
        }
        Files.createDirectories(into);
        ObjectNode facts = MAPPER.createObjectNode();
        facts.put("schema", SCHEMA).put("model", hash(prompts)).put("evidence", evidence);
        facts.put("copies", policy.copies()).put("horizon", prompts.horizon());
        ArrayNode list = facts.putArray("prompts");
        for (Map.Entry<String, int[]> prompt : prompts.ids().entrySet()) {
            TwistHead head = heads.get(IntBuffer.wrap(prompt.getValue()));
            if (head != null) {
                String file = list.size() + ".bin";
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(into.resolve(file)))) {
                    head.save(out);
                }
                list.addObject().put("prompt", prompt.getKey()).put("file", file);
            }
        }
        MAPPER.writerWithDefaultPrettyPrinter().writeValue(into.resolve(FACTS).toFile(), facts);
        return true;
    }

    /**
     * Heads for the prompts that are asked.
     *
     * @param named the folder, or that of a run with one in it
     * @param prompts of which model and texts
     * @return prompt to its head
     * @throws InputException if there are none, or they are another model's, horizon's or other prompts'
     */
    static Map<IntBuffer, TwistHead> read(String named, ModelPrompts prompts) throws IOException {
        Path given = Path.of(named);
        Path folder = Files.isRegularFile(given.resolve(FACTS)) ? given : given.resolve(NAME);
        if (!Files.isRegularFile(folder.resolve(FACTS))) {
            throw refused(
                    named, "there is no " + FACTS + " in it: name a run's folder that was saved with a learned head");
        }
        JsonNode facts;
        try {
            facts = MAPPER.readTree(folder.resolve(FACTS).toFile());
        } catch (JsonProcessingException e) {
            throw refused(named, FACTS + " is damaged: it is no JSON");
        }
        if (!facts.path("schema").asText().equals(SCHEMA)) {
            throw refused(
                    named,
                    FACTS + " is of schema '" + facts.path("schema").asText() + "'; this version reads " + SCHEMA);
        }
        if (!facts.path("model").asText().equals(hash(prompts))) {
            throw refused(named, "its heads read the hidden states of another model: learn them on this one");
        }
        Map<String, String> files = new HashMap<>();
        for (JsonNode one : facts.path("prompts")) {
            files.put(one.path("prompt").asText(), one.path("file").asText());
        }
        Map<IntBuffer, TwistHead> heads = new HashMap<>();
        for (Map.Entry<String, int[]> prompt : prompts.ids().entrySet()) {
            String file = files.get(prompt.getKey());
            if (file == null) {
                throw refused(
                        named,
                        "it has no head for prompt '" + prompt.getKey() + "'; it has " + List.copyOf(files.keySet()));
            }
            Path numbers = folder.resolve(Objects.requireNonNull(Path.of(file).getFileName()));
            if (!Files.isRegularFile(numbers)) {
                throw refused(named, numbers.getFileName() + " is not in it: the folder is damaged");
            }
            try (InputStream in = new BufferedInputStream(Files.newInputStream(numbers))) {
                int vocabulary = prompts.model().transformer().vocabulary().size();
                heads.put(IntBuffer.wrap(prompt.getValue()), TwistHead.read(in, vocabulary, prompts.horizon()));
            } catch (IOException e) {
                throw refused(named, numbers.getFileName() + " cannot be used: " + e.getMessage());
            }
        }
        return heads;
    }

    private static InputException refused(String named, String why) {
        return InputException.ofSetting("twist-from", named, why);
    }

    private static String hash(ModelPrompts prompts) {
        return prompts.model().inputs().stream()
                .map(Provenance.Input::sha256)
                .sorted()
                .collect(Collectors.joining("+"));
    }
}
