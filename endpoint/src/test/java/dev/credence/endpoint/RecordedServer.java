package dev.credence.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Gives the answers that a real server once gave, to the very requests that it was asked then and to no others. */
final class RecordedServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Map<String, JsonNode> exchanges = new HashMap<>(); // by path and body

    RecordedServer(String resource) throws IOException {
        try (InputStream in = RecordedServer.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("no resource " + resource);
            }
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                JsonNode exchange = JSON.readTree(line);
                exchanges.putIfAbsent(
                        exchange.path("path").asText() + " "
                                + exchange.path("body").asText(),
                        exchange);
            }
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    EndpointUrl url(String model) {
        return EndpointUrl.of("http://127.0.0.1:" + server.getAddress().getPort() + "/v1#" + model);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        JsonNode found = exchanges.get(exchange.getRequestURI().getPath() + " " + body);
        JsonNode answer = found == null
                ? JSON.createObjectNode().set("error", JSON.createObjectNode().put("message", "never asked: " + body))
                : found.path("answer");
        byte[] bytes = JSON.writeValueAsBytes(answer);
        exchange.sendResponseHeaders(found == null ? 400 : found.path("status").asInt(), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
