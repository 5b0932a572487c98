package dev.credence.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** One JSON object of a file, read field by field with messages that name the file, the field and the rule. */
record JsonFile(String file, JsonNode root) {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static JsonFile read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new InputException(path.toString(), 0, "", "missing", "a checkpoint folder needs this file");
        }
        try {
            return parse(path.toString(), Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonFile parse(String file, byte[] bytes) {
        try {
            JsonNode root = MAPPER.readTree(bytes);
            if (root == null || !root.isObject()) {
                throw new InputException(file, 0, "", "not a JSON object", "it must be one");
            }
            return new JsonFile(file, root);
        } catch (JsonProcessingException e) {
            String said =
                    Cause.ofParser(e.getOriginalMessage()).lines().findFirst().orElse("");
            throw new InputException(
                    file,
                    e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                    "",
                    "broken JSON: " + (e instanceof MismatchedInputException ? "something follows the object" : said),
                    "it must be a JSON object");
        } catch (IOException e) { // no characters: it takes the first bytes for those of UTF-16 or UTF-32
            throw new InputException(file, 0, "", "broken JSON: " + Cause.of(e), "it must be a JSON object in UTF-8");
        }
    }

    /** An object as a file has it. */
    static byte[] bytes(JsonNode object) {
        try {
            return MAPPER.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An object within; empty where it is missing or null. */
    Optional<JsonFile> object(String field) {
        JsonNode node = root.path(field);
        return node.isObject() ? Optional.of(new JsonFile(file, node)) : Optional.empty();
    }

    int integer(String field) {
        return number(field).map(checkInteger(field)).orElseThrow(() -> missing(field, "an integer"));
    }

    int integer(String field, int otherwise) {
        return number(field).map(checkInteger(field)).orElse(otherwise);
    }

    double real(String field) {
        return number(field).map(JsonNode::asDouble).orElseThrow(() -> missing(field, "a number"));
    }

    double real(String field, double otherwise) {
        return number(field).map(JsonNode::asDouble).orElse(otherwise);
    }

    boolean flag(String field, boolean otherwise) {
        JsonNode node = root.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.isBoolean()) {
            throw new InputException(file, 0, field, node.toString(), "it must be true or false");
        }
        return node.booleanValue();
    }

    String text(String field) {
        return optionalText(field).orElseThrow(() -> missing(field, "a string"));
    }

    Optional<String> optionalText(String field) {
        JsonNode node = root.path(field);
        return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
    }

    /** Refuses a field unless it is missing, null or has the value that changes nothing. */
    void mustBe(String field, String neutral, String rule) {
        JsonNode node = root.path(field);
        if (!node.isMissingNode() && !node.isNull() && !node.asText().equals(neutral)) {
            throw new InputException(file, 0, field, node.toString(), rule);
        }
    }

    private Optional<JsonNode> number(String field) {
        JsonNode node = root.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isNumber()) {
            throw new InputException(file, 0, field, node.toString(), "it must be a number");
        }
        return Optional.of(node);
    }

    private Function<JsonNode, Integer> checkInteger(String field) {
        return node -> {
            if (!node.canConvertToInt() || node.asDouble() != node.asInt()) {
                throw new InputException(file, 0, field, node.toString(), "it must be an integer");
            }
            return node.asInt();
        };
    }

    private InputException missing(String field, String what) {
        return new InputException(file, 0, field, "missing", "it must be " + what);
    }
}
