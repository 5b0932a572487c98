package dev.credence.app.options;

import dev.credence.core.provenance.NumberText;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number as it was typed; one that a double cannot hold is refused, never read as 0 or infinity. */
public final class TypedNumber implements ITypeConverter<Double> {
    /** A converter, for every option that is a number. */
    public TypedNumber() {}

    @Override
    public Double convert(String text) {
        return of(text);
    }

    static double of(String text) {
        try {
            return NumberText.parse(text);
        } catch (NumberFormatException e) {
            boolean isOutOfRange = String.valueOf(e.getMessage()).contains("range");
            throw new TypeConversionException(
                    isOutOfRange ? String.valueOf(e.getMessage()) : "'" + text + "' is not a double");
        }
    }
}
