package dev.credence.torch.architecture;

import java.util.regex.Pattern;

/**
 * A low-rank adapter to be trained: beside every chosen projection W stands s·B·A with s = α / r (Hu et al. 2022, LoRA) or
 * α / √r (rank-stabilised: Kalajdzievski 2023). A begins uniform in ±1/√in, B zero, so that the policy begins as its base.
 *
 * @param rank r, at least 1
 * @param alpha α
 * @param rankStabilised whether the scale is α / √r
 * @param targets found in the stored names of the projections that are adapted
 */
public record LoraSettings(int rank, double alpha, boolean rankStabilised, Pattern targets) {
    /**
     * Checks rank and alpha.
     *
     * @param rank as above
     * @param alpha as above
     * @param rankStabilised as above
     * @param targets as above
     * @throws IllegalArgumentException naming the setting, its value and the rule
     */
    public LoraSettings {
        if (!(rank >= 1)) {
            throw new IllegalArgumentException("rank is " + rank + "; it must be at least 1");
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha is " + alpha + "; it must be positive");
        }
    }

    /**
     * An adapter on every projection of every block, α = 2r.
     *
     * @param rank r
     * @return the settings
     */
    public static LoraSettings ofRank(int rank) {
        return new LoraSettings(rank, 2.0 * rank, false, Pattern.compile(""));
    }

    /** {@return s} */
    public double scale() {
        return rankStabilised ? alpha / Math.sqrt(rank) : alpha / rank;
    }
}
