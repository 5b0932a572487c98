package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.LogSum;

/**
 * Luce's choice from a pool: L(x) = E[w(x) / (w(x) + Σ of k−1 other draws' w)], w = e^(λr) (docs/theory.md#reading-c).
 *
 * <p>As an integral: L(x) = ∫ w(x) e^(−w(x)t) φ(t)^(k−1) dt with φ(t) = E_π0 e^(−wt). With t = e^y the integrand is analytic
 * in a strip of half-width π/2, so the trapezoid rule's error is of the order e^(−π²/step): 1e-17 here. Linear in the number
 * of distinct rewards.
 *
 * @param k the pool's size, the chosen included
 * @param lambda what rewards are multiplied with
 */
record LucePool(double k, double lambda) implements RewardLikelihood {
    private static final double STEP = 0.25;
    private static final double LOG_NEGLIGIBLE = -40;
    /** From e^5 on e^(−wt) is below 1e-64. */
    private static final double LOG_DECAYED = 5;

    LucePool {
        if (!(k >= 1 && k < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("k is " + k + "; a pool must have at least one member, finitely many");
        }
        if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite and at least 0");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        RewardLevels levels = RewardLevels.of(reward, priorProbability);
        int barred = levels.reward(0) == Double.NEGATIVE_INFINITY ? 1 : 0;
        double[] logLikelihood = new double[levels.count()];
        if (barred == 1) {
            logLikelihood[0] = Double.NEGATIVE_INFINITY;
        }
        if (barred < levels.count()) {
            integrate(levels, barred, logLikelihood);
        }
        return levels.toAtoms(logLikelihood);
    }

    @Override
    public String describe() {
        return lambda == 1
                ? "being chosen from a pool of " + FigureFormat.inWords(k)
                        + " draws from the prior, by Luce's rule on the reward"
                : "being chosen from a pool of " + FigureFormat.inWords(k) + " draws from the prior, with odds e^("
                        + FigureFormat.inWords(lambda) + " r)";
    }

    /**
     * The integral at every level from {@code barred} up. Going up in y the levels leave φ from the best down. A level
     * matters from where its w·t is not negligible to where its decay is; until then its integrand is e^y φ^(k−1) times
     * its w, whatever the level, and that sum is shared. Rewards may lie as far apart as they like: after each gap y is counted
     * from the level that comes next, so that steps are not lost in its rounding.
     */
    private void integrate(RewardLevels levels, int barred, double[] logLikelihood) {
        LogSum[] sums = new LogSum[levels.count()];
        LogSum shared = new LogSum();
        int from = levels.count(); // levels from here on have begun to decay
        int to = levels.count(); // levels from here on have decayed
        int origin = to - 1; // y = 0 where this level's w·t is 1
        double y = LOG_NEGLIGIBLE - Math.log(k);
        while (to > barred) {
            if (from == to
                    && begin(levels, to - 1, origin) > y) { // nothing decays here: on to the next level's stretch
                LogSum moved = new LogSum();
                moved.add(shared.value() + logWeight(levels, to - 1, origin));
                shared = moved;
                origin = to - 1;
                y = LOG_NEGLIGIBLE - Math.log(k);
            }
            while (from > barred && begin(levels, from - 1, origin) <= y) {
                sums[--from] = new LogSum();
                sums[from].add(shared);
            }
            double decayed = 0; // φ − 1
            double left = levels.below(from); // φ
            for (int g = from; g < to; g++) {
                double expm1 = Math.expm1(-Math.exp(logWeight(levels, g, origin) + y));
                decayed += levels.mass(g) * expm1;
                left += levels.mass(g) * (1 + expm1);
            }
            decayed -= to == levels.count() ? 0 : levels.mass(to) + levels.above(to);
            double logPhi = decayed > -0.5 ? Math.log1p(decayed) : Math.log(left);
            double common = y + (k == 1 ? 0 : (k - 1) * logPhi);
            shared.add(common);
            for (int g = from; g < to; g++) {
                sums[g].add(common - Math.exp(logWeight(levels, g, origin) + y));
            }
            while (to > from && logWeight(levels, to - 1, origin) + y > LOG_DECAYED) {
                to--;
                logLikelihood[to] = logWeight(levels, to, origin) + Math.log(STEP) + sums[to].value();
            }
            y += STEP;
        }
    }

    /** log w of a level, less that of another. */
    private double logWeight(RewardLevels levels, int level, int origin) {
        return lambda * (levels.reward(level) - levels.reward(origin));
    }

    private double begin(RewardLevels levels, int level, int origin) {
        return LOG_NEGLIGIBLE - Math.log(k) - logWeight(levels, level, origin);
    }
}
