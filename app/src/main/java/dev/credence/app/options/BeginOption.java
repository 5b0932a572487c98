package dev.credence.app.options;

import dev.credence.hub.BeginToken;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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

    /** The words of {@code --bos}. */
    static final class BeginTokens implements ITypeConverter<BeginToken>, Iterable<String> {
        @Override
        public BeginToken convert(String word) {
            try {
                return BeginToken.of(word);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(BeginToken.values()).map(BeginToken::word).iterator();
        }
    }
}
