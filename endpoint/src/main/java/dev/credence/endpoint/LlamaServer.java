package dev.credence.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import java.net.URI;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * llama.cpp's server. Given tokens are forced, with a grammar of their ids where that can be (one request a text), else with a bias of the
 * one wanted (one request a token): what it prints is the log-probability before either.
 */
final class LlamaServer implements Server {
    private static final double FORCING = 1e4; // nats on one token; the printed log-probability is that before it

    private final EndpointConnection connection;
    private final String model;
    private final OptionalInt vocabulary;
    private final OptionalInt context;
    private final URI own;
    private final Set<Integer> ends;

    LlamaServer(EndpointConnection connection, JsonNode listed) {
        this.connection = connection;
        this.model = listed.path("id").asText();
        this.own = connection.beside("/completion");
        this.vocabulary = number(listed.path("meta").path("n_vocab"));
        EndpointConnection.Answer properties = connection.ask(connection.beside("/props"), null);
        OptionalInt slot = number(properties.body().path("n_ctx"));
        this.context = slot.isPresent() ? slot : number(listed.path("meta").path("n_ctx"));
        String end = properties.body().path("eos_token").asText();
        int[] ids = end.isEmpty() ? new int[0] : encode(end, false);
        this.ends = ids.length == 1 ? Set.of(ids[0]) : Set.of();
    }

    private static OptionalInt number(JsonNode node) {
        return node.canConvertToInt() ? OptionalInt.of(node.intValue()) : OptionalInt.empty();
    }

    @Override
    public String kind() {
        return "llama.cpp";
    }

    @Override
    public OptionalInt vocabulary() {
        return vocabulary;
    }

    @Override
    public OptionalInt context() {
        return context;
    }

    @Override
    public boolean scoresWholeWindow() {
        return true;
    }

    @Override
    public Set<Integer> ends() {
        return ends;
    }

    private ObjectNode request(int[] prompt) {
        ObjectNode body = Answers.plain(prompt)
                .put("model", model)
                .put("repeat_penalty", 1)
                .put("typical_p", 1)
                .put("cache_prompt", true);
        body.putArray("samplers").add("temperature");
        return body;
    }

    /** By its own protocol, which tells the ids of a character that was cut, as the common one does not. */
    @Override
    public Drawn draw(int[] prompt, int maxNewTokens, int seed) {
        ObjectNode body = request(prompt)
                .put("n_predict", maxNewTokens)
                .put("seed", seed)
                .put("n_probs", 1)
                .put("return_tokens", true);
        JsonNode answer = connection.post(own, body);
        int[] ids = Answers.ids(Answers.need(answer, "tokens", own, "a text is known by its token ids"), own, "tokens");
        Drawn told = tokens(answer.path("completion_probabilities"), own);
        double[] nats = new double[ids.length];
        for (int i = 0; i < nats.length; i++) {
            boolean isTold = i < told.ids().length && told.ids()[i] == ids[i];
            nats[i] = isTold ? told.logProbs()[i] : next(prefix(prompt, ids, i), ids[i]);
        }
        Answers.drawn(nats, own, "logprob");
        return new Drawn(ids, nats, finished(answer, ids.length, maxNewTokens));
    }

    private boolean finished(JsonNode answer, int length, int limit) {
        String reason = answer.path("stop_type").asText();
        boolean ended = reason.equals("eos") && length > 0;
        boolean isWhole = ended || (reason.equals("limit") && length == limit);
        if (!isWhole || answer.path("truncated").asBoolean()) {
            throw new InputException(
                    own.toString(),
                    0,
                    "stop_type",
                    "'" + reason + "' after " + length + " of " + limit + " tokens",
                    "a text goes on to its end token or to the length that was asked for, nothing before it left out");
        }
        return ended;
    }

    private static int[] prefix(int[] prompt, int[] tokens, int length) {
        int[] prefix = Arrays.copyOf(prompt, prompt.length + length);
        System.arraycopy(tokens, 0, prefix, prompt.length, length);
        return prefix;
    }

    private static Drawn tokens(JsonNode content, URI from) {
        int[] ids = new int[content.size()];
        double[] nats = new double[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Answers.need(content.get(i), "id", from, "a text is known by its token ids")
                    .intValue();
            nats[i] = Answers.logProb(content.get(i).path("logprob"), from, "logprob");
        }
        return new Drawn(ids, nats, false);
    }

