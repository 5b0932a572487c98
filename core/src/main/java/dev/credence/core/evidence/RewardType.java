package dev.credence.core.evidence;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a reward is. Only reward/β is identified by a policy; what "n copies" means depends on this, so it decides the
 * words of a report, never a number (docs/theory.md#what-copies-mean).
 */
public enum RewardType {
    /** (a) log p(O|x): optimum at β is exactly 1/β independent copies of the observation O. */
    LOG_PROBABILITY,
    /** (b) an approval probability in [0, 1], 0/1 included: Poisson(1/β) independent raters all approve. */
    PROBABILITY,
    /** (c) a Bradley–Terry logit: 1/β successive rounds of Luce choice from an unlimited pool. */
    LOGIT,
    /** (d) a number of unspecified or whitened scale: only copies times the reward's deviation mean anything. */
    SCORE;

    /** {@return its name as settings and records write it, such as {@code log-probability}} */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * A type by its word.
     *
     * @param word such as {@code log-probability}
     * @return the type
     * @throws IllegalArgumentException naming the words that there are
     */
    public static RewardType of(String word) {
        return Arrays.stream(values())
                .filter(type -> type.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is not one of "
                        + Arrays.stream(values()).map(RewardType::word).collect(Collectors.joining(", "))));
    }
}
