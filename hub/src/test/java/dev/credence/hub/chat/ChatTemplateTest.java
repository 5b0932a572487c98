package dev.credence.hub.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chat templates against the texts of the library that they are written for (bench/peers/chat_templates.py). */
class ChatTemplateTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String CHAT = "[{\"role\": \"user\", \"content\": \"tea?\"}]";

    @Test
    void textsAreTheLibrarysOrRefused() throws IOException {
        JsonNode expected = MAPPER.readTree(resource("expected.json"));
        Map<String, String> specials = new LinkedHashMap<>();
        expected.path("specials")
                .properties()
                .forEach(token -> specials.put(token.getKey(), token.getValue().asText()));
        Map<String, Integer> refused = new TreeMap<>();
        int same = 0;
        for (JsonNode known : expected.path("cases")) {
            String name = known.path("template").asText();
            ChatTemplate template = ChatTemplate.of(name, resource(name), specials);
            String text;
            try {
                text = template.render(
                        known.path("messages"),
                        known.path("add_generation_prompt").asBoolean());
            } catch (InputException e) {
                if (known.has("text")) {
                    refused.merge(name + " of " + known.path("chat").asText(), 1, Integer::sum);
                    assertThat(e).hasMessageContaining("printing a list is not supported");
                }
                continue;
            }
            assertThat(text).as(known.toString()).isEqualTo(known.path("text").asText("an error"));
            same++;
        }
        assertThat(refused).containsOnlyKeys("gemma.jinja of parts", "llama3.jinja of parts", "llama31.jinja of parts");
        assertThat(same).isGreaterThan(100);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "=>",
            quoteCharacter = '`',
            value = {
                "{% include 'x' %} => the tag 'include' is not supported",
                "{{ messages | wordwrap }} => the filter 'wordwrap' is not supported",
                "{% if false %}{{ x | pprint }}{% endif %} => the filter 'pprint' is not supported",
                "{{ 1 if x is sameas none }} => the test 'is sameas' is not supported",
                "{{ messages[0].content.center(9) }} => the method 'center' of a text is not supported",
                "{{ strftime_now('%d') }} => it writes the day (strftime_now)",
                "{{ cycler('a', 'b') }} => a function that it calls is not supported",
                "{{ messages }} => printing a list is not supported",
                "{{ 0.5 }} => printing a number is not supported",
                "{{ messages | tojson(indent=2) }} => the filter 'tojson' with indent is not supported",
                "{{ nobody.name }} => it asks for 'name' of an undefined value",
                "{{ raise_exception('no tea') }} => it refuses the messages: no tea",
                "{{ '\\u0041' }} => the escape \\u in a text is not supported",
                "{{ range() }} => 'range' takes one to three numbers, not 0",
                "{{ range(1, 9, 0) }} => 'range' by 0 has no end",
                "{{ messages | map }} => the filter 'map' of a list is not supported",
                "{{ {messages: 1} }} => a list as a key of a mapping is not possible",
                "{{ messages[0][messages] }} => a list as a key of a mapping is not possible",
                "{{ 1 < 2 < 3 }} => comparisons in a chain are not supported",
                "{% if messages %} => a tag without its",
                "{{ 'a' => '{{' without its '}}'",
            })
    void whatIsNotSupportedIsNamed(String source, String message) {
        assertThatThrownBy(() -> ChatTemplate.of("t.jinja", source, Map.of()).render(MAPPER.readTree(CHAT), true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("t.jinja")
                .hasMessageContaining(message);
    }

    /** Small templates that would never end, or fill the memory. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(1000000000000) %}{% endfor %}",
                "{% for i in range(9999) %}{% for j in range(9999) %}{% for k in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
                "{% macro m() %}{% for i in range(9999) %}{{ m() }}{% endfor %}{% endmacro %}{{ m() }}",
                "{% set n = namespace(t='a') %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
                "{% set n = namespace(t='a') %}{% for i in range(60) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
                "{% set n = namespace(t='a') %}{% for i in range(60) %}{% set n.t = n.t.replace('a', 'aa') %}{% endfor %}",
                "{% set n = namespace(t='a') %}{% for i in range(60) %}{% set n.t = n.t | replace('', n.t) %}{% endfor %}",
                "{% set n = namespace(t='a') %}{% for i in range(60) %}{% set n.t = [n.t, n.t] | join(n.t) %}{% endfor %}",
                "{% set n = namespace(t=[1]) %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
                "{% set n = namespace(t=[1]) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t | tojson }}",
                "{% set n = namespace(t=[1], u=[1]) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% set n.u = [n.u, n.u] %}"
                        + "{% endfor %}{{ n.t == n.u }}",
                "{% set n = namespace(t=[1], u=[1]) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% set n.u = [n.u, n.u] %}"
                        + "{% endfor %}{{ n.t is in [n.u] }}",
                "{% for i in range(1000000) %}a long line of text that is written again and again, a million times, {% endfor %}"
                        + "{% for i in range(1000000) %}a long line of text that is written again and again, a million times, {% endfor %}",
            })
    void whatNeverEndsIsRefused(String source) {
        assertThatThrownBy(() -> ChatTemplate.of("t.jinja", source, Map.of()).render(MAPPER.readTree(CHAT), true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("t.jinja")
                .hasMessageContaining(
                        "writing one prompt takes it more than 100,000,000 characters, or 6,250,000 steps");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "=>",
            quoteCharacter = '`',
            value = {
                "{{ range(3) | tojson }} => [0, 1, 2]",
                "{{ range(2, 9, 3) | tojson }} => [2, 5, 8]",
                "{{ range(5, 0, -2) | tojson }} => [5, 3, 1]",
                "{{ range(5, 0) | tojson }} => []",
                "{{ range(9223372036854775800, 9223372036854775807, 5) | length }} => 2",
                "{{ [1, [2, {'a': 3}]] == [1, [2, {'a': 3}]] }} => True",
                "{{ [1, [2, {'a': 3}]] == [1, [2, {'a': 4}]] }} => False",
                "{{ [true] == [1] }} => True",
                "{{ messages[99] is defined }} => False",
                "{{ messages[-1].role }} => user",
            })
    void valuesAreTheLanguages(String source, String text) throws IOException {
        assertThat(ChatTemplate.of("t.jinja", source, Map.of()).render(MAPPER.readTree(CHAT), true))
                .isEqualTo(text);
    }

    /** A conversation as long as any model reads is no such template. */
    @Test
    void aLongConversationIsWritten() {
        ArrayNode messages = MAPPER.createArrayNode();
        for (int i = 0; i < 20_000; i++) {
            messages.addObject()
                    .put("role", i % 2 == 0 ? "user" : "assistant")
                    .put("content", " some words of tea ".repeat(20));
        }
        String source =
                "{% for m in messages %}{% if m.role == 'user' %}{{ '<u>' + (m.content | trim) + '</u>' }}{% else %}"
                        + "{{ '<a>' + m.content.strip().replace('tea', 'TEA') + '</a>' }}{% endif %}{% endfor %}";
        assertThat(ChatTemplate.of("t.jinja", source, Map.of())
                        .render(messages, true)
                        .length())
                .isGreaterThan(7_000_000);
    }

    /** Brackets, negations, chains that are read in a loop and computed one inside the other, and blocks. */
    @ParameterizedTest
    @CsvSource({"'[', ''", "'not ', 'x'", "'1+', '1'", "'x|', 'trim'", "'%', ''"})
    void whatIsNestedTooDeeplyIsRefused(String each, String end) {
        String source = each.equals("%")
                ? "{% if x %}".repeat(20_000) + "{% endif %}".repeat(20_000)
                : "{{ " + (each.equals("x|") ? "x|" + "trim|".repeat(20_000) : each.repeat(20_000)) + end + " }}";
        assertThatThrownBy(() -> ChatTemplate.of("t.jinja", source, Map.of()).render(MAPPER.readTree(CHAT), true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("chat_template")
                .hasMessageContaining("it is nested too deeply");
    }

    @Test
    void aFoldersTemplateIsFoundWhereverItStands(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> ChatTemplate.open(folder))
                .hasMessageContaining("chat_template")
                .hasMessageContaining("missing");
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"bos_token": {"content": "<s>"}, "chat_template": "{{ bos_token }}{{ messages[0].content }}"}
                """);
        assertThat(ChatTemplate.open(folder).render(MAPPER.readTree(CHAT), true))
                .isEqualTo("<s>tea?");
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"bos_token": "<b>", "chat_template": [{"name": "tools", "template": "no"},
                 {"name": "default", "template": "{{ bos_token }}{{ messages[0].role }}"}]}
                """);
        assertThat(ChatTemplate.open(folder).render(MAPPER.readTree(CHAT), true))
                .isEqualTo("<b>user");
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ add_generation_prompt }}\n");
        assertThat(ChatTemplate.open(folder).render(MAPPER.readTree(CHAT), true))
                .isEqualTo("True");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ChatTemplateTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
