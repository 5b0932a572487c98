package dev.credence.lab.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prompts with their weights, in a file: one a line as plain text, or, where every line begins with a quote or a brace,
 * JSON: a string, or an object with {@code prompt} and optionally {@code prompt_weight}.
 *
 * @param weights prompt to weight, not normalised, in the file's order
 * @param input the file with its hash
 */
public record Prompts(Map<String, Double> weights, Provenance.Input input) {
    private static final ObjectMapper MAPPER = Json.reader();
    private static final String EMPTY = "\"\"";
    private static final String BYTE_ORDER_MARK = "\uFEFF"; // also within, of files put together

    /**
     * One prompt by itself, as a name that {@link #read} takes.
     *
     * @param prompt the text
     * @return a JSON string, which no file's name is
     */
    public static String literal(String prompt) {
        try {
            return MAPPER.writeValueAsString(prompt);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a text is a JSON string", e);
        }
    }

    /**
     * Reads a file.
     *
     * @param name the file's name, or one prompt as a JSON string
     * @return its prompts
     * @throws InputException if there is none, or one is given twice
     */
    public static Prompts read(String name) {
        if (name.startsWith("\"")) {
            Map<String, Double> one = new LinkedHashMap<>();
            add(parse("prompt", 0, name), one, "prompt", 0);
            return new Prompts(one, Inputs.of("prompt " + name, name));
        }
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new InputException(name, 0, "", "no such file", "it holds a prompt a line");
        }
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .map(line -> line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line)
                    .toList();
            boolean json = lines.stream()
                    .filter(line -> !line.isBlank())
                    .allMatch(line -> line.startsWith("{") || line.startsWith("\""));
            Map<String, Double> weights = new LinkedHashMap<>();
            int end = lines.size();
            while (end > 0 && lines.get(end - 1).isBlank()) {
                end--;
            }
            for (int i = 0; i < end; i++) {
                boolean isBlank = lines.get(i).isBlank();
                if (!json && (isBlank || lines.get(i).equals(EMPTY))) {
                    throw new InputException(
                            name,
                            i + 1,
                            "prompt",
                            isBlank ? "an empty line" : EMPTY + " among plain texts",
                            "every line of plain text is a prompt; the empty prompt is \"\" in a file whose every line is"
                                    + " JSON");
                }
                if (!isBlank) {
                    add(json ? parse(name, i + 1, lines.get(i)) : Map.entry(lines.get(i), 1.0), weights, name, i + 1);
                }
            }
            if (weights.isEmpty()) {
                throw new InputException(name, 0, "", "empty", "it holds at least one prompt");
            }
            return new Prompts(weights, FolderHash.file(file));
        } catch (java.nio.charset.MalformedInputException e) {
            throw new InputException(name, 0, "", "not UTF-8", "prompts are UTF-8 text");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + ": " + e.getMessage(), e);
        }
    }

    /** {@return the prompts, in order} */
    public List<String> texts() {
        return new ArrayList<>(weights.keySet());
    }

    private static void add(Map.Entry<String, Double> prompt, Map<String, Double> weights, String name, long line) {
        if (weights.put(prompt.getKey(), prompt.getValue()) != null) {
            throw new InputException(name, line, "prompt", "given twice", "each prompt is given once, with its weight");
        }
    }

    private static Map.Entry<String, Double> parse(String name, long line, String text) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    name,
                    line,
                    "",
                    "broken JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")",
                    "a line is a prompt");
        }
        JsonNode prompt = node.isObject() ? node.path("prompt") : node;
        if (!prompt.isTextual()) {
            throw new InputException(
                    name, line, "prompt", prompt.isMissingNode() ? "missing" : prompt.toString(), "it is a text");
        }
        if (TextTokenizer.halfPair(prompt.textValue()) >= 0) {
            throw new InputException(
                    name, line, "prompt", "a text with half a surrogate pair", "a prompt is whole characters");
        }
        JsonNode weight = node.path("prompt_weight");
        double value = weight.isMissingNode() ? 1 : weight.asDouble(Double.NaN);
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new InputException(name, line, "prompt_weight", weight.toString(), "it is a positive number");
        }
        return Map.entry(prompt.textValue(), value);
    }
}
