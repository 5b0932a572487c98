package dev.credence.lab.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.credence.core.provenance.Cause;
import dev.credence.data.json.Json;
import dev.credence.lab.models.OpenModel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A model behind the OpenAI completions protocol on this machine's loopback address, with vLLM's additions: prompts and texts by token ids,
 * and the log-probabilities of given tokens. Requests that ask for what would be another distribution than they say are refused.
 */
public final class ModelService implements AutoCloseable {
    private static final ObjectMapper JSON = Json.reader();
    private static final int WORKERS = 4;
    private static final int MOST_BYTES = 1 << 24;

    private final HttpServer server;
    private final ExecutorService workers;
    private final CompletionRequests completions;
    private final String key;

    private ModelService(HttpServer server, CompletionRequests completions, String key) {
        this.server = server;
        this.workers = Executors.newFixedThreadPool(WORKERS);
        this.completions = completions;
        this.key = key;
        server.setExecutor(workers);
        server.createContext("/", this::handle);
    }

    /**
     * Starts to serve.
     *
     * @param model what is served; it stays the caller's to close, after this
     * @param port of the loopback address; 0 for a free one
     * @param key that requests must bear; empty for none
     * @param seed of the draws of requests that name none
     * @return the service; closing ends it
     * @throws IOException if the port is taken
     */
    public static ModelService start(OpenModel model, int port, String key, long seed) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        ModelService service = new ModelService(server, new CompletionRequests(model, seed), key);
        server.start();
        return service;
    }

    /** {@return the address that a client names the model by} */
    public URI address() {
        String host = server.getAddress().getAddress().getHostAddress();
        return URI.create("http://" + host + ":" + server.getAddress().getPort() + "/v1");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            ObjectNode answer;
            int status = 200;
            try {
                answer = answer(exchange);
            } catch (Refusal e) {
                status = e.status();
                answer = error(String.valueOf(e.getMessage()), status);
            } catch (IllegalArgumentException e) { // of the model: a window that is too small, ids that are none
                status = 400;
                answer = error(String.valueOf(e.getMessage()), status);
            } catch (RuntimeException e) {
                status = 500;
                answer = error("the model failed", status);
            }
            byte[] bytes = JSON.writeValueAsBytes(answer);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private ObjectNode answer(HttpExchange exchange) throws IOException {
        if (!key.isEmpty() && !isKey(exchange.getRequestHeaders().getFirst("Authorization"))) {
            throw new Refusal(401, "the key is missing or another");
        }
        String path = exchange.getRequestURI().getPath();
        boolean posts = exchange.getRequestMethod().equals("POST");
        if (path.equals("/v1/models") && !posts) {
            return completions.models();
        }
        if (!posts) {
            throw new Refusal(
                    404, "there is no such path; /v1/models and POST /v1/completions, /tokenize, /detokenize are");
        }
        JsonNode asked = body(exchange.getRequestBody());
        return switch (path) {
            case "/v1/completions" -> completions.complete(asked);
            case "/tokenize" -> completions.tokenize(asked);
            case "/detokenize" -> completions.detokenize(asked);
            default ->
                throw new Refusal(
                        404, "there is no such path; /v1/models and POST /v1/completions, /tokenize, /detokenize are");
        };
    }

    private boolean isKey(@Nullable String header) {
        byte[] wanted = ("Bearer " + key).getBytes(StandardCharsets.UTF_8);
        return header != null && MessageDigest.isEqual(wanted, header.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode body(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new Refusal(413, "a request has 16 MiB at most");
        }
        try {
            JsonNode node = JSON.readTree(bytes);
            if (!node.isObject()) {
                throw new Refusal(400, "a request is a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new Refusal(400, "a request is a JSON object; " + Cause.ofParser(e.getOriginalMessage()));
        }
    }

    private static ObjectNode error(String message, int status) {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode none = JSON.createArrayNode();
        node.putObject("error")
                .put("message", message)
                .put("type", "invalid_request_error")
                .put("code", status);
        node.set("choices", none);
        return node;
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
