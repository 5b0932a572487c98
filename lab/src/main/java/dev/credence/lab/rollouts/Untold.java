package dev.credence.lab.rollouts;

import org.jspecify.annotations.Nullable;

/**
 * A text whose tokens are not told, and what is known of them.
 *
 * @param prompt ids of its prompt
 * @param spelling what they must spell
 * @param most how many they are at most, the end not counted
 * @param finished whether it ended; null where that is not told
 * @param tokens how many they are, the end included; 0 where that is not told
 * @param logProb their log-probability under the model that drew them, nats; NaN where that is not told
 */
@SuppressWarnings("ArrayRecordComponent")
record Untold(
        int[] prompt,
        SpelledText spelling,
        int most,
        @Nullable Boolean finished,
        int tokens,
        double logProb) {
    /** Nats a token by which two ways to compute a log-probability may differ. */
    private static final double TOLERANCE = 0.01;

    /** Whether an end may follow so many tokens, where texts are cut at a limit. */
    boolean mayEnd(int length, int limit) {
        return !Boolean.FALSE.equals(finished) && length < limit && (tokens == 0 || tokens == length + 1);
    }

    /** Whether the text may have been cut behind so many tokens, where texts are cut at a limit. */
    boolean mayBeCut(int length, int limit) {
        if (Boolean.TRUE.equals(finished) || (tokens > 0 && tokens != length)) {
            return false;
        }
        boolean told = Boolean.FALSE.equals(finished) && (tokens > 0 || limit == Integer.MAX_VALUE);
        return told || length == limit;
    }

    /** Whether the known log-probability, if there is one, is this. */
    boolean fits(int length, double candidate) {
        return Math.abs(candidate - logProb) <= TOLERANCE * length;
    }
}
