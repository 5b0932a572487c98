package dev.credence.core.diagnostics;

import org.hipparchus.distribution.continuous.BetaDistribution;

/** The exact interval of a share of independent trials, by Clopper and Pearson (1934): it covers at least as often as it says. */
public final class BinomialInterval {
    private static final double TAIL = 0.025;

    private BinomialInterval() {}

    /**
     * The interval at 95 %.
     *
     * @param successes how many trials were successes
     * @param trials how many there were, at least 1
     * @return (lower, share, upper)
     * @throws IllegalArgumentException if there are more successes than trials, fewer than none, or no trial
     */
    public static double[] of(int successes, int trials) {
        if (!(trials >= 1 && successes >= 0 && successes <= trials)) {
            throw new IllegalArgumentException("successes are " + successes + " of " + trials
                    + " trials; there is at least one trial, and no more successes than trials");
        }
        return ofShare((double) successes / trials, trials);
    }

    /**
     * The interval at 95 % of a share that is a weighted mean over strata, by the number of equally weighted trials that are worth as
     * much (Korn and Graubard 1998).
     *
     * @param share of successes, in [0, 1]
     * @param trials effective number, above 0: of strata with weights w and n trials each 1/Σ(w²/n)
     * @return (lower, share, upper)
     * @throws IllegalArgumentException if the share is beyond its bounds or there is no trial
     */
    public static double[] ofShare(double share, double trials) {
        if (!(share >= 0 && share <= 1 && trials > 0)) {
            throw new IllegalArgumentException("the share is " + share + " of " + trials
                    + " trials; a share lies between 0 and 1, and there is more than no trial");
        }
        double successes = share * trials;
        double others = (1 - share) * trials;
        double lower =
                successes == 0 ? 0 : new BetaDistribution(successes, others + 1).inverseCumulativeProbability(TAIL);
        double upper =
                others == 0 ? 1 : new BetaDistribution(successes + 1, others).inverseCumulativeProbability(1 - TAIL);
        return new double[] {Math.min(share, lower), share, Math.max(share, upper)};
    }
}
