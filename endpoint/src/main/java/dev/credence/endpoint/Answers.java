package dev.credence.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import java.net.URI;
import java.util.Arrays;

/** What servers' answers have in common, and what is asked of every one of them. */
final class Answers {
    /** Servers write −9999 where a token has no probability, which JSON cannot say. */
    private static final double STANDS_FOR_NONE = -9998;

    private static final String AS_ID = "token_id:";

    private Answers() {}

    /** A prompt by ids, with every way to bend the distribution that is known to be somebody's default switched off. */
    static ObjectNode plain(int[] prompt) {
        ObjectNode body = EndpointConnection.body();
        return with(body, "prompt", prompt)
                .put("temperature", 1)
                .put("top_p", 1)
                .put("top_k", 0)
                .put("min_p", 0)
                .put("presence_penalty", 0)
                .put("frequency_penalty", 0);
    }

    private static ObjectNode with(ObjectNode body, String field, int[] ids) {
        ArrayNode list = body.putArray(field);
        Arrays.stream(ids).forEach(list::add);
        return body;
    }

    /** The ids that a server's tokenizer makes of a text. */
    static int[] encoded(EndpointConnection connection, ObjectNode body) {
        URI to = connection.beside("/tokenize");
        return ids(need(connection.post(to, body), "tokens", to, "a text has tokens"), to, "tokens");
    }

    /** The text that a server's tokenizer makes of ids, which is in this field of its answer. */
    static String decoded(EndpointConnection connection, ObjectNode body, int[] ids, String field) {
        URI to = connection.beside("/detokenize");
        return need(connection.post(to, with(body, "tokens", ids)), field, to, "tokens have a text")
                .asText();
    }

    /** Each of so many tokens has a log-probability. */
    static void many(JsonNode list, int tokens, URI from, String field) {
        if (list.size() != tokens) {
            throw new InputException(
                    from.toString(), 0, field, list.size() + " for " + tokens + " tokens", "each token has one");
        }
    }

    /** A field that must be there. */
    static JsonNode need(JsonNode in, String field, URI from, String rule) {
        JsonNode node = in.path(field);
        if (node.isMissingNode() || node.isNull()) {
            throw new InputException(from.toString(), 0, field, "missing", rule);
        }
        return node;
    }

    /** One choice, as one was asked for. */
    static JsonNode choice(JsonNode answer, URI from) {
        JsonNode choices = answer.path("choices");
        if (choices.size() != 1) {
            throw new InputException(
                    from.toString(), 0, "choices", Integer.toString(choices.size()), "one text was asked for");
        }
        return choices.get(0);
    }

    /** A list of ids. */
    static int[] ids(JsonNode list, URI from, String field) {
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!list.get(i).canConvertToInt()) {
                throw new InputException(
                        from.toString(), 0, field, list.get(i).toString(), "token ids are whole numbers");
            }
            ids[i] = list.get(i).intValue();
        }
        return ids;
    }

    /** Ids that are written as {@code token_id:7}. */
    static int[] writtenIds(JsonNode tokens, URI from) {
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            String word = tokens.get(i).asText();
            if (!word.matches(AS_ID + "\\d{1,9}")) {
                throw new InputException(
                        from.toString(), 0, "logprobs.tokens", "'" + word + "'", "a text is known by its token ids");
            }
            ids[i] = Integer.parseInt(word.substring(AS_ID.length()));
        }
        return ids;
    }

    /** A log-probability, nats. */
    static double logProb(JsonNode node, URI from, String field) {
        if (!node.isNumber() || !(node.doubleValue() <= 1e-6)) { // NaN too; above 0 by rounding alone
            throw new InputException(
                    from.toString(),
                    0,
                    field,
                    node.isMissingNode() ? "missing" : node.toString(),
                    "a log-probability is a number, at most 0");
        }
        return node.doubleValue() < STANDS_FOR_NONE ? Double.NEGATIVE_INFINITY : Math.min(0, node.doubleValue());
    }

    /** The log-probabilities of tokens that were drawn, nats: each above −∞. */
    static void drawn(double[] nats, URI from, String field) {
        for (double one : nats) {
            if (one == Double.NEGATIVE_INFINITY) {
                throw new InputException(
                        from.toString(), 0, field, "-infinity", "a token that is drawn has a probability above 0");
            }
        }
    }

    /** The prompt that a server says it read is as long as the one it was given, where it says so. */
    static void read(JsonNode answer, int tokens, URI from) {
        JsonNode said = answer.path("usage").path("prompt_tokens");
        if (said.isNumber() && said.asLong() != tokens) {
            throw new InputException(
                    from.toString(),
                    0,
                    "usage.prompt_tokens",
                    said.asText(),
                    tokens + " were given; a server neither cuts a prompt nor adds to it");
        }
    }

    /** Whether a text ended, by the server's word and its last token. */
    static boolean finished(JsonNode choice, int[] ids, int limit, URI from) {
        String reason = choice.path("finish_reason").asText();
        if (reason.equals("stop") && ids.length > 0 && ids.length <= limit) {
            JsonNode by = choice.path("stop_reason");
            if (by.isTextual()) {
                throw new InputException(
                        from.toString(),
                        0,
                        "stop_reason",
                        by.toString(),
                        "a text is ended by a token, not by a string that the server looks for");
            }
            return true;
        }
        if (reason.equals("length") && ids.length == limit) {
            return false;
        }
        throw new InputException(
                from.toString(),
                0,
                "finish_reason",
                "'" + reason + "' after " + ids.length + " of " + limit + " tokens",
                "a text goes on to its end token or to the length that was asked for");
    }

    /** What is given back must be what was asked about. */
    static void same(int[] asked, int[] got, URI from, String what) {
        if (!Arrays.equals(asked, got)) {
            throw new InputException(
                    from.toString(), 0, what, shown(got), "the tokens asked about are " + shown(asked));
        }
    }

    private static String shown(int[] ids) {
        return ids.length <= 12
                ? Arrays.toString(ids)
                : ids.length + " ids, "
                        + Arrays.toString(Arrays.copyOf(ids, 12)).replace("]", ", …]");
    }
}
