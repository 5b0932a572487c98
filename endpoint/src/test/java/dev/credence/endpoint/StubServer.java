package dev.credence.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;

/** A small known model behind answers laid out as real servers' were, with faults to choose. */
final class StubServer implements AutoCloseable {
    /** Whose answers. */
    enum Kind {
        LLAMA,
        VLLM,
        /** The bare protocol: texts, and log-probabilities of tokens by their texts. */
        BARE
    }

    /** What it does wrong. */
    enum Fault {
        NONE,
        /** Draws the likeliest two tokens only, and prints log-probabilities among them. */
        PROCESSES,
        /** Refuses the first requests as too many. */
        BUSY,
        /** Never answers but with an error. */
        BROKEN,
        /** Wants a key. */
        LOCKED,
        /** Scores fewer tokens than it was given. */
        SHORTENS,
        /** Stops at a string. */
        STOPS_AT_STRING,
        /** Begins an answer and does not go on. */
        STALLS,
        /** Repeats the key where it refuses. */
        REPEATS_KEY,
        /** Refuses with a status that is none. */
        REFUSES_IN_200,
        /** Says of a token that it drew and of its score that it cannot be. */
        IMPOSSIBLE,
        /** Prints log-probabilities of draws that are all a little too high, as where a tail is cut and shared out again. */
        RAISES,
        /** Reads a token more than it was given, and tells it by its count alone. */
        LENGTHENS
    }

    static final int END = 0;
    static final int SIZE = 6;
    static final int HALF = 5; // the first half of a character
    static final int CONTEXT = 24;
    private static final List<String> TEXTS = List.of("<end>", "a", "b", " c", "d", "\uFFFD");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final Kind kind;
    private final Fault fault;
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> keys = Collections.synchronizedList(new ArrayList<>());
    private int refusals = 3;

    StubServer(Kind kind, Fault fault) throws IOException {
        this.kind = kind;
        this.fault = fault;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", this::handle);
        server.start();
    }

    EndpointUrl url() {
        return EndpointUrl.of("http://127.0.0.1:" + server.getAddress().getPort() + "/v1#tiny");
    }

    /** The bodies that were posted. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    List<String> keys() {
        return List.copyOf(keys);
    }

    /** Nats of the next token: by the last one and whether the prefix is even. */
    static double[] next(int[] prefix) {
        int last = prefix[prefix.length - 1];
        double[] weights = new double[SIZE];
        double sum = 0;
        for (int v = 0; v < SIZE; v++) {
            weights[v] = 1 + (v * 7 + last * 3 + prefix.length % 2 * 5) % 11;
            sum += weights[v];
        }
        for (int v = 0; v < SIZE; v++) {
            weights[v] = Math.log(weights[v] / sum);
        }
        return weights;
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().getPath();
        keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        if (!body.isEmpty()) {
            requests.add(path + " " + body);
        }
        if (fault == Fault.BROKEN || (fault == Fault.BUSY && refuses())) {
            send(exchange, fault == Fault.BROKEN ? 500 : 429, error("later"));
            return;
        }
        if (fault == Fault.STALLS && path.endsWith("/models") && requests.isEmpty()) {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            return; // and nothing more
        }
        if (fault == Fault.REPEATS_KEY) {
            send(exchange, 401, error("Incorrect API key provided: " + keys.get(keys.size() - 1)));
            return;
        }
        if (fault == Fault.REFUSES_IN_200 && path.endsWith("/completions")) {
            send(exchange, 200, error("the model is asleep"));
            return;
        }
        if (fault == Fault.LOCKED
                && !"Bearer open".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            send(exchange, 401, error("Invalid API Key"));
            return;
        }
        JsonNode asked = body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
        try {
            send(exchange, 200, answer(path, asked));
        } catch (IllegalArgumentException e) {
            send(exchange, 400, error(e.getMessage()));
        }
    }

    private synchronized boolean refuses() {
        return refusals-- > 0;
    }

    private static void send(HttpExchange exchange, int status, JsonNode node) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(node);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static ObjectNode error(String message) {
        ObjectNode node = JSON.createObjectNode();
        node.putObject("error").put("message", message).put("code", 0);
        return node;
    }

