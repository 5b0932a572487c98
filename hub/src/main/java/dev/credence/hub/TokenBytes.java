package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The bytes behind tokens whose text alone is no text. Byte-level tokenizers write each byte as a printable character: those
 * of Latin-1 that can be seen stand for themselves, the other 68 for U+0100 and up, in order (Radford et al. 2019).
 */
final class TokenBytes {
    private final Map<Integer, String> written = new HashMap<>();
    private final Map<Integer, Integer> byteOf = new HashMap<>(); // empty: tokens are written as they are
    private final Path file;

    private TokenBytes(Path file) {
        this.file = file;
    }

    /** Reads tokenizer.json. */
    static TokenBytes read(Path folder) {
        Path path = folder.resolve("tokenizer.json");
        TokenBytes bytes = new TokenBytes(path);
        JsonFile json = JsonFile.read(path);
        json.root()
                .path("model")
                .path("vocab")
                .properties()
                .forEach(entry -> bytes.written.put(entry.getValue().asInt(-1), entry.getKey()));
        for (JsonNode token : json.root().path("added_tokens")) {
            bytes.written.put(token.path("id").asInt(-1), token.path("content").asText());
        }
        if (json.root().path("decoder").path("type").asText().equals("ByteLevel")) {
            bytes.fillByteLevel();
        }
        return bytes;
    }

    byte[] of(int token) {
        String text = written.get(token);
        if (text == null) {
            throw new InputException(
                    file.toString(),
                    0,
                    "model.vocab",
                    "token " + token + " is missing",
                    "every token is written there");
        }
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int character : text.codePoints().toArray()) {
            Integer stands = byteOf.get(character);
            if (stands == null) {
                return plain; // one character that stands for no byte: the token is written as it is
            }
            bytes.write(stands);
        }
        return bytes.toByteArray();
    }

    private void fillByteLevel() {
        int next = 0x100;
        for (int b = 0; b < 0x100; b++) {
            boolean seen = (b > 0x20 && b < 0x7F) || (b > 0xA0 && b != 0xAD);
            byteOf.put(seen ? b : next++, b);
        }
    }
}
