package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.function.Predicate;

/**
 * The rules of a tokenizer.json for a text that goes on from another. SentencePiece's tokenizers put a space in front of a
 * text, and take it off when they write one; behind a prompt that space is the model's to draw.
 */
final class ContinuedText {
    private ContinuedText() {}

    /** Changes the rules in place; whether there was anything to change. */
    static boolean change(ObjectNode tokenizer) {
        boolean changed = change(tokenizer, "normalizer", "normalizers", ContinuedText::normalises);
        changed |= change(tokenizer, "pre_tokenizer", "pretokenizers", ContinuedText::splits);
        changed |= change(tokenizer, "decoder", "decoders", ContinuedText::writes);
        return changed;
    }

    /** One step or a sequence of them; a step after which nothing is left is removed. */
    private static boolean change(ObjectNode parent, String field, String steps, Predicate<ObjectNode> rule) {
        if (!(parent.path(field) instanceof ObjectNode step)) {
            return false;
        }
        if (step.path(steps) instanceof ArrayNode sequence) {
            boolean changed = false;
            for (Iterator<JsonNode> parts = sequence.elements(); parts.hasNext(); ) {
                if (parts.next() instanceof ObjectNode part) {
                    boolean own = rule.test(part);
                    changed |= own;
                    if (own && isPrepend(part)) {
                        parts.remove();
                    }
                }
            }
            return changed;
        }
        boolean changed = rule.test(step);
        if (changed && isPrepend(step)) {
            parent.putNull(field);
        }
        return changed;
    }

    private static boolean isPrepend(ObjectNode step) {
        return step.path("type").asText().equals("Prepend");
    }

    private static boolean normalises(ObjectNode step) {
        return isPrepend(step) || turnOff(step, "Strip", "strip_left");
    }

    private static boolean splits(ObjectNode step) {
        return isMetaspace(step) || turnOff(step, "ByteLevel", "add_prefix_space");
    }

    private static boolean writes(ObjectNode step) {
        if (step.path("type").asText().equals("Strip") && step.path("start").asInt() > 0) {
            step.put("start", 0);
            return true;
        }
        return isMetaspace(step);
    }

    private static boolean isMetaspace(ObjectNode step) {
        if (!step.path("type").asText().equals("Metaspace")) {
            return false;
        }
        step.put("prepend_scheme", "never");
        step.remove("add_prefix_space"); // the older word for the same
        return true;
    }

    private static boolean turnOff(ObjectNode step, String type, String field) {
        if (step.path("type").asText().equals(type) && step.path(field).asBoolean()) {
            step.put(field, false);
            return true;
        }
        return false;
    }
}
