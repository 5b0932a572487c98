package dev.credence.hub;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * The token that a tokenizer puts for what it has no token for. What stands for any text says nothing of the one that was
 * given, and some small tokenizers have their end token do it.
 *
 * @param id its id
 * @param text what it looks like where it is written out
 */
record UnknownToken(int id, String text) {
    /** The one that a tokenizer.json names; nothing where each text has tokens of its own. */
    static Optional<UnknownToken> in(JsonNode rules) {
        JsonNode model = rules.path("model");
        JsonNode vocabulary = model.path("vocab");
        if (model.path("unk_id").isInt()) {
            int id = model.path("unk_id").intValue();
            JsonNode text = vocabulary.path(id).path(0);
            return text.isTextual() ? Optional.of(new UnknownToken(id, text.textValue())) : Optional.empty();
        }
        JsonNode text = model.path("unk_token");
        JsonNode id = vocabulary.path(text.asText());
        return text.isTextual() && id.isInt()
                ? Optional.of(new UnknownToken(id.intValue(), text.textValue()))
                : Optional.empty();
    }

    /** The first part of a text that this token stands for without being written there; nothing where there is none. */
    Optional<String> in(Encoding encoded, String text) {
        long[] ids = encoded.getIds();
        CharSpan[] spans = encoded.getCharTokenSpans();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == id && spans[i] != null) {
                String part = part(text, spans[i]);
                if (!part.strip().equals(this.text)) {
                    return Optional.of(part);
                }
            }
        }
        return Optional.empty();
    }

    /** Spans count characters beyond U+FFFF as one. */
    private static String part(String text, CharSpan span) {
        int from = text.offsetByCodePoints(0, span.getStart());
        return text.substring(from, text.offsetByCodePoints(from, span.getEnd() - span.getStart()));
    }
}
