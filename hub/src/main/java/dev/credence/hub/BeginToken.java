package dev.credence.hub;

/** Whether a prompt gets the begin token in front ({@code --bos}). A prompt whose text begins with it gets no second one. */
public enum BeginToken {
    /** When the tokenizer's rules add it, or the prompt would be empty. */
    AUTO,
    /** Always. */
    YES,
    /** Never. */
    NO
}
