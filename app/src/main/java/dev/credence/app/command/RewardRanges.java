package dev.credence.app.command;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Ranges of a reward: as a user declares them, and as they follow from how it is computed. */
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

    /** The range as it is typed. */
    static String word(AuditOptions.Range range) {
        return number(range.lowest()) + ".." + number(range.highest());
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
    }

    /**
     * What is known of a reward before any text is seen.
     *
     * @param typed as the user named it, or null
     * @return its range; null where an end is open, or nothing is known
     */
    static AuditOptions.@Nullable Range known(@Nullable String typed) {
        RewardName reward = typed == null ? null : RewardName.of(typed);
        if (reward == null || !reward.isExpression() || reward.text().startsWith("table:")) {
            return null;
        }
        ValueBounds range = range(reward.text());
        boolean isBounded = range.lower() > Double.NEGATIVE_INFINITY && range.upper() < Double.POSITIVE_INFINITY;
        return isBounded ? new AuditOptions.Range(range.lower(), range.upper()) : null;
    }

    /** Programs and servers are asked for as well: nothing is known of them, but of what caps them. */
    private static ValueBounds range(String text) {
        try {
            return RewardExpression.parseTogether(text).range();
        } catch (InputException e) {
            return ValueBounds.UNKNOWN; // it is no expression here, which is for the reading of the input to say
        }
    }
}
