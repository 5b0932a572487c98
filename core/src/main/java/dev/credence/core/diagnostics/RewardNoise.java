package dev.credence.core.diagnostics;

/**
 * What independent noise in the recorded reward does to a slope on it: it shrinks by the share of the reward's variance
 * that is real.
 *
 * @param variance of the reward without noise, positive
 * @param noiseVariance τ², not negative
 */
public record RewardNoise(double variance, double noiseVariance) {
    /**
     * Noise of a known size.
     *
     * @param variance of the reward without noise, positive and finite
     * @param noiseVariance τ², not negative
     * @throws IllegalArgumentException if one is out of its range or NaN
     */
    public RewardNoise {
        if (!(variance > 0 && variance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("variance is " + variance + "; it must be finite and positive");
        }
        if (!(noiseVariance >= 0)) {
            throw new IllegalArgumentException("noiseVariance is " + noiseVariance + "; it must not be negative");
        }
    }

    /**
     * Noise of a known size in a reward whose recorded variance is known.
     *
     * @param recordedVariance of the reward with its noise
     * @param noiseVariance τ², not negative and below the recorded variance
     * @return the noise
     * @throws IllegalArgumentException if the noise leaves nothing of the variance, or a number is NaN
     */
    public static RewardNoise ofRecorded(double recordedVariance, double noiseVariance) {
        return new RewardNoise(recordedVariance - noiseVariance, noiseVariance);
    }

    /** {@return the factor by which a slope shrinks, in [0, 1]} */
    public double attenuation() {
        return variance / (variance + noiseVariance);
    }

    /**
     * The slope that is found where the true one is known.
     *
     * @param slope λ
     * @return λ Var/(Var + τ²)
     */
    public double attenuated(double slope) {
        return slope * attenuation();
    }

    /**
     * The true slope where the found one is known.
     *
     * @param attenuatedSlope the slope on the noisy reward
     * @return the slope on the reward itself
     */
    public double corrected(double attenuatedSlope) {
        return attenuatedSlope / attenuation();
    }
}
