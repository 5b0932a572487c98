package dev.credence.lab.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.hub.BeginToken;

/**
 * From a record to the token ids that a reward model scores: {@code prompt} with {@code completion}, tokenised apart; {@code
 * prompt} with {@code ids}, the completion's tokens; or {@code ids} alone, all of the text.
 */
public final class RewardTexts {
    private static final String RULE = "a record has prompt and completion, or ids";

    private final OpenReward model;
    private final BeginToken begin;

    /**
     * For one model.
     *
     * @param model whose tokenizer is used
     * @param begin whether prompts get the begin token
     */
    public RewardTexts(OpenReward model, BeginToken begin) {
        this.model = model;
        this.begin = begin;
    }

    /**
     * The ids of a record.
     *
     * @param record the record
     * @param source where it was read, for errors
     * @return ids that the model reads
     * @throws InputException naming the line if the record is malformed or does not fit the model
     */
    public int[] of(ObjectNode record, RawRecords source) {
        String field = record.has("ids") ? "ids" : "completion";
        int[] ids;
        try {
            ids = ids(record, source);
            model.check(ids);
        } catch (InputException e) {
            throw e;
        } catch (ContextWindowException e) {
            throw source.bad(field, "too long", String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            throw source.bad(field, "not what the model reads", String.valueOf(e.getMessage()));
        }
        return ids;
    }

    private int[] ids(ObjectNode record, RawRecords source) {
        if (!record.has("prompt")) {
            if (!record.has("ids")) {
                throw source.bad("prompt", "missing", RULE);
            }
            int[] ids = numbers(record, source);
            if (ids.length == 0) {
                throw source.bad("ids", "[]", "a text has one token at least");
            }
            return ids;
        }
        int[] prompt = model.prompt(text(record, "prompt", source), begin);
        return record.has("ids")
                ? OpenReward.joined(prompt, numbers(record, source))
                : model.ids(prompt, text(record, "completion", source));
    }

    private static String text(ObjectNode record, String field, RawRecords source) {
        JsonNode node = record.path(field);
        if (!node.isTextual()) {
            throw source.bad(field, node.isMissingNode() ? "missing" : node.toString(), RULE);
        }
        return source.whole(field, node.textValue());
    }

    private static int[] numbers(ObjectNode record, RawRecords source) {
        JsonNode node = record.path("ids");
        if (!node.isArray()) {
            throw source.bad("ids", node.toString(), "it is a list of token ids");
        }
        int[] ids = new int[node.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!node.get(i).isInt()) {
                throw source.bad("ids", node.get(i).toString(), "ids are whole numbers");
            }
            ids[i] = node.get(i).intValue();
        }
        return ids;
    }
}
