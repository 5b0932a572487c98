package dev.credence.app.command;

import dev.credence.core.evidence.RewardType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The readings of a reward as a user types them. */
final class RewardTypes implements ITypeConverter<RewardType>, Iterable<String> {
    @Override
    public RewardType convert(String word) {
        for (RewardType type : RewardType.values()) {
            if (word(type).equals(word)) {
                return type;
            }
        }
        throw new TypeConversionException("'" + word + "' is not one of " + String.join(", ", words()));
    }

    @Override
    public Iterator<String> iterator() {
        return words().iterator();
    }

    private static List<String> words() {
        return Arrays.stream(RewardType.values()).map(RewardTypes::word).toList();
    }

    static String word(RewardType type) {
        return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
