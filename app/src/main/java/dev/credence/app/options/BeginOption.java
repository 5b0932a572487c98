package dev.credence.app.options;

import dev.credence.hub.BeginToken;
import picocli.CommandLine.Option;

/** Whether prompts get the begin token. */
public final class BeginOption {
    @Option(
            names = "--bos",
            paramLabel = "auto|yes|no",
            converter = BeginTokens.class,
            completionCandidates = BeginTokens.class,
            defaultValue = "auto",
            description = "Put the begin token in front of prompts: when the tokenizer's rules add it or the prompt"
                    + " is empty (auto, the default), always, or never.")
    private BeginToken begin = BeginToken.AUTO;

    /** For the parser, which fills the fields. */
    public BeginOption() {}

    /** {@return whether prompts get it} */
    public BeginToken begin() {
        return begin;
    }

    /** {@return the same as it is typed} */
    public String word() {
        return begin.word();
    }
}
