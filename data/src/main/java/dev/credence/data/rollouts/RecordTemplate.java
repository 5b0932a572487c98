package dev.credence.data.rollouts;

import java.util.Arrays;
import java.util.List;

/**
 * The shape of a record: the bytes between its values, and what each value is. A line of the same shape is read by
 * comparing the bytes between and scanning the values, with no look at names. Anything unusual is refused, never guessed.
 */
final class RecordTemplate {
    /** A value that nobody wants. */
    static final int SKIP = -1;

    /** Kinds of slots: ordinals of {@link Field}, or SKIP. */
    private final int[] kinds;

    /** For a reward its position in the rewards. */
    private final int[] rewards;

    /** Position in the extras, or −1. */
    private final int[] extras;

    private final byte[][] between;
    private final List<String> rewardNames;

    /**
     * A shape.
     *
     * @param slots what the values are
     * @param between the bytes before, between and behind them, one more than there are slots
     * @param rewardNames the names of the rewards in their order
     */
    RecordTemplate(List<Slot> slots, List<byte[]> between, List<String> rewardNames) {
        this.kinds = slots.stream().mapToInt(Slot::kind).toArray();
        this.rewards = slots.stream().mapToInt(Slot::reward).toArray();
        this.extras = slots.stream().mapToInt(Slot::extra).toArray();
        this.between = between.toArray(new byte[0][]);
        this.rewardNames = rewardNames;
    }

    /**
     * One value of a shape.
     *
     * @param kind ordinal of the field, or SKIP
     * @param reward position of a reward, or −1
     * @param extra position of a number read by name, or −1
     */
    record Slot(int kind, int reward, int extra) {}

    boolean sameShape(RecordTemplate other) {
        return Arrays.equals(kinds, other.kinds) && Arrays.deepEquals(between, other.between);
    }

    /**
     * Reads a record of this shape.
     *
     * @param values reads the values
     * @param b the chunk
     * @param from start of the line
     * @param limit end of the chunk
     * @param record what to fill
     * @return the end of the line, or −1 if it is not of this shape or has a value that is for the slow parser to judge
     */
    int match(SlotReader values, byte[] b, int from, int limit, RolloutRecord record) {
        record.clear(b);
        record.rewardNames = rewardNames;
        int p = from;
        for (int i = 0; i < kinds.length; i++) {
            p = literal(between[i], b, p, limit);
            if (p < 0) {
                return -1;
            }
            p = extras[i] < 0
                    ? values.read(kinds[i], rewards[i], p, record)
                    : values.readExtra(kinds[i], rewards[i], extras[i], p, record);
            if (p < 0) {
                return -1;
            }
        }
        p = literal(between[kinds.length], b, p, limit);
        if (p < 0) {
            return -1;
        }
        while (p < limit && b[p] != '\n') {
            if (b[p] != ' ' && b[p] != '\t' && b[p] != '\r') {
                return -1;
            }
            p++;
        }
        return record.isPlain() ? p : -1;
    }

    private static int literal(byte[] literal, byte[] b, int p, int limit) {
        int length = literal.length;
        if (p + length > limit) {
            return -1;
        }
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            if (JsonBytes.word(literal, i) != JsonBytes.word(b, p + i)) {
                return -1;
            }
        }
        for (; i < length; i++) {
            if (literal[i] != b[p + i]) {
                return -1;
            }
        }
        return p + length;
    }
}
