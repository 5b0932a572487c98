package dev.credence.methods;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Draws a pool from the prior and keeps one of it: the best, one of the best, or one by Luce's choice.
 *
 * @param <T> what is drawn
 */
public final class PoolSampler<T> implements Sampler<T> {
    private final Sampler<T> prior;
    private final int size;
    private final Pick<T> pick;

    private PoolSampler(Sampler<T> prior, int size, Pick<T> pick) {
        if (!(size >= 1)) {
            throw new IllegalArgumentException("pool size is " + size + "; it must be at least 1");
        }
        this.prior = prior;
        this.size = size;
        this.pick = pick;
    }

    /** The score by which a text competes, drawn anew each time. */
    @FunctionalInterface
    private interface Pick<T> {
        double score(T text, RandomGenerator random);
    }

    /**
     * Keeps the text of the largest reward; of equal ones the first, which as draws are exchangeable splits ties in the
     * prior's ratios.
     *
     * @param prior draws from the prior
     * @param n size of the pool, ≥ 1
     * @param reward of a text
     * @param <T> what is drawn
     * @return best-of-n
     */
    public static <T> PoolSampler<T> bestOf(Sampler<T> prior, int n, ToDoubleFunction<? super T> reward) {
        return new PoolSampler<>(prior, n, (text, random) -> reward.applyAsDouble(text));
    }

    /**
     * Keeps one text with odds e^logit, by the Gumbel trick.
     *
     * @param prior draws from the prior
     * @param n size of the pool, ≥ 1
     * @param logit of a text
     * @param <T> what is drawn
     * @return one round of Luce's choice; reading (c)
     */
    public static <T> PoolSampler<T> luce(Sampler<T> prior, int n, ToDoubleFunction<? super T> logit) {
        return new PoolSampler<>(
                prior, n, (text, random) -> logit.applyAsDouble(text) - Math.log(random.nextExponential()));
    }

    /**
     * Keeps one of the best of the pool, each alike; where their number is odd, the last of them by the odd part.
     *
     * @param prior draws from the prior
     * @param n size of the pool, ≥ 1
     * @param kept how many are the best, above 0 and at most n
     * @param reward of a text
     * @param <T> what is drawn
     * @return the quantilizer of share kept/n, as a pool knows it
     * @throws IllegalArgumentException if kept is not in (0, n]
     */
    public static <T> Sampler<T> amongBest(Sampler<T> prior, int n, double kept, ToDoubleFunction<? super T> reward) {
        if (!(kept > 0 && kept <= n)) {
            throw new IllegalArgumentException("kept is " + kept + " of " + n + "; it must be above 0 and at most n");
        }
        return random -> {
            List<Scored<T>> pool = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                T text = prior.sample(random);
                pool.add(new Scored<>(text, reward.applyAsDouble(text)));
            }
            pool.sort((a, b) -> Double.compare(b.score, a.score)); // stable: equal ones stay in their random order
            return pool.get(Math.min(n - 1, (int) (random.nextDouble() * kept))).text;
        };
    }

    private record Scored<T>(T text, double score) {}

    @Override
    public T sample(RandomGenerator random) {
        T kept = prior.sample(random);
        double best = pick.score(kept, random);
        for (int i = 1; i < size; i++) {
            T text = prior.sample(random);
            double score = pick.score(text, random);
            if (score > best) {
                kept = text;
                best = score;
            }
        }
        return kept;
    }
}
