package dev.credence.app.options;

import dev.credence.core.audit.AuditOptions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The range of a reward as a user declares it. */
final class RewardRanges implements ITypeConverter<AuditOptions.Range> {
    private static final String NUMBER = "([-+]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][-+]?\\d+)?)";
    private static final Pattern RANGE = Pattern.compile(NUMBER + "\\.\\." + NUMBER);

    @Override
    public AuditOptions.Range convert(String text) {
        Matcher range = RANGE.matcher(text.trim());
        if (!range.matches()) {
            throw new TypeConversionException("'" + text + "' is not A..B, two numbers such as 0..1");
        }
        double lowest = Double.parseDouble(range.group(1));
        double highest = Double.parseDouble(range.group(2));
        if (!(lowest <= highest) || !(Math.abs(lowest) + Math.abs(highest) <= Double.MAX_VALUE)) {
            throw new TypeConversionException("'" + text + "' is not A..B with A up to B, both finite");
        }
        return new AuditOptions.Range(lowest, highest);
    }
}
