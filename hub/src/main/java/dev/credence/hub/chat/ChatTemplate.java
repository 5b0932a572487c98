package dev.credence.hub.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model folder's chat template: from messages to the text that the model reads. It stands in {@code chat_template.jinja}, or
 * as {@code chat_template} in {@code tokenizer_config.json}, where the special tokens that it writes are named, too.
 */
public final class ChatTemplate {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String SETTINGS = "tokenizer_config.json";
    private static final String TOO_DEEP = "it is nested too deeply";

    private final String file;
    private final Node template;
    private final Map<String, String> specials;

    private ChatTemplate(String file, String source, Map<String, String> specials) {
        this.file = file;
        this.specials = specials;
        try {
            this.template = new TemplateParser(source).parse();
        } catch (TemplateException e) {
            throw refused(e.getMessage());
        } catch (StackOverflowError e) {
            throw refused(TOO_DEEP);
        }
    }

    /**
     * Reads a folder's template.
     *
     * @param folder a checkpoint folder
     * @return its template
     * @throws InputException if it has none, or one with something that is not supported, which is named
     */
    public static ChatTemplate open(Path folder) {
        Path settings = folder.resolve(SETTINGS);
        JsonNode config = Files.isRegularFile(settings) ? json(settings) : MAPPER.createObjectNode();
        Map<String, String> specials = specials(config);
        Path own = folder.resolve("chat_template.jinja");
        if (Files.isRegularFile(own)) {
            return new ChatTemplate(own.toString(), text(own), specials);
        }
        JsonNode template = config.path("chat_template");
        if (template.isArray()) {
            for (JsonNode named : template) {
                if (named.path("name").asText().equals("default")) {
                    return new ChatTemplate(
                            settings.toString(), named.path("template").asText(), specials);
                }
            }
        }
        if (!template.isTextual()) {
            throw new InputException(
                    settings.toString(),
                    0,
                    "chat_template",
                    "missing",
                    "prompts that are messages are written out by the model's chat template");
        }
        return new ChatTemplate(settings.toString(), template.textValue(), specials);
    }

    /**
     * A template by itself.
     *
     * @param name what to call it in messages
     * @param source the template
     * @param specials special tokens by name, such as {@code bos_token}
     * @return the template
     * @throws InputException if something in it is not supported, which is named
     */
    public static ChatTemplate of(String name, String source, Map<String, String> specials) {
        return new ChatTemplate(name, source, Collections.unmodifiableMap(new LinkedHashMap<>(specials)));
    }

    /**
     * Writes messages out.
     *
     * @param messages a JSON array of objects with {@code role} and {@code content}
     * @param addGenerationPrompt whether the beginning of the assistant's answer is written behind them
     * @return the text that the model reads
     * @throws InputException if the template refuses the messages or does what is not supported, which is named
     */
    public String render(JsonNode messages, boolean addGenerationPrompt) {
        Scope scope = new Scope();
        specials.forEach(scope::set);
        scope.set("messages", value(messages));
        scope.set("tools", Absent.NONE);
        scope.set("documents", Absent.NONE);
        scope.set("add_generation_prompt", addGenerationPrompt);
        scope.set("raise_exception", (Function) (positional, named) -> {
            throw new TemplateException(
                    "it refuses the messages: " + (positional.isEmpty() ? "" : Values.printed(positional.get(0))));
        });
        scope.set("strftime_now", (Function) (positional, named) -> {
            throw new TemplateException(
                    "it writes the day (strftime_now), and on which day the prompt was written is not known");
        });
        scope.set("namespace", (Function) (positional, named) -> new Namespace(named));
        scope.set("range", (Function) (positional, named) -> Values.range(positional, scope.work()));
        StringBuilder out = new StringBuilder();
        try {
            template.render(scope, out);
        } catch (TemplateException e) {
            throw refused(e.getMessage());
        } catch (StackOverflowError e) {
            throw refused(TOO_DEEP);
        }
        return out.toString();
    }

    private InputException refused(@Nullable String why) {
        return new InputException(
                file,
                0,
                "chat_template",
                String.valueOf(why),
                "prompts must be written out just as the model was given them; give them as texts");
    }

    private static Object value(JsonNode node) {
        if (node.isTextual()) {
            return node.textValue();
        } else if (node.isBoolean()) {
            return node.booleanValue();
        } else if (node.isIntegralNumber()) {
            return node.longValue();
        } else if (node.isNumber()) {
            return node.doubleValue();
        } else if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(item -> list.add(value(item)));
            return list;
        } else if (node.isObject()) {
            Map<Object, Object> map = new LinkedHashMap<>();
            node.properties().forEach(field -> map.put(field.getKey(), value(field.getValue())));
            return map;
        }
        return Absent.NONE;
    }

    /** Every {@code …_token} of the settings. */
    private static Map<String, String> specials(JsonNode config) {
        Map<String, String> specials = new LinkedHashMap<>();
        config.properties().forEach(field -> {
            JsonNode token = field.getValue().isObject() ? field.getValue().path("content") : field.getValue();
            if (field.getKey().endsWith("_token") && token.isTextual()) {
                specials.put(field.getKey(), token.textValue());
            }
        });
        return specials;
    }

    private static JsonNode json(Path file) {
        try {
            return MAPPER.readTree(text(file));
        } catch (JsonProcessingException e) {
            throw new InputException(
                    file.toString(),
                    0,
                    "",
                    "broken JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")",
                    "it is one JSON object");
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new InputException(file.toString(), 0, "", "not UTF-8", "a chat template is text in UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
