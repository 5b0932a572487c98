package dev.credence.lab.conditioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.corpora.OriginFields;
import dev.credence.data.json.Json;
import dev.credence.lab.models.FolderHash;
import dev.credence.methods.Demonstrations;
import dev.credence.methods.MethodOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Texts to imitate, in a file of JSON Lines: each line a string, or an object with {@code completion} (or {@code text}) and,
 * where there are several prompts, {@code prompt}; objects may say where they come from ({@link OriginFields}).
 */
public final class DemonstrationFile {
    private static final ObjectMapper MAPPER = Json.reader();

    /** The setting of methods that names such a file. */
    static final String SETTING = "demonstrations";

    private DemonstrationFile() {}

    /**
     * Settings of a method with the texts of the file that they name.
     *
     * @param given as typed
     * @return the same with the texts, where a file is named
     * @throws InputException naming file, line and field
     */
    public static MethodOptions in(MethodOptions given) {
        return given.has(SETTING) ? given.with(read(given.values().getOrDefault(SETTING, ""))) : given;
    }

    /**
     * Reads a file.
     *
     * @param name the file's name
     * @return its texts, in order
     * @throws InputException naming file, line and field, if a line is no text or there is none
     */
    public static Demonstrations read(String name) {
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new InputException(name, 0, "", "no such file", "it holds a text a line, as JSON");
        }
        List<Demonstrations.One> all = new ArrayList<>();
        RecordOrigins.Counter origins = new RecordOrigins.Counter();
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            for (int i = 0; i < lines.size(); i++) {
                if (!lines.get(i).isBlank()) {
                    all.add(parse(name, i + 1, lines.get(i), origins));
                }
            }
        } catch (MalformedInputException e) {
            throw new InputException(name, 0, "", "not UTF-8", "texts are UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + ": " + e.getMessage(), e);
        }
        if (all.isEmpty()) {
            throw new InputException(name, 0, "", "empty", "it holds at least one text");
        }
        return new Demonstrations(all, name, origins.origins());
    }

    /**
     * The file that texts were read from, with its hash.
     *
     * @param texts as read
     * @return none where there was no file
     */
    public static List<Provenance.Input> inputs(Demonstrations texts) {
        return texts.origin().isEmpty()
                ? List.of()
                : List.of(FolderHash.file(Path.of(texts.origin())).withOrigins(texts.stated()));
    }

    /**
     * Says what makes the texts another's than the prior's.
     *
     * @param texts as read
     * @param report takes warnings
     */
    public static void warn(Demonstrations texts, Consumer<String> report) {
        texts.stated().warnings().forEach(words -> report.accept("warning: " + texts.origin() + ": " + words));
    }

    private static Demonstrations.One parse(String name, long line, String text, RecordOrigins.Counter origins) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    name, line, "", "broken JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")", "a line is a text");
        }
        if (node.isTextual()) {
            origins.add(Map.of());
            return new Demonstrations.One(null, node.textValue(), line);
        }
        JsonNode completion = node.has("completion") ? node.path("completion") : node.path("text");
        if (!completion.isTextual()) {
            throw new InputException(name, line, "completion", shown(completion), "it is a text");
        }
        origins.add(OriginFields.of(node, (field, value, rule) -> new InputException(name, line, field, value, rule)));
        return new Demonstrations.One(prompt(name, line, node.path("prompt")), completion.textValue(), line);
    }

    private static @Nullable String prompt(String name, long line, JsonNode prompt) {
        if (!prompt.isMissingNode() && !prompt.isTextual()) {
            throw new InputException(name, line, "prompt", shown(prompt), "it is a text");
        }
        return prompt.textValue();
    }

    private static String shown(JsonNode value) {
        return value.isMissingNode() ? "missing" : value.toString();
    }
}
