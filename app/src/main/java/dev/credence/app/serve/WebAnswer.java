package dev.credence.app.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.data.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is sent back.
 *
 * @param status of HTTP
 * @param type of the content
 * @param content its bytes
 * @param name under which the browser saves it; null where it shows it
 */
@SuppressWarnings("ArrayRecordComponent")
record WebAnswer(
        int status, String type, byte[] content, @Nullable String name) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static WebAnswer of(String type, String content) {
        return new WebAnswer(200, type + "; charset=utf-8", content.getBytes(StandardCharsets.UTF_8), null);
    }

    /** A part of the page. */
    static WebAnswer html(String content) {
        return of("text/html", content);
    }

    /** A document as commands write it. */
    static WebAnswer json(Map<String, @Nullable Object> document) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            Json.write(document, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return json(out.toByteArray());
    }

    static WebAnswer json(JsonNode node) {
        try {
            return json(MAPPER.writeValueAsBytes(node));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    static WebAnswer json(byte[] document) {
        return new WebAnswer(200, "application/json; charset=utf-8", document, null);
    }

    static WebAnswer error(int status, String message) {
        WebAnswer answer = json(MAPPER.createObjectNode().put("error", message));
        return new WebAnswer(status, answer.type, answer.content, null);
    }

    /** What a browser shows that did not come by the printed address; the sentence is one of ours, without marks. */
    static WebAnswer shut(String why) {
        WebAnswer page = html("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Credence</title></head>"
                + "<body><main><h1>This page is closed to this browser</h1><p>"
                + why
                + ".</p><p>It stands in the terminal where <code>credence serve</code> runs and ends with the token"
                + " that opens the page for this browser, until the program ends.</p></main></body></html>");
        return new WebAnswer(401, page.type, page.content, null);
    }

    WebAnswer saved(String file) {
        return new WebAnswer(status, type, content, file);
    }
}
