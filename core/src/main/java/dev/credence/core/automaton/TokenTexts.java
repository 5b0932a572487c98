package dev.credence.core.automaton;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What each token adds to a text, as bytes of UTF-8; bytes that no character comes of are read as U+FFFD, one for each
 * longest beginning of a character, as tokenizers read them.
 */
public final class TokenTexts {
    private final byte[] @Nullable [] bytes;
    private final boolean ending;

    /**
     * Tokens by id.
     *
     * @param bytes (V) what each adds; null for a token that ends the text
     */
    public TokenTexts(byte[] @Nullable [] bytes) {
        this.bytes = bytes.clone();
        this.ending = Arrays.stream(this.bytes).anyMatch(piece -> piece == null);
    }

    /** {@return the number of tokens, those that end a text included} */
    public int size() {
        return bytes.length;
    }

    /** {@return whether some token ends a text; else every text is cut at the horizon} */
    public boolean ends() {
        return ending;
    }

    /**
     * What a token adds, for whoever follows texts in another way than an automaton's.
     *
     * @param token an id
     * @return its bytes; empty for a token that ends the text
     */
    public Optional<byte[]> bytes(int token) {
        byte[] own = bytes[token];
        return own == null ? Optional.empty() : Optional.of(own.clone());
    }

    /** What a token adds; null for an end. Not to be changed. */
    byte @Nullable [] of(int token) {
        return bytes[token];
    }
}
