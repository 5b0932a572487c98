package dev.credence.app.command;

import dev.credence.hub.BeginToken;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The words of {@code --bos}. */
final class BeginTokens implements ITypeConverter<BeginToken>, Iterable<String> {
    @Override
    public BeginToken convert(String value) {
        for (BeginToken token : BeginToken.values()) {
            if (word(token).equals(value)) {
                return token;
            }
        }
        throw new TypeConversionException("'" + value + "' is none of " + String.join(", ", words()));
    }

    @Override
    public Iterator<String> iterator() {
        return words().iterator();
    }

    static String word(BeginToken token) {
        return token.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> words() {
        return Arrays.stream(BeginToken.values()).map(BeginTokens::word).toList();
    }
}
