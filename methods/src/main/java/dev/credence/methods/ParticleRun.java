package dev.credence.methods;

import dev.credence.core.diagnostics.EffectiveSampleSize;
import dev.credence.core.probability.LogMath;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One run of sequential Monte Carlo: weighted completions of one prompt, and what it makes of log Z.
 *
 * @param texts (K) completions; equal beginnings come of resampling
 * @param logWeights (K) nats, up to a constant; −∞ of what the evidence excludes
 * @param logPartition log of the unbiased estimate of Z, nats; −∞ where every particle is excluded
 * @param resamplings how often particles were resampled
 * @param tokens drawn by all particles
 */
@SuppressWarnings("ArrayRecordComponent")
public record ParticleRun(
        List<ConditionedModel.Text> texts, double[] logWeights, double logPartition, int resamplings, long tokens) {
    /**
     * Copies the list.
     *
     * @param texts as above
     * @param logWeights as above
     * @param logPartition as above
     * @param resamplings as above
     * @param tokens as above
     */
    public ParticleRun {
        texts = List.copyOf(texts);
    }

    /** {@return how many equally weighted particles the last ones are worth} */
    public double effectiveSize() {
        return EffectiveSampleSize.ofLogWeights(logWeights);
    }

    /** {@return whether some particle has the evidence} */
    public boolean isAlive() {
        return logPartition > Double.NEGATIVE_INFINITY;
    }

    /**
     * Draws one particle by weight: a draw of the method's own distribution.
     *
     * @param random source of randomness
     * @return a text
     * @throws IllegalStateException if every particle is excluded
     */
    public ConditionedModel.Text draw(RandomGenerator random) {
        if (!isAlive()) {
            throw new IllegalStateException("every particle is excluded; there is none to draw");
        }
        double total = LogMath.logSumExp(logWeights);
        double u = random.nextDouble();
        int last = 0;
        for (int k = 0; k < logWeights.length; k++) {
            double weight = Math.exp(logWeights[k] - total);
            if (weight > 0) {
                last = k;
                u -= weight;
                if (u < 0) {
                    break;
                }
            }
        }
        return texts.get(last);
    }
}
