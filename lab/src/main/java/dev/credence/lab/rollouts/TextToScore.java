package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import java.util.Arrays;

/**
 * From a record to what is scored of it: {@code prompt} with {@code completion}, tokenised apart, its end scored unless
 * {@code finished} is false; or {@code prompt} with {@code ids}, the completion's tokens as they were drawn; or {@code ids}
 * alone, of which the first is given.
 */
public final class TextToScore {
    private static final String RULE = "a record has prompt and completion, or ids";

    private final OpenModel model;
    private final BeginToken begin;

    /**
     * For one model.
     *
     * @param model whose tokenizer is used
     * @param begin whether prompts get the begin token
     */
    public TextToScore(OpenModel model, BeginToken begin) {
        this.model = model;
        this.begin = begin;
    }

    /**
     * What a record asks to have scored.
     *
     * @param record the record
     * @param source where it was read, for errors
     * @return what is scored; it fits the model
     * @throws InputException naming the line if the record is malformed or does not fit the model
     */
    public Continuation of(ObjectNode record, RawRecords source) {
        Continuation continuation = record.has("prompt") ? ofText(record, source) : ofIds(record, source);
        try {
            model.check(continuation);
        } catch (IllegalArgumentException e) {
            String field = record.has("ids") ? "ids" : "completion";
            throw source.bad(field, "not what the model reads", String.valueOf(e.getMessage()));
        }
        return continuation;
    }

    /** The ids of a record's prompt. */
    int[] prompt(ObjectNode record, RawRecords source) {
        return model.prompt(text(record, "prompt", source), begin);
    }

    private Continuation ofText(ObjectNode record, RawRecords source) {
        int[] prompt = prompt(record, source);
        if (record.has("ids")) {
            return new Continuation(prompt, ids(record, source));
        }
        String completion = text(record, "completion", source);
        if (completion.indexOf('\uFFFD') >= 0) {
            throw source.bad(
                    "completion",
                    "a text with the replacement character",
                    "a text whose characters were cut cannot be tokenised again; give its ids");
        }
        boolean finished = finished(record, source);
        try {
            return model.continuation(prompt, completion, finished);
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw source.bad("completion", "no text that is drawn", String.valueOf(e.getMessage()));
        }
    }

    private static Continuation ofIds(ObjectNode record, RawRecords source) {
        if (!record.has("ids")) {
            throw source.bad("prompt", "missing", RULE);
        }
        int[] ids = ids(record, source);
        if (ids.length == 0) {
            throw source.bad("ids", "[]", "the first id is given, the others are scored");
        }
        return new Continuation(new int[] {ids[0]}, Arrays.copyOfRange(ids, 1, ids.length));
    }

    private static boolean finished(ObjectNode record, RawRecords source) {
        JsonNode node = record.path("finished");
        if (node.isMissingNode() || node.isNull()) {
            return true;
        }
        if (!node.isBoolean()) {
            throw source.bad("finished", node.toString(), "it is true or false");
        }
        return node.booleanValue();
    }

    private static String text(ObjectNode record, String field, RawRecords source) {
        JsonNode node = record.path(field);
        if (!node.isTextual()) {
            throw source.bad(field, node.isMissingNode() ? "missing" : node.toString(), RULE);
        }
        return source.whole(field, node.textValue());
    }

    private static int[] ids(ObjectNode record, RawRecords source) {
        JsonNode node = record.path("ids");
        int[] ids = new int[node.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!node.get(i).isInt()) {
                throw source.bad("ids", node.get(i).toString(), "a token id is a whole number");
            }
            ids[i] = node.get(i).intValue();
        }
        if (!node.isArray()) {
            throw source.bad("ids", node.toString(), "it is an array of token ids");
        }
        return ids;
    }
}
