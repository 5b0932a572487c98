package dev.credence.app.options;

import dev.credence.hub.BeginToken;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The words of {@code --bos}. */
final class BeginTokens implements ITypeConverter<BeginToken>, Iterable<String> {
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
