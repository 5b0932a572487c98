package dev.credence.methods.training;

import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import dev.credence.methods.Worded;

/**
 * What a policy-gradient step ascends: Σ m [A·ratio − β·penalty]. Its settings tell PPO, GRPO and their relatives apart.
 *
 * @param baseline taken off the return
 * @param scale what advantages are divided by
 * @param ratio how a policy that has moved since the draw is corrected for
 * @param clip the ratio counts down to 1 − this
 * @param clipHigh and up to 1 + this
 * @param average how tokens are averaged
 * @param kl where the KL penalty stands
 * @param beta its coefficient β
 * @param entropy coefficient of the entropy of whole texts; in the reward
 * @param gamma discount a token
 * @param lambda λ of generalised advantage estimation, where states have values
 */
public record Surrogate(
        @Setting(
                help =
                        "taken off the return: none, batch (mean of all), group (mean of the prompt's), leave-one-out (mean of"
                                + " the prompt's others), value (each prompt's, learned from earlier steps), or value-head (of"
                                + " each state before a token)")
        Baseline baseline,

        Scale scale,

        @Setting(help = "importance ratios: token, or sequence (one a text, its mean over tokens)")
        Ratio ratio,

        @Setting(help = "ratios count within 1 - clip and 1 + clip", range = Range.NOT_NEGATIVE)
        double clip,

        @Setting(help = "the upper bound apart: 1 + clip-high", range = Range.NOT_NEGATIVE)
        double clipHigh,

        Average average,

        @Setting(
                help = "where the KL penalty stands: reward:k1, reward:k3, loss:k1, loss:k2, loss:k3, loss:k3-ratio,"
                        + " mean-token, none")
        KlPlacement kl,

        @Setting(
                help = "KL coefficient; 1/beta copies of the reward, 0 for the limit on the best",
                range = Range.NOT_NEGATIVE)
        double beta,

        @Setting(help = "coefficient of an entropy bonus, of whole texts", range = Range.NOT_NEGATIVE)
        double entropy,

        @Setting(help = "discount a token, in (0, 1]", range = Range.SHARE)
        double gamma,

        @Setting(
                name = "gae-lambda",
                help =
                        "decay of generalised advantage estimation, with baseline value-head: 1 is the return less the value, towards"
                                + " 0 the head speaks for what comes after",
                range = Range.SHARE)
        double lambda) {
    private static final double STANDARD_CLIP = 0.2;
    private static final double STANDARD_LAMBDA = 0.95;

    /** What is taken off the return. */
    public enum Baseline implements Worded {
        /** Nothing. */
        NONE("none"),
        /** The mean of all returns of the step. */
        BATCH_MEAN("batch"),
        /** The mean of the prompt's. */
        GROUP_MEAN("group"),
        /** The mean of the prompt's others (Kool et al. 2019). */
        LEAVE_ONE_OUT("leave-one-out"),
        /** Each prompt's value as earlier steps taught it. */
        VALUE("value"),
        /** The value of each state before a token, of a head that learns it. */
        VALUE_HEAD("value-head");

        private final String word;

        Baseline(String word) {
            this.word = word;
        }

        /** Whether a text is compared with others of its prompt. */
        boolean isOfGroup() {
            return this == GROUP_MEAN || this == LEAVE_ONE_OUT;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** What advantages are divided by. */
    public enum Scale {
        /** Nothing. */
        NONE,
        /** The standard deviation of the prompt's returns. */
        GROUP_STD,
        /** That of all returns of the step. */
        BATCH_STD
    }

    /** How a policy that has moved since the draw is corrected for. */
    public enum Ratio {
        /** On policy: the score function alone. */
        NONE,
        /** Each token's own. */
        TOKEN,
        /** The text's, its geometric mean over tokens (GSPO). */
        SEQUENCE
    }

    /** How tokens are averaged. */
    public enum Average {
        /** Sum over a text's tokens, mean over texts: the gradient of an expectation over texts. */
        SUM,
        /** Mean over a text's tokens, then over texts. */
        PER_SEQUENCE,
        /** Mean over all tokens. */
        PER_TOKEN,
        /** Sum over a text's tokens over the horizon, a constant. */
        CONSTANT
    }

    /**
     * Checks the settings.
     *
     * @param baseline any
     * @param scale any
     * @param ratio any
     * @param clip finite, at least 0
     * @param clipHigh finite, at least 0
     * @param average any
     * @param kl any
     * @param beta finite, at least 0
     * @param entropy finite, at least 0
     * @param gamma in (0, 1]
     * @param lambda in (0, 1]
     */
    public Surrogate {
        Settings.check(
                Surrogate.class, baseline, scale, ratio, clip, clipHigh, average, kl, beta, entropy, gamma, lambda);
    }

    /** On policy, unscaled, summed over tokens, at β = 1: what the presets start from. */
    static Surrogate onPolicy(Baseline baseline, KlPlacement kl) {
        return new Surrogate(
                baseline,
                Scale.NONE,
                Ratio.NONE,
                STANDARD_CLIP,
                STANDARD_CLIP,
                Average.SUM,
                kl,
                1,
                0,
                1,
                STANDARD_LAMBDA);
    }

    /** A copy in which one component is another. */
    Surrogate with(String component, Object value) {
        return Settings.of(Surrogate.class).with(this, component, value);
    }

    /** Plain policy gradient with a leave-one-out baseline. */
    static Surrogate plain(KlPlacement placement, double beta) {
        return onPolicy(Baseline.LEAVE_ONE_OUT, placement).withBeta(beta);
    }

    Surrogate withBeta(double other) {
        return new Surrogate(baseline, scale, ratio, clip, clipHigh, average, kl, other, entropy, gamma, lambda);
    }

    /** Penalties in the loss see single tokens where tokens are what is averaged; else whole texts. */
    boolean penalisesTokens() {
        return average != Average.SUM;
    }
}
