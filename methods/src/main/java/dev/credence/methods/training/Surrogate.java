package dev.credence.methods.training;

/**
 * What a policy-gradient step ascends.
 *
 * @param baseline taken off the return
 * @param scale what advantages are divided by
 * @param ratio how a policy that has moved since the draw is corrected for
 * @param clipLow the ratio counts down to 1 − this
 * @param clipHigh and up to 1 + this
 * @param average how tokens are averaged
 * @param placement where the KL penalty stands
 * @param beta its coefficient, ≥ 0
 * @param entropy coefficient of the entropy of whole texts, ≥ 0; in the reward
 * @param gamma discount a token, in (0, 1]
 */
record Surrogate(
        Baseline baseline,
        Scale scale,
        Ratio ratio,
        double clipLow,
        double clipHigh,
        Average average,
        KlPlacement placement,
        double beta,
        double entropy,
        double gamma) {
    enum Baseline {
        NONE,
        BATCH_MEAN,
        GROUP_MEAN,
        LEAVE_ONE_OUT,
        /** Each prompt's value as earlier steps taught it. */
        VALUE
    }

    enum Scale {
        NONE,
        GROUP_STD,
        BATCH_STD
    }

    enum Ratio {
        /** On policy: the score function alone. */
        NONE,
        /** Each token's own. */
        TOKEN,
        /** The text's, its geometric mean over tokens (GSPO). */
        SEQUENCE
    }

    enum Average {
        /** Sum over a text's tokens, mean over texts: the gradient of an expectation over texts. */
        SUM,
        /** Mean over a text's tokens, then over texts. */
        PER_SEQUENCE,
        /** Mean over all tokens. */
        PER_TOKEN,
        /** Sum over a text's tokens over the horizon, a constant. */
        CONSTANT
    }

    Surrogate {
        require(clipLow >= 0 && clipHigh >= 0, "clip", Math.min(clipLow, clipHigh), "at least 0");
        require(beta >= 0 && beta < Double.POSITIVE_INFINITY, "beta", beta, "finite and at least 0");
        require(entropy >= 0 && entropy < Double.POSITIVE_INFINITY, "entropy", entropy, "finite and at least 0");
        require(gamma > 0 && gamma <= 1, "gamma", gamma, "in (0, 1]");
    }

    private static void require(boolean good, String name, double value, String rule) {
        if (!good) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
        }
    }

    /** Plain policy gradient with a leave-one-out baseline. */
    static Surrogate plain(KlPlacement placement, double beta) {
        return new Surrogate(
                Baseline.LEAVE_ONE_OUT,
                Scale.NONE,
                Ratio.NONE,
                Double.POSITIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                Average.SUM,
                placement,
                beta,
                0,
                1);
    }

    Surrogate withBeta(double other) {
        return new Surrogate(baseline, scale, ratio, clipLow, clipHigh, average, placement, other, entropy, gamma);
    }

    /** Penalties in the loss see single tokens where tokens are what is averaged; else whole texts. */
    boolean penalisesTokens() {
        return average != Average.SUM;
    }
}