    private JsonNode answer(String path, JsonNode asked) {
        return switch (path) {
            case "/v1/models" -> models();
            case "/props" -> llama(JSON.createObjectNode().put("n_ctx", CONTEXT).put("eos_token", "<end>"));
            case "/tokenize" -> tokens(asked);
            case "/detokenize" -> texts(asked);
            case "/completion" -> llama(completion(asked));
            case "/v1/completions" -> completions(asked);
            default -> throw new IllegalArgumentException("no such path");
        };
    }

    private ObjectNode llama(ObjectNode answer) {
        if (kind != Kind.LLAMA) {
            throw new IllegalArgumentException("no such path");
        }
        return answer;
    }

    private JsonNode models() {
        ObjectNode node = JSON.createObjectNode();
        ObjectNode model = node.putArray("data").addObject().put("id", "tiny");
        switch (kind) {
            case LLAMA ->
                model.put("owned_by", "llamacpp")
                        .putObject("meta")
                        .put("n_vocab", SIZE)
                        .put("n_ctx", CONTEXT);
            case VLLM -> model.put("owned_by", "vllm").put("max_model_len", CONTEXT);
            default -> model.put("owned_by", "someone");
        }
        return node;
    }

    private JsonNode tokens(JsonNode asked) {
        if (kind == Kind.BARE) {
            throw new IllegalArgumentException("no such path");
        }
        String rest = asked.path(kind == Kind.LLAMA ? "content" : "prompt").asText();
        ObjectNode node = JSON.createObjectNode();
        ArrayNode ids = node.putArray("tokens");
        if (asked.path("add_special").asBoolean()
                || asked.path("add_special_tokens").asBoolean()) {
            ids.add(END);
        }
        while (!rest.isEmpty()) {
            String from = rest;
            int id = TEXTS.indexOf(
                    TEXTS.stream().filter(from::startsWith).findFirst().orElse("a"));
            ids.add(id);
            rest = rest.substring(Math.min(rest.length(), TEXTS.get(id).length()));
        }
        return node;
    }

    private JsonNode texts(JsonNode asked) {
        StringBuilder text = new StringBuilder();
        asked.path("tokens").forEach(id -> text.append(TEXTS.get(id.intValue())));
        return JSON.createObjectNode().put(kind == Kind.LLAMA ? "content" : "prompt", text.toString());
    }

