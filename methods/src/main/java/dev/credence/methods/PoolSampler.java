package dev.credence.methods;

import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** Draws a pool from the prior and keeps one of it: the best, or by Luce's choice. */
public final class PoolSampler implements TextSampler {
    private final TextSampler prior;
    private final int size;
    private final Pick pick;

    private PoolSampler(TextSampler prior, int size, Pick pick) {
        if (!(size >= 1)) {
            throw new IllegalArgumentException("pool size is " + size + "; it must be at least 1");
        }
        this.prior = prior;
        this.size = size;
        this.pick = pick;
    }

    /** The score by which a text competes, drawn anew each time. */
    @FunctionalInterface
    private interface Pick {
        double score(String text, RandomGenerator random);
    }

    /**
     * Keeps the text of the largest reward; of equal ones the first, which as draws are exchangeable splits ties in the
     * prior's ratios.
     *
     * @param prior draws from the prior
     * @param n size of the pool, ≥ 1
     * @param reward of a text
     * @return best-of-n
     */
    public static PoolSampler bestOf(TextSampler prior, int n, ToDoubleFunction<String> reward) {
        return new PoolSampler(prior, n, (text, random) -> reward.applyAsDouble(text));
    }

    /**
     * Keeps one text with odds e^logit, by the Gumbel trick.
     *
     * @param prior draws from the prior
     * @param n size of the pool, ≥ 1
     * @param logit of a text
     * @return one round of Luce's choice; reading (c)
     */
    public static PoolSampler luce(TextSampler prior, int n, ToDoubleFunction<String> logit) {
        return new PoolSampler(
                prior, n, (text, random) -> logit.applyAsDouble(text) - Math.log(random.nextExponential()));
    }

    @Override
    public String sample(RandomGenerator random) {
        String kept = prior.sample(random);
        double best = pick.score(kept, random);
        for (int i = 1; i < size; i++) {
            String text = prior.sample(random);
            double score = pick.score(text, random);
            if (score > best) {
                kept = text;
                best = score;
            }
        }
        return kept;
    }
}
