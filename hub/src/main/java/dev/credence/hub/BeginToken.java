package dev.credence.hub;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whether a prompt gets the begin token in front. A prompt whose text begins with it gets no second one. */
public enum BeginToken {
    /** When the tokenizer's rules add it, or the prompt would be empty. */
    AUTO,
    /** Always. */
    YES,
    /** Never. */
    NO;

    /** {@return its name as settings and records write it, such as {@code auto}} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * A choice by its word.
     *
     * @param word auto, yes or no
     * @return the choice
     * @throws IllegalArgumentException if it is none of them
     */
    public static BeginToken of(String word) {
        return Arrays.stream(values())
                .filter(token -> token.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is none of "
                        + Arrays.stream(values()).map(BeginToken::word).collect(Collectors.joining(", "))));
    }
}
