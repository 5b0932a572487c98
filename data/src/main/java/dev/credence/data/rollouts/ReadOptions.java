package dev.credence.data.rollouts;

import dev.credence.data.rewards.RewardExpression;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a log is read.
 *
 * @param fields where the log keeps each field
 * @param rewards rewards computed while reading, by name; they come behind the log's own
 * @param badRecords what to do with a record that breaks a rule
 * @param seed of the choice of texts that are kept
 * @param threads how many threads read; the result does not depend on it
 */
public record ReadOptions(
        FieldMap fields, Map<String, RewardExpression> rewards, BadRecords badRecords, long seed, int threads) {
    /** What to do with a record that breaks a rule. */
    public enum BadRecords {
        /** Stop with an error that names file, line, field, value and rule. */
        FAIL,
        /** Leave it out, count it, and list the first ones. */
        SKIP
    }

    /**
     * Checks the number of threads and copies the map.
     *
     * @param fields where the log keeps each field
     * @param rewards rewards computed while reading, by name
     * @param badRecords what to do with a record that breaks a rule
     * @param seed of the choice of texts that are kept
     * @param threads how many threads read, 1 or more
     */
    public ReadOptions {
        if (!(threads >= 1)) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 1 or more");
        }
        rewards = Collections.unmodifiableMap(new LinkedHashMap<>(rewards));
    }

    /**
     * The contract's own names, no computed rewards, bad records fail, all processors.
     *
     * @param seed of the choice of texts that are kept
     * @return the options
     */
    public static ReadOptions standard(long seed) {
        int threads = Runtime.getRuntime().availableProcessors();
        return new ReadOptions(FieldMap.standard(), Map.of(), BadRecords.FAIL, seed, threads);
    }

    /**
     * The same with other places of the fields.
     *
     * @param other the places
     * @return the changed options
     */
    public ReadOptions withFields(FieldMap other) {
        return new ReadOptions(other, rewards, badRecords, seed, threads);
    }

    /**
     * The same with other computed rewards.
     *
     * @param other by name
     * @return the changed options
     */
    public ReadOptions withRewards(Map<String, RewardExpression> other) {
        return new ReadOptions(fields, other, badRecords, seed, threads);
    }

    /**
     * The same with another treatment of bad records.
     *
     * @param other the treatment
     * @return the changed options
     */
    public ReadOptions withBadRecords(BadRecords other) {
        return new ReadOptions(fields, rewards, other, seed, threads);
    }

    /**
     * The same with another number of threads.
     *
     * @param other the number, 1 or more
     * @return the changed options
     */
    public ReadOptions withThreads(int other) {
        return new ReadOptions(fields, rewards, badRecords, seed, other);
    }
}
