package dev.credence.app.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.NearestName;
import dev.credence.data.json.Json;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request whose sender is known. */
final class WebRequest {
    /** Of a request that is no upload: settings, or a world. */
    static final int MOST_BYTES = 1 << 20;

    private static final ObjectMapper MAPPER = Json.reader();

    private final HttpExchange exchange;

    WebRequest(HttpExchange exchange) {
        this.exchange = exchange;
    }

    boolean posts() {
        return exchange.getRequestMethod().equals("POST");
    }

    /** Decoded, with a slash at its beginning. */
    String path() {
        String path = exchange.getRequestURI().getPath();
        return path == null ? "" : path;
    }

    /** Each value of a name, in its order. */
    List<String> all(String name) {
        List<String> values = new ArrayList<>();
        String query = exchange.getRequestURI().getRawQuery();
        for (String part : query == null ? new String[0] : query.split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals >= 0 && decoded(part.substring(0, equals)).equals(name)) {
                values.add(decoded(part.substring(equals + 1)));
            }
        }
        return values;
    }

    @Nullable
    String first(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** One that must be there. */
    String query(String name) {
        String value = first(name);
        if (value == null || value.isEmpty()) {
            throw new WebRefusal(400, name + " is missing");
        }
        return value;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new WebRefusal(400, "the address is not well-formed");
        }
    }

    /** What the sender says of the length of its body; -1 where it says nothing. */
    long length() {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length.strip());
        } catch (NumberFormatException e) {
            throw new WebRefusal(400, "Content-Length is " + length + "; it is a number of bytes");
        }
    }

    /** What is sent; one whose pieces are no pieces, or that ends too early, is the sender's fault. */
    InputStream body() {
        return new FilterInputStream(exchange.getRequestBody()) {
            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                try {
                    return in.read(into, from, length);
                } catch (IOException e) {
                    throw new WebRefusal(400, "the request did not come whole; " + Cause.of(e));
                }
            }
        };
    }

    /**
     * The body, a JSON object of known names: one that is mistyped would else be passed over, and another question answered.
     *
     * @param known the names that a request of this kind may have
     */
    JsonNode json(Collection<String> known) throws IOException {
        JsonNode node = json();
        for (Map.Entry<String, JsonNode> each : node.properties()) {
            if (!known.contains(each.getKey())) {
                throw new WebRefusal(
                        400, "a request here has no " + each.getKey() + "; " + NearestName.hint(each.getKey(), known));
            }
        }
        return node;
    }

    /** The body, a JSON object. */
    JsonNode json() throws IOException {
        if (length() > MOST_BYTES) {
            throw new WebRefusal(413, "a request has " + (MOST_BYTES >> 20) + " MiB at most");
        }
        byte[] bytes = body().readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new WebRefusal(413, "a request has " + (MOST_BYTES >> 20) + " MiB at most");
        }
        try {
            JsonNode node = MAPPER.readTree(bytes);
            if (node == null || !node.isObject()) {
                throw new WebRefusal(400, "a request is a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new WebRefusal(400, "a request is a JSON object; " + Cause.ofParser(e.getOriginalMessage()));
        }
    }
}
