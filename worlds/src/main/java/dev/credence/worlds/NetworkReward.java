package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reward of a network: a table over visible variables, or a function of the text.
 *
 * @param name its name
 * @param of variables, in the order of the table's keys; empty for a reward of the text
 * @param table (assignments of them, the last one's values side by side)
 * @param text of the text, or null
 * @param line where it is written, 0 where nowhere
 */
record NetworkReward(
        String name,
        List<Integer> of,
        List<Double> table,
        @Nullable RewardFunction text,
        long line) {
    NetworkReward {
        of = List.copyOf(of);
        table = List.copyOf(table);
    }

    boolean isOfText() {
        return text != null;
    }

    /** The value for some values of all variables; those it does not read may hold anything. */
    double value(int[] assignment, List<Variable> all) {
        int at = 0;
        for (int variable : of) {
            at = at * all.get(variable).values().size() + assignment[variable];
        }
        return table.get(at);
    }
}
