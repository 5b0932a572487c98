package dev.credence.lab.rollouts;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The number of tokens at which texts were cut, where nobody says it: the one that makes the texts likeliest. A text of just
 * so many tokens was cut and has no end; a shorter one ended. Each text that was cut in truth would else have ended where the
 * model ends hardly any, so that a few of them decide.
 *
 * @param tokens the limit; {@link Integer#MAX_VALUE} where no limit is seen
 * @param nats how much likelier the texts are than without a limit
 */
record CutLimit(int tokens, double nats) {
    /** Nats below which the longest text that ended could pass for one that was cut. */
    private static final double ENOUGH = 10;

    /** The likeliest limit for some texts. */
    static CutLimit of(List<TextPaths> texts) {
        Set<Integer> candidates = new TreeSet<>();
        texts.forEach(text -> candidates.addAll(text.lengths()));
        double without = logProb(texts, Integer.MAX_VALUE);
        CutLimit best = new CutLimit(Integer.MAX_VALUE, 0);
        for (int candidate : candidates) {
            double gain = logProb(texts, candidate) - without;
            if (gain > Math.max(best.nats, ENOUGH)) {
                best = new CutLimit(candidate, gain);
            }
        }
        return best;
    }

    private static double logProb(List<TextPaths> texts, int limit) {
        return texts.stream()
                .filter(text -> !text.lengths().isEmpty()) // what no tokens spell speaks for no limit
                .mapToDouble(text -> text.logProb(limit))
                .sum();
    }

    /** Whether there is one. */
    boolean isSeen() {
        return tokens < Integer.MAX_VALUE;
    }
}
