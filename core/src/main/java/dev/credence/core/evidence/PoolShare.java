package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.hipparchus.special.Gamma;

/**
 * Being among the best {@code kept} of a pool of draws, what a quantilizer that knows the prior by draws alone conditions on.
 * A draw with the share v of the prior above it has Binomial(pool − 1, v) better ones in its pool; it is kept where they are fewer
 * than {@code kept}, and by the odd part of {@code kept} where they are just as many. Of a level the mean over its stretch of v.
 * Its partition is kept/pool; as the pool grows it tends to the top quantile of that share.
 *
 * @param kept draws of a pool that are kept, whole or not
 * @param pool draws of a pool
 */
record PoolShare(double kept, int pool) implements RewardLikelihood {
    private static final int PANELS = 16;
    private static final GaussIntegrator RULE = new GaussIntegratorFactory().legendre(20, 0, 1);

    PoolShare {
        if (!(kept > 0 && kept <= pool)) {
            throw new IllegalArgumentException(
                    "kept is " + kept + " of a pool of " + pool + "; it must be above 0 and at most the pool");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        RewardLevels levels = RewardLevels.of(reward, priorProbability);
        double[] ofLevel = new double[levels.count()];
        for (int g = 0; g < ofLevel.length; g++) {
            ofLevel[g] = Math.log(ofLevel(levels.above(g), levels.mass(g)));
        }
        return levels.toAtoms(ofLevel);
    }

    private double ofLevel(double above, double mass) {
        if (kept == pool) {
            return 1;
        }
        double width = mass / PANELS;
        double sum = 0;
        for (int panel = 0; panel < PANELS; panel++) {
            double from = above + panel * width;
            sum += RULE.integrate(t -> among(Math.min(1, from + t * width)));
        }
        return sum / PANELS;
    }

    /** Probability of being kept with a share v above. */
    private double among(double v) {
        int whole = (int) Math.floor(kept);
        double sum = 0;
        for (int better = 0; better < whole; better++) {
            sum += binomial(better, v);
        }
        return kept > whole ? sum + (kept - whole) * binomial(whole, v) : sum;
    }

    /** Probability that so many of the others are better. */
    private double binomial(int better, double v) {
        int others = pool - 1;
        if (better > others) {
            return 0;
        }
        double log =
                Gamma.logGamma(others + 1.0) - Gamma.logGamma(better + 1.0) - Gamma.logGamma(others - better + 1.0);
        log += better == 0 ? 0 : better * Math.log(v);
        log += better == others ? 0 : (others - better) * Math.log1p(-v);
        return Math.exp(log);
    }

    @Override
    public String describe() {
        return "being among the best " + FigureFormat.inWords(kept) + " of " + pool + " draws from the prior";
    }
}
