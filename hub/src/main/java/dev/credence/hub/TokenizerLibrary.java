package dev.credence.hub;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.natives.NativeFolder;
import dev.credence.core.natives.NativeLibraryException;
import dev.credence.core.provenance.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The tokenizers' library, which is native: told to stay off the network and where to unpack itself before it is touched, and
 * handed no rules that end the whole process in its hands rather than in an error.
 */
final class TokenizerLibrary {
    private static final Map<String, String> OPTIONS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
    private static final int DEEPEST = 64;
    private static final int LABELS = 0xff;

    static {
        // it asks a cloud's metadata for the machine's id, and sends that to its maker
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        if (System.getProperty("ENGINE_CACHE_DIR") == null) {
            System.setProperty(
                    "ENGINE_CACHE_DIR", NativeFolder.path().resolve("djl").toString());
        }
    }

    private TokenizerLibrary() {}

    /** A tokenizer by the rules of a file, or by rules made of them. */
    static HuggingFaceTokenizer open(JsonFile rules) throws IOException {
        check(rules);
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(JsonFile.bytes(rules.root())), OPTIONS);
        } catch (LinkageError | EngineException e) { // the latter speaks of the library alone
            Path folder = Path.of(System.getProperty("ENGINE_CACHE_DIR", ""));
            throw new NativeLibraryException("the tokenizers' library", folder, e);
        }
    }

    private static void check(JsonFile rules) {
        for (String part : new String[] {"normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
            check(rules, part, rules.root().path(part), 0);
        }
        JsonNode dropout = rules.root().path("model").path("dropout");
        if (dropout.isNumber() && dropout.asDouble() != 0) {
            throw bad(
                    rules,
                    "model.dropout",
                    dropout.toString(),
                    "a text would have other tokens each time; take it out");
        }
    }

    /** A part and all that are parts of it. */
    private static void check(JsonFile rules, String field, JsonNode part, int depth) {
        if (depth > DEEPEST) {
            throw bad(rules, field, "nested too deeply", "rules have at most " + DEEPEST + " levels");
        }
        String type = part.path("type").asText();
        if (type.equals("TemplateProcessing")) {
            checkTemplate(rules, field, part);
        }
        if (type.equals("Precompiled")) {
            checkMap(rules, field + ".precompiled_charsmap", part.path("precompiled_charsmap"));
        }
        for (String list : new String[] {"normalizers", "pretokenizers", "processors", "decoders"}) {
            int at = 0;
            for (JsonNode each : part.path(list)) {
                check(rules, field + "." + list + "[" + at++ + "]", each, depth + 1);
            }
        }
    }

    /** A template may only place tokens that it defines. */
    private static void checkTemplate(JsonFile rules, String field, JsonNode template) {
        Set<String> defined = new HashSet<>();
        template.path("special_tokens").properties().forEach(token -> {
            defined.add(token.getKey());
            if (token.getValue().path("ids").size()
                    != token.getValue().path("tokens").size()) {
                throw bad(
                        rules,
                        field + ".special_tokens." + token.getKey(),
                        token.getValue().toString(),
                        "it has as many ids as tokens");
            }
        });
        for (String list : new String[] {"single", "pair"}) {
            for (JsonNode piece : template.path(list)) {
                JsonNode id = piece.path("SpecialToken").path("id");
                if (!id.isMissingNode() && !defined.contains(id.asText())) {
                    throw bad(
                            rules,
                            field + "." + list,
                            "the token '" + id.asText() + "'",
                            "it places only tokens that its special_tokens define");
                }
            }
        }
    }

    /** A compiled table of replacements: a length, a trie of that many bytes, and texts that end with a zero. */
    private static void checkMap(JsonFile rules, String field, JsonNode node) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(node.asText().replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw bad(rules, field, "not base64", "it is a compiled table");
        }
        ByteBuffer map = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long size = bytes.length < Integer.BYTES ? -1 : Integer.toUnsignedLong(map.getInt(0));
        if (!(size >= Integer.BYTES && size % Integer.BYTES == 0 && size <= bytes.length - Integer.BYTES)) {
            throw bad(rules, field, bytes.length + " bytes", "a compiled table begins with the length of its trie");
        }
        int units = (int) (size / Integer.BYTES);
        int texts = bytes.length - Integer.BYTES - (int) size;
        for (int i = 0; i < units; i++) {
            int unit = map.getInt(Integer.BYTES * (1 + i));
            int at = i
                    ^ ((unit >>> 10)
                            << ((unit & (1 << 9)) >>> 6)); // Yata, darts-clone: the offset of a node's children
            boolean isLeaf = unit < 0;
            boolean leaves = at < 0 || (at | LABELS) >= units; // any byte of a text may be looked up there
            boolean hasText = !leaves && (unit & (1 << 8)) != 0;
            if (!isLeaf && (leaves || (hasText && value(map, at) >= texts))) {
                throw bad(rules, field, "node " + i + " leads outside", "the table must be whole");
            }
        }
    }

    private static long value(ByteBuffer map, int unit) {
        return map.getInt(Integer.BYTES * (1 + unit)) & 0x7fff_ffffL;
    }

    private static InputException bad(JsonFile rules, String field, String value, String rule) {
        return new InputException(rules.file(), 0, field, value, rule);
    }
}
