package dev.credence.hub;

import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.evidence.TextTokens;
import java.util.Optional;

/** A tokenizer's tokens as those of texts up to a horizon. */
record TokenizerTokens(TextTokenizer tokenizer, Optional<TokenTexts> spelled, int horizon) implements TextTokens {
    TokenizerTokens {
        if (!(horizon >= 1)) {
            throw new IllegalArgumentException("horizon is " + horizon + "; a text has room for 1 token or more");
        }
    }

    @Override
    public String decode(int[] tokens, int length) {
        return tokenizer.decode(tokens, length);
    }
}
