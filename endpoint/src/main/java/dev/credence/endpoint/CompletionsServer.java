package dev.credence.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import java.net.URI;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A server that speaks the completions protocol with the additions of vLLM: token ids of what is drawn ({@code return_token_ids}, or
 * {@code return_tokens_as_token_ids}), and the log-probabilities of a prompt's tokens ({@code prompt_logprobs}, or {@code echo}).
 */
final class CompletionsServer implements Server {
    /** How given tokens are scored. */
    private enum Scoring {
        PROMPT_LOGPROBS,
        ECHO,
        NONE
    }

    private final EndpointConnection connection;
    private final String model;
    private final String kind;
    private final OptionalInt context;
    private final URI completions;
    private Scoring scoring = Scoring.NONE;
    private String reason = "";

    /**
     * Asks which way of scoring the server knows.
     *
     * @param listed its model as it lists it
     */
    CompletionsServer(EndpointConnection connection, JsonNode listed, String kind) {
        this.connection = connection;
        this.model = listed.path("id").asText();
        this.kind = kind;
        this.context = listed.path("max_model_len").canConvertToInt()
                ? OptionalInt.of(listed.path("max_model_len").intValue())
                : OptionalInt.empty();
        this.completions = connection.protocol("/completions");
    }

    /** Finds out how the server scores, by a text that it drew. */
    void probe(int[] prompt, Drawn drawn) {
        int[] tokens = drawn.ids();
        Continuation text = new Continuation(prompt, tokens);
        StringBuilder said = new StringBuilder();
        for (Scoring way : new Scoring[] {Scoring.PROMPT_LOGPROBS, Scoring.ECHO}) {
            try {
                scoring = way;
                score(text);
                return;
            } catch (InputException e) {
                said.append(said.length() == 0 ? "" : "; ").append(e.getMessage());
            }
        }
        scoring = Scoring.NONE;
        reason = said.toString();
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public OptionalInt vocabulary() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt context() {
        return context;
    }

    @Override
    public boolean scoresWholeWindow() {
        return false;
    }

    @Override
    public Set<Integer> ends() {
        return Set.of();
    }

    private ObjectNode request(int[] prompt) {
        return Answers.plain(prompt).put("model", model).put("repetition_penalty", 1);
    }

    @Override
    public Drawn draw(int[] prompt, int maxNewTokens, int seed) {
        ObjectNode body = request(prompt)
                .put("max_tokens", maxNewTokens)
                .put("seed", seed)
                .put("logprobs", 0)
                .put("return_token_ids", true)
                .put("return_tokens_as_token_ids", true);
        JsonNode answer = connection.post(completions, body);
        JsonNode choice = Answers.choice(answer, completions);
        Answers.read(answer, prompt.length, completions);
        JsonNode logProbs = Answers.need(choice, "logprobs", completions, "a draw comes with its log-probabilities");
        JsonNode terms =
                Answers.need(logProbs, "token_logprobs", completions, "a draw comes with its log-probabilities");
        int[] ids = choice.path("token_ids").isArray()
                ? Answers.ids(choice.path("token_ids"), completions, "token_ids")
                : Answers.writtenIds(logProbs.path("tokens"), completions);
        if (choice.path("prompt_token_ids").isArray()) {
            Answers.same(
                    prompt,
                    Answers.ids(choice.path("prompt_token_ids"), completions, "prompt_token_ids"),
                    completions,
                    "prompt_token_ids");
        }
        Answers.many(terms, ids.length, completions, "token_logprobs");
        double[] nats = new double[ids.length];
        for (int i = 0; i < nats.length; i++) {
            nats[i] = Answers.logProb(terms.get(i), completions, "token_logprobs");
        }
        Answers.drawn(nats, completions, "token_logprobs");
        return new Drawn(ids, nats, Answers.finished(choice, ids, maxNewTokens, completions));
    }

    @Override
    public boolean scores() {
        return scoring != Scoring.NONE;
    }

    @Override
    public String scoring() {
        return switch (scoring) {
            case PROMPT_LOGPROBS -> "prompt_logprobs";
            case ECHO -> "echo";
            case NONE -> reason;
        };
    }

    @Override
    public double[] score(Continuation text) {
        if (text.tokens().length == 0) {
            return new double[0];
        }
        int[] whole = text.whole();
        double[] all = scoring == Scoring.ECHO ? echoed(whole) : prompted(whole);
        return Arrays.copyOfRange(all, text.prompt().length, whole.length);
    }

    /** (tokens) of which the first has none: NaN. */
    private double[] prompted(int[] whole) {
        ObjectNode body = request(whole).put("max_tokens", 1).put("prompt_logprobs", 0);
        JsonNode choice = Answers.choice(connection.post(completions, body), completions);
        JsonNode list = Answers.need(choice, "prompt_logprobs", completions, "given tokens are scored as a prompt's");
        Answers.many(list, whole.length, completions, "prompt_logprobs");
        double[] nats = new double[whole.length];
        nats[0] = Double.NaN;
        for (int i = 1; i < nats.length; i++) {
            JsonNode of = list.get(i).path(Integer.toString(whole[i]));
            nats[i] = Answers.logProb(of.path("logprob"), completions, "prompt_logprobs[" + i + "][" + whole[i] + "]");
        }
        return nats;
    }

    private double[] echoed(int[] whole) {
        ObjectNode body = request(whole)
                .put("max_tokens", 0)
                .put("echo", true)
                .put("logprobs", 0)
                .put("return_tokens_as_token_ids", true);
        JsonNode choice = Answers.choice(connection.post(completions, body), completions);
        JsonNode logProbs = Answers.need(choice, "logprobs", completions, "an echo comes with log-probabilities");
        Answers.same(whole, Answers.writtenIds(logProbs.path("tokens"), completions), completions, "logprobs.tokens");
        JsonNode terms = Answers.need(logProbs, "token_logprobs", completions, "an echo comes with log-probabilities");
        double[] nats = new double[whole.length];
        nats[0] = Double.NaN;
        for (int i = 1; i < nats.length; i++) {
            nats[i] = Answers.logProb(terms.path(i), completions, "token_logprobs");
        }
        return nats;
    }

    @Override
    public double[] next(int[] prefix) {
        throw InputException.ofSetting(
                "model",
                connection.url().toString(),
                "this server gives no whole next-token distributions; use a checkpoint for this");
    }

    @Override
    public int[] encode(String text, boolean ruled) {
        ObjectNode body = EndpointConnection.body()
                .put("model", model)
                .put("prompt", text)
                .put("add_special_tokens", ruled);
        return Answers.encoded(connection, body);
    }

    @Override
    public String decode(int[] ids) {
        return Answers.decoded(connection, EndpointConnection.body().put("model", model), ids, "prompt");
    }
}
