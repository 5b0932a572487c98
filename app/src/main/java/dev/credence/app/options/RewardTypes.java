package dev.credence.app.options;

import dev.credence.core.evidence.RewardType;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The readings of a reward as a user types them. */
final class RewardTypes implements ITypeConverter<RewardType>, Iterable<String> {
    @Override
    public RewardType convert(String word) {
        try {
            return RewardType.of(word);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(RewardType.values()).map(RewardType::word).iterator();
    }
}
