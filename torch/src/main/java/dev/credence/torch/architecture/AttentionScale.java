package dev.credence.torch.architecture;

/**
 * What a block's attention scores, products of queries and keys, are multiplied by.
 *
 * @param byWidth whether by 1 / √headWidth (Vaswani et al. 2017, eq. 1)
 * @param byLayer whether by 1 / (layer + 1) too, layers counted from 0 (GPT-2's scale_attn_by_inverse_layer_idx)
 */
public record AttentionScale(boolean byWidth, boolean byLayer) {
    /** The usual one. */
    public static final AttentionScale BY_WIDTH = new AttentionScale(true, false);

    double of(int headWidth, int layer) {
        double width = byWidth ? 1 / Math.sqrt(headWidth) : 1;
        return byLayer ? width / (layer + 1) : width;
    }
}