    private static int[] ids(JsonNode list) {
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = list.get(i).intValue();
            if (ids[i] >= SIZE) {
                throw new IllegalArgumentException("Token id " + ids[i] + " is out of vocabulary");
            }
        }
        return ids;
    }

    private double[] drawnFrom(int[] prefix) {
        double[] next = next(prefix);
        if (fault != Fault.PROCESSES) {
            return next;
        }
        double[] sorted = next.clone();
        Arrays.sort(sorted);
        double[] kept = new double[SIZE];
        double sum = 0;
        for (int v = 0; v < SIZE; v++) {
            kept[v] = next[v] >= sorted[SIZE - 2] ? Math.exp(next[v]) : 0;
            sum += kept[v];
        }
        for (int v = 0; v < SIZE; v++) {
            kept[v] = Math.log(kept[v] / sum);
        }
        return kept;
    }

    private int token(int[] prefix, double uniform) {
        double[] from = drawnFrom(prefix);
        int v = 0;
        double rest = uniform - Math.exp(from[0]);
        while (rest >= 0 && v + 1 < SIZE) {
            v++;
            rest -= Math.exp(from[v]);
        }
        return v;
    }

    /** llama.cpp's own: forced by grammar or by bias, parts of characters at the end held back. */
    private ObjectNode completion(JsonNode asked) {
        int[] prefix = ids(asked.path("prompt"));
        int limit = asked.path("n_predict").intValue();
        int[] forced = asked.path("grammar").isTextual()
                ? Arrays.stream(asked.path("grammar")
                                .textValue()
                                .replaceAll("[^0-9 ]", "")
                                .strip()
                                .split(" "))
                        .mapToInt(Integer::parseInt)
                        .toArray()
                : new int[0];
        JsonNode bias = asked.path("logit_bias").path(0);
        SplittableRandom random = new SplittableRandom(asked.path("seed").asLong());
        ObjectNode node = JSON.createObjectNode();
        ArrayNode tokens = node.putArray("tokens");
        List<ObjectNode> told = new ArrayList<>();
        boolean ended = false;
        for (int i = 0; i < limit && !ended; i++) {
            double[] next = next(prefix);
            int v = i < forced.length
                    ? forced[i]
                    : bias.isArray() ? bias.get(0).intValue() : token(prefix, random.nextDouble());
            tokens.add(v);
            ObjectNode probability = JSON.createObjectNode()
                    .put("id", v)
                    .put("logprob", i < forced.length || bias.isArray() ? next[v] : drawnFrom(prefix)[v]);
            ArrayNode top = probability.putArray("top_logprobs");
            for (int rival = 0; rival < Math.min(SIZE, asked.path("n_probs").intValue()); rival++) {
                top.addObject().put("id", rival).put("logprob", next[rival]);
            }
            told.add(probability);
            ended = v == END;
            prefix = Arrays.copyOf(prefix, prefix.length + 1);
            prefix[prefix.length - 1] = v;
        }
        while (!told.isEmpty() && told.get(told.size() - 1).path("id").intValue() == HALF) {
            told.remove(told.size() - 1);
        }
        if (!told.isEmpty()) {
            node.putArray("completion_probabilities").addAll(told);
        }
        return node.put("stop_type", ended ? "eos" : "limit").put("truncated", false);
    }

    private ObjectNode completions(JsonNode asked) {
        int[] prompt = ids(asked.path("prompt"));
        int limit = asked.path("max_tokens").intValue();
        boolean echoes = asked.path("echo").asBoolean() && kind == Kind.VLLM;
        if ((limit == 0 && !echoes) || prompt.length + limit > CONTEXT) {
            throw new IllegalArgumentException("max_tokens must be at least 1, got " + limit);
        }
        SplittableRandom random = new SplittableRandom(asked.path("seed").asLong());
        int[] prefix = prompt;
        ArrayNode ids = JSON.createArrayNode();
        ArrayNode words = JSON.createArrayNode();
        ArrayNode terms = JSON.createArrayNode();
        if (echoes) {
            for (int i = 0; i < prompt.length; i++) {
                words.add("token_id:" + prompt[i]);
                terms.add(i == 0 ? null : (Double) next(Arrays.copyOf(prompt, i))[prompt[i]]);
            }
        }
        boolean ended = false;
        for (int i = 0; i < limit && !ended; i++) {
            int v = token(prefix, random.nextDouble());
            ids.add(v);
            words.add(kind == Kind.VLLM ? "token_id:" + v : TEXTS.get(v));
            double told = drawnFrom(prefix)[v] + (fault == Fault.RAISES ? .02 : 0);
            terms.add(fault == Fault.IMPOSSIBLE ? -9999 : told);
            ended = v == END;
            prefix = Arrays.copyOf(prefix, prefix.length + 1);
            prefix[prefix.length - 1] = v;
        }
        ObjectNode node = JSON.createObjectNode();
        ObjectNode choice = node.putArray("choices").addObject().put("finish_reason", ended ? "stop" : "length");
        if (fault == Fault.STOPS_AT_STRING) {
            choice.put("finish_reason", "stop").put("stop_reason", "\n");
        }
        ObjectNode logProbs = choice.putObject("logprobs");
        logProbs.set("tokens", words);
        logProbs.set("token_logprobs", terms);
        if (kind == Kind.VLLM) {
            choice.set("token_ids", ids);
            if (fault == Fault.LENGTHENS) {
                node.putObject("usage").put("prompt_tokens", prompt.length + 1);
            } else {
                choice.set("prompt_token_ids", asked.path("prompt"));
            }
            if (asked.has("prompt_logprobs")) {
                ArrayNode list = choice.putArray("prompt_logprobs").addNull();
                for (int i = 1; i < prompt.length - (fault == Fault.SHORTENS ? 1 : 0); i++) {
                    list.addObject()
                            .putObject(Integer.toString(prompt[i]))
                            .put(
                                    "logprob",
                                    fault == Fault.IMPOSSIBLE ? -9999 : next(Arrays.copyOf(prompt, i))[prompt[i]]);
                }
            }
        }
        return node;
    }

    void stop() {
        server.stop(0);
    }

    @Override
    public void close() {
        stop();
    }
}
