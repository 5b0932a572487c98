package dev.credence.hub;

/**
 * Which tokens end a text. A folder's tokenizer and its configuration may name different ones: after chat tuning the tokenizer
 * often says {@code <|im_end|>}, the configuration still {@code <|endoftext|>}.
 *
 * @param kind whose word counts
 * @param token the token's text where it is named; else empty
 */
public record EndChoice(Kind kind, String token) {
    /** Nobody chose: as {@link Kind#BOTH}, with a warning where the folder's files differ. */
    public static final EndChoice AUTO = new EndChoice(Kind.AUTO, "");

    /** Whose word counts. */
    public enum Kind {
        /** As BOTH; says so where tokenizer and configuration differ. */
        AUTO,
        /** The tokenizer's end token alone. */
        TOKENIZER,
        /** The tokens that generation_config.json or config.json name. */
        CONFIG,
        /** A drawn text stops at either's; a finished one is scored with the tokenizer's. */
        BOTH,
        /** A token by its text. */
        TOKEN
    }

    /**
     * A choice by its word.
     *
     * @param word {@code auto}, {@code tokenizer}, {@code config}, {@code both}, or the text of a token
     * @return the choice
     */
    public static EndChoice of(String word) {
        return switch (word) {
            case "auto" -> AUTO;
            case "tokenizer" -> new EndChoice(Kind.TOKENIZER, "");
            case "config" -> new EndChoice(Kind.CONFIG, "");
            case "both" -> new EndChoice(Kind.BOTH, "");
            default -> new EndChoice(Kind.TOKEN, word);
        };
    }

    /** {@return its word} */
    public String word() {
        return switch (kind) {
            case AUTO -> "auto";
            case TOKENIZER -> "tokenizer";
            case CONFIG -> "config";
            case BOTH -> "both";
            case TOKEN -> token;
        };
    }
}
