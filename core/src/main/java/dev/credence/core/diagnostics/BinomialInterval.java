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
        double lower = successes == 0
                ? 0
                : new BetaDistribution(successes, trials - successes + 1.0).inverseCumulativeProbability(TAIL);
        double upper = successes == trials
                ? 1
                : new BetaDistribution(successes + 1.0, trials - successes).inverseCumulativeProbability(1 - TAIL);
        return new double[] {lower, (double) successes / trials, upper};
    }
}