    @Override
    public boolean scores() {
        return true;
    }

    @Override
    public String scoring() {
        return "tokens forced by grammar and bias";
    }

    @Override
    public double[] score(Continuation text) {
        int[] tokens = text.tokens();
        double[] nats = new double[tokens.length];
        int scored = tokens.length > 1 ? byGrammar(text, nats) : 0;
        for (int i = scored; i < tokens.length; i++) {
            nats[i] = next(prefix(text.prompt(), tokens, i), tokens[i]);
        }
        return nats;
    }

    /** Forces the tokens before an end, all in one request; how many it took. A part of a character ends what a grammar can force. */
    private int byGrammar(Continuation text, double[] nats) {
        int[] tokens = text.tokens();
        int count = 0;
        while (count < tokens.length && !ends.contains(tokens[count])) {
            count++;
        }
        if (count < 2) {
            return 0;
        }
        String grammar = Arrays.stream(tokens, 0, count)
                .mapToObj(id -> "<[" + id + "]>")
                .collect(Collectors.joining(" ", "root ::= ", ""));
        ObjectNode body = request(text.prompt())
                .put("n_predict", count)
                .put("n_probs", 1)
                .put("return_tokens", true)
                .put("grammar", grammar);
        EndpointConnection.Answer answer = connection.ask(own, body);
        if (!answer.isGood()) {
            return 0; // a grammar that it cannot hold; the other way says so if it cannot either
        }
        Drawn forced = tokens(answer.body().path("completion_probabilities"), own);
        int same = 0;
        while (same < Math.min(count, forced.ids().length) && forced.ids()[same] == tokens[same]) {
            nats[same] = forced.logProbs()[same];
            same++;
        }
        return same;
    }

    /**
     * Of one token behind a prefix. What a part of a character is, is not printed where it ends an answer: the whole distribution tells it.
     */
    private double next(int[] prefix, int token) {
        ObjectNode body = request(prefix).put("n_predict", 1).put("n_probs", 1).put("return_tokens", true);
        force(body, token);
        JsonNode answer = connection.post(own, body);
        Answers.same(new int[] {token}, Answers.ids(answer.path("tokens"), own, "tokens"), own, "tokens");
        Drawn forced = tokens(answer.path("completion_probabilities"), own);
        if (forced.ids().length == 0) {
            return next(prefix)[token];
        }
        Answers.same(new int[] {token}, Arrays.copyOf(forced.ids(), 1), own, "completion_probabilities");
        return forced.logProbs()[0];
    }

    private static void force(ObjectNode body, int token) {
        body.putArray("logit_bias").addArray().add(token).add(FORCING);
    }

    @Override
    public double[] next(int[] prefix) {
        int size = vocabulary.orElseThrow(() -> new InputException(
                connection.protocol("/models").toString(),
                0,
                "meta.n_vocab",
                "missing",
                "a whole distribution has as many tokens"));
        ObjectNode body = request(prefix).put("n_predict", 1).put("n_probs", size);
        ends.stream().findFirst().ifPresent(end -> force(body, end)); // which has no text, so that all is printed
        JsonNode content = Answers.need(
                connection.post(own, body), "completion_probabilities", own, "a token comes with its rivals");
        double[] nats = new double[size];
        Arrays.fill(nats, Double.NEGATIVE_INFINITY);
        int told = 0;
        for (JsonNode rival : content.path(0).path("top_logprobs")) {
            int id =
                    Answers.need(rival, "id", own, "a token is known by its id").intValue();
            if (id < 0 || id >= size) {
                throw new InputException(
                        own.toString(),
                        0,
                        "top_logprobs.id",
                        Integer.toString(id),
                        "the server said it has " + size + " tokens");
            }
            told += nats[id] == Double.NEGATIVE_INFINITY ? 1 : 0;
            nats[id] = Answers.logProb(rival.path("logprob"), own, "logprob");
        }
        if (told != size) {
            throw new InputException(
                    own.toString(), 0, "top_logprobs", told + " tokens", "all " + size + " were asked for");
        }
        return nats;
    }

    @Override
    public int[] encode(String text, boolean ruled) {
        ObjectNode body = EndpointConnection.body()
                .put("content", text)
                .put("add_special", ruled)
                .put("parse_special", true);
        return Answers.encoded(connection, body);
    }

    @Override
    public String decode(int[] ids) {
        return Answers.decoded(connection, EndpointConnection.body(), ids, "content");
    }
}
