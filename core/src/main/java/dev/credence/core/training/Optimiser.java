package dev.credence.core.training;

/**
 * How a gradient becomes a step.
 *
 * @param rule which one
 * @param rate learning rate by step
 * @param beta1 decay of the first moment (ADAM, ADAMW), momentum of SGD
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled decay (ADAMW) of the parameters that are decayed
 * @param clip Euclidean norm the gradient is scaled down to; ∞ leaves it
 * @param average decay of the exponential moving average of the parameters; 0 keeps none
 */
public record Optimiser(
        Rule rule,
        LearningRate rate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double clip,
        double average) {
    /** The rules. */
    public enum Rule {
        /** Adam with decoupled weight decay: Loshchilov and Hutter 2019. */
        ADAMW,
        /** Kingma and Ba 2015. */
        ADAM,
        /** Gradient ascent with momentum. */
        SGD,
        /** The gradient by the inverse Fisher matrix (Amari 1998); on tables only. */
        NATURAL
    }

    /**
     * Checks the settings.
     *
     * @param rule as above
     * @param rate as above
     * @param beta1 as above
     * @param beta2 as above
     * @param epsilon as above
     * @param weightDecay as above
     * @param clip as above
     * @param average as above
     * @throws IllegalArgumentException naming the setting, its value and the rule
     */
    public Optimiser {
        require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "in [0, 1)");
        require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "in [0, 1)");
        require(epsilon > 0, "epsilon", epsilon, "> 0");
        require(weightDecay >= 0, "weightDecay", weightDecay, "at least 0");
        require(rule == Rule.ADAMW || weightDecay == 0, "weightDecay", weightDecay, "0 unless the rule is ADAMW");
        require(clip > 0, "clip", clip, "> 0");
        require(average >= 0 && average < 1, "average", average, "in [0, 1)");
    }

    /**
     * AdamW as tuning uses it: moments 0.9 and 0.999, epsilon 1e-8, no decay, gradients clipped to norm 1.
     *
     * @param rate learning rate by step
     * @return the settings
     */
    public static Optimiser adamW(LearningRate rate) {
        return new Optimiser(Rule.ADAMW, rate, 0.9, 0.999, 1e-8, 0, 1, 0);
    }

    /**
     * Plain gradient ascent, unclipped.
     *
     * @param rate learning rate by step
     * @return the settings
     */
    public static Optimiser sgd(LearningRate rate) {
        return new Optimiser(Rule.SGD, rate, 0, 0, 1e-8, 0, Double.POSITIVE_INFINITY, 0);
    }

    /**
     * Natural gradient ascent, unclipped; mirror descent on a table.
     *
     * @param rate step size η
     * @return the settings
     */
    public static Optimiser natural(LearningRate rate) {
        return new Optimiser(Rule.NATURAL, rate, 0, 0, 1e-8, 0, Double.POSITIVE_INFINITY, 0);
    }

    private static void require(boolean good, String name, double value, String rule) {
        if (!good) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
        }
    }
}
