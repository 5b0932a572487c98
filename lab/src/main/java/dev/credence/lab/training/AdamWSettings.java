package dev.credence.lab.training;

import static dev.credence.lab.training.CorpusTrainingSettings.require;

import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import java.util.Map;

/**
 * AdamW with a rate that rises on a line, then falls along half a cosine.
 *
 * @param lr learning rate at its peak; finite and > 0, standard: 0.001
 * @param warmup steps in which the rate rises from 0 to the peak; standard: 50
 * @param finalLr share of the peak that is left at the last step, in [0, 1]; standard: 0
 * @param weightDecay decoupled decay of matrices, biases and normalisations having none; standard: 0.01
 * @param beta1 decay of the first moment, in [0, 1); standard: 0.9
 * @param beta2 decay of the second moment, in [0, 1); standard: 0.999
 * @param clip Euclidean norm that a longer gradient is scaled down to, ∞ for none; standard: 1
 */
public record AdamWSettings(
        double lr, long warmup, double finalLr, double weightDecay, double beta1, double beta2, double clip) {
    private static final double EPSILON = 1e-8;

    /**
     * Checks each setting.
     *
     * @param lr as above
     * @param warmup as above
     * @param finalLr as above
     * @param weightDecay as above
     * @param beta1 as above
     * @param beta2 as above
     * @param clip as above
     * @throws dev.credence.core.provenance.InputException naming the setting, its value and the rule
     */
    public AdamWSettings {
        require(lr > 0 && lr < Double.POSITIVE_INFINITY, "lr", lr, "it must be finite and > 0");
        require(warmup >= 0, "warmup", warmup, "it must be 0 or more");
        require(finalLr >= 0 && finalLr <= 1, "final-lr", finalLr, "it must be in [0, 1]");
        require(weightDecay >= 0, "weight-decay", weightDecay, "it must be 0 or more");
        require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "it must be in [0, 1)");
        require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "it must be in [0, 1)");
        require(clip > 0, "clip", clip, "it must be a number > 0, or inf");
    }

    /** {@return the standard of each} */
    public static AdamWSettings standard() {
        return new AdamWSettings(0.001, 50, 0, 0.01, 0.9, 0.999, 1);
    }

    /**
     * The same but for the rate.
     *
     * @param peak the highest
     * @param rising steps in which it rises
     * @param left share of the peak at the last step
     * @return the settings
     */
    public AdamWSettings rate(double peak, long rising, double left) {
        return new AdamWSettings(peak, rising, left, weightDecay, beta1, beta2, clip);
    }

    /**
     * The same but for the decay of matrices.
     *
     * @param other decoupled
     * @return the settings
     */
    public AdamWSettings weightDecay(double other) {
        return new AdamWSettings(lr, warmup, finalLr, other, beta1, beta2, clip);
    }

    /**
     * The same but for the moments.
     *
     * @param first decay of the first
     * @param second decay of the second
     * @return the settings
     */
    public AdamWSettings moments(double first, double second) {
        return new AdamWSettings(lr, warmup, finalLr, weightDecay, first, second, clip);
    }

    /**
     * The same but for long gradients.
     *
     * @param norm that they are scaled down to; ∞ leaves them
     * @return the settings
     */
    public AdamWSettings clip(double norm) {
        return new AdamWSettings(lr, warmup, finalLr, weightDecay, beta1, beta2, norm);
    }

    /**
     * The optimiser of a run of so many steps.
     *
     * @param steps over which the rate rises and falls
     * @return the optimiser
     */
    public Optimiser over(long steps) {
        LearningRate rate = LearningRate.cosine(lr, warmup, steps, finalLr);
        return new Optimiser(Optimiser.Rule.ADAMW, rate, beta1, beta2, EPSILON, weightDecay, clip, 0);
    }

    /**
     * What {@link #nameIn} wrote.
     *
     * @param settings by name
     * @return the settings
     */
    public static AdamWSettings ofNamed(Map<String, String> settings) {
        NamedSettings of = new NamedSettings(settings);
        AdamWSettings standard = standard();
        return new AdamWSettings(
                of.real("lr", standard.lr),
                of.whole("warmup", standard.warmup),
                of.real("final-lr", standard.finalLr),
                of.real("weight-decay", standard.weightDecay),
                of.real("beta1", standard.beta1),
                of.real("beta2", standard.beta2),
                of.real("clip", standard.clip));
    }

    /**
     * Writes each down by its name in a run's record.
     *
     * @param settings takes each
     */
    public void nameIn(Map<String, String> settings) {
        settings.put("lr", Double.toString(lr));
        settings.put("warmup", Long.toString(warmup));
        settings.put("final-lr", Double.toString(finalLr));
        settings.put("weight-decay", Double.toString(weightDecay));
        settings.put("beta1", Double.toString(beta1));
        settings.put("beta2", Double.toString(beta2));
        settings.put("clip", clip == Double.POSITIVE_INFINITY ? "inf" : Double.toString(clip));
    }
}
