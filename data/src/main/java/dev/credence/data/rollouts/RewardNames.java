package dev.credence.data.rollouts;

import java.util.ArrayList;
import java.util.List;

/**
 * The names of a log's rewards.
 *
 * @param own those of its records
 * @param computed those computed while reading
 */
record RewardNames(List<String> own, List<String> computed) {
    RewardNames {
        own = List.copyOf(own);
        computed = List.copyOf(computed);
    }

    /** All, the log's own first. */
    List<String> all() {
        List<String> all = new ArrayList<>(own);
        all.addAll(computed);
        return List.copyOf(all);
    }

    /** How many, from the first, may have decided which draws were kept: the log's own, where it has any. */
    int deciding() {
        return own.isEmpty() ? computed.size() : own.size();
    }
}
