package dev.credence.data.rollouts;

import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names of the rewards, set by the first good record of the input. A worker that meets its first record before that
 * one has been read waits until it is known; the lowest unfinished chunk never waits, so there is always progress.
 */
final class RewardSchema {
    private static final List<String> PLAIN = List.of("reward");

    private @Nullable List<String> names;
    private long finished = -1;
    private final TreeSet<Long> ahead = new TreeSet<>();

    /**
     * The names that all records must have.
     *
     * @param chunk the chunk whose first good record this is
     * @param found the record's names
     */
    synchronized List<String> settle(long chunk, List<String> found) {
        while (names == null && finished < chunk - 1) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while reading", e);
            }
        }
        List<String> agreed = names;
        if (agreed == null) {
            agreed = List.copyOf(found);
            names = agreed;
            notifyAll();
        }
        return agreed;
    }

    /** Tells that a chunk has been read to its end, or given up. */
    synchronized void finish(long chunk) {
        ahead.add(chunk);
        while (!ahead.isEmpty() && ahead.first() == finished + 1) {
            finished = ahead.pollFirst();
        }
        notifyAll();
    }

    /** {@return the names, empty if no record was read} */
    synchronized List<String> names() {
        return names == null ? List.of() : names;
    }

    /**
     * Checks that a record has some of the rewards, or none of them where it is one of several tasks; a plain number and
     * named numbers do not mix.
     */
    static void check(List<String> names, List<String> found) throws BadRecord {
        boolean plain = names.equals(PLAIN) || found.equals(PLAIN);
        if (plain && !names.equals(found) && !names.isEmpty() && !found.isEmpty()) {
            throw new BadRecord(
                    "reward", "named " + found, "every record has the same rewards, and the first has " + names);
        }
    }
}
