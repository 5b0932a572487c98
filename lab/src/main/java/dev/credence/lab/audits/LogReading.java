package dev.credence.lab.audits;

import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.ReadOptions;
import java.io.Serializable;
import java.util.Map;

/**
 * How a log is read.
 *
 * @param fields where it keeps its fields, and what its words mean
 * @param badRecords what becomes of records that break a rule
 * @param pooling what becomes of several files
 * @serial exclude
 */
public record LogReading(FieldMap fields, ReadOptions.BadRecords badRecords, Pooling pooling) implements Serializable {
    /** What becomes of several files that both hold policy draws of the same prompts. */
    public enum Pooling {
        /** Files whose names say different policies are refused. */
        BY_NAME,
        /** They are one policy's draws, whatever their names say. */
        TOGETHER
    }

    /** {@return the contract's own names; bad records and different policies' files are refused} */
    public static LogReading standard() {
        return new LogReading(FieldMap.standard(), ReadOptions.BadRecords.FAIL, Pooling.BY_NAME);
    }

    /**
     * The same with other places of the fields.
     *
     * @param other the places, such as {@code LogFormat.of("trl").fields()}
     * @return the reading
     */
    public LogReading with(FieldMap other) {
        return new LogReading(other, badRecords, pooling);
    }

    boolean skipsBad() {
        return badRecords == ReadOptions.BadRecords.SKIP;
    }

    ReadOptions options(long seed, Map<String, RewardExpression> rewards) {
        return ReadOptions.standard(seed)
                .withFields(fields)
                .withRewards(rewards)
                .withBadRecords(badRecords);
    }
}
