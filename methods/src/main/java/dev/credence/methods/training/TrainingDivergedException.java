package dev.credence.methods.training;

import dev.credence.core.figures.FigureFormat;
import java.util.Locale;

/** A training that cannot go on, or whose result would be worth nothing. */
public final class TrainingDivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** Log-probabilities of the policy's own texts are not finite: neither are its parameters. */
        POLICY(
                "the policy's log-probabilities are not finite",
                "lower lr; if it was low, see whether the reward is finite everywhere"),
        /** The loss is not finite. */
        LOSS("the loss is %s", "lower lr, or raise beta if the rewards are large beside it"),
        /** The gradient is not finite. */
        GRADIENT("the gradient's norm is %s", "lower lr, or raise beta if the rewards are large beside it"),
        /** The policy is too far from the prior. */
        KL(
                "the KL from the prior is %s nats a text, past the limit of %s",
                "lower lr, raise beta, or draw more samples a step; kl-limit moves the limit"),
        /** Reused rollouts say nothing about the policy any more. */
        EFFECTIVE_SAMPLES(
                "importance weights leave %s of the rollouts, less than %s for the third step in a row",
                "lower lr, reuse rollouts in fewer epochs, or draw more samples a step; ess-limit moves the limit");

        private final String words;
        private final String advice;

        Reason(String words, String advice) {
            this.words = words;
            this.advice = advice;
        }

        /** {@return what to try} */
        public String advice() {
            return advice;
        }

        /** {@return the name in files, such as {@code effective-samples}} */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** At which it was seen. */
    private final long step;

    /** The cause. */
    private final Reason why;

    /** The figure that shows it. */
    private final double value;

    /** That it is past. */
    private final double limit;

    /**
     * A divergence.
     *
     * @param step at which it was seen
     * @param why the cause
     * @param value the figure that shows it
     * @param limit that it is past; ∞ where it need only be finite
     */
    public TrainingDivergedException(long step, Reason why, double value, double limit) {
        super("training diverged at step " + step + ": " + words(why, value, limit) + "; " + why.advice);
        this.step = step;
        this.why = why;
        this.value = value;
        this.limit = limit;
    }

    private static String words(Reason why, double value, double limit) {
        return String.format(Locale.ROOT, why.words, FigureFormat.inWords(value), FigureFormat.inWords(limit));
    }

    /** {@return the step at which it was seen; what the step before left may be the reason} */
    public long step() {
        return step;
    }

    /** {@return the cause} */
    public Reason why() {
        return why;
    }

    /** {@return the cause with its figures, in words} */
    public String words() {
        return words(why, value, limit);
    }

    /** {@return the figure that shows it} */
    public double value() {
        return value;
    }

    /** {@return the limit that the figure is past} */
    public double limit() {
        return limit;
    }
}
