package dev.credence.torch.layers;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Role;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * One block: attention and feed-forward, each after a normalisation and added to the residual stream.
 *
 * <p>Letters of the shapes: n sequences, c new tokens of each, H query heads, G key-value heads, h their width, t tokens
 * read before, d the residual stream's width.
 */
public final class Block {
    private final Architecture a;
    private final int layer;
    private final NormLayer attentionNorm;
    private final Linear attentionIn;
    private final @Nullable NormLayer queryNorm;
    private final @Nullable NormLayer keyNorm;
    private final Linear attentionOut;
    private final NormLayer feedForwardNorm;
    private final Linear feedForwardIn;
    private final Linear feedForwardOut;
    private final DoubleOptional scale;

    Block(Architecture architecture, ModelWeights weights, int layer) {
        this.a = architecture;
        this.layer = layer;
        this.attentionNorm = weights.norm(Role.ATTENTION_NORM, Role.ATTENTION_NORM_BIAS, layer);
        this.attentionIn = weights.linear(Role.ATTENTION_IN, Role.ATTENTION_IN_BIAS, layer);
        this.queryNorm = a.attention().headNorm() ? weights.norm(Role.QUERY_NORM, null, layer) : null;
        this.keyNorm = a.attention().headNorm() ? weights.norm(Role.KEY_NORM, null, layer) : null;
        this.attentionOut = weights.linear(Role.ATTENTION_OUT, Role.ATTENTION_OUT_BIAS, layer);
        this.feedForwardNorm = weights.norm(Role.FEED_FORWARD_NORM, Role.FEED_FORWARD_NORM_BIAS, layer);
        this.feedForwardIn = weights.linear(Role.FEED_FORWARD_IN, Role.FEED_FORWARD_IN_BIAS, layer);
        this.feedForwardOut = weights.linear(Role.FEED_FORWARD_OUT, Role.FEED_FORWARD_OUT_BIAS, layer);
        this.scale = weights.own(new DoubleOptional(a.attention().scale(layer)));
    }

    /**
     * Adds this block's two parts to the residual stream, in place.
     *
     * @param x (n·c, d)
     * @param rows how many sequences and new tokens, where they stand and what they see
     */
    void addTo(Tensor x, Rows rows) {
        Tensor attended = attend(attentionNorm.apply(x), rows);
        if (a.wiring().parallel()) {
            Tensor inner = activate(feedForwardIn.apply(feedForwardNorm.apply(x)));
            attentionOut.addTo(x, attended);
            feedForwardOut.addTo(x, inner);
        } else {
            attentionOut.addTo(x, attended);
            feedForwardOut.addTo(x, activate(feedForwardIn.apply(feedForwardNorm.apply(x))));
        }
    }

    /** (n·c, d) to (n·c, H·h). */
    private Tensor attend(Tensor x, Rows rows) {
        int n = rows.sequences();
        int c = rows.tokens();
        int heads = a.attention().heads();
        int shared = a.attention().keyValueHeads();
        int width = a.attention().headWidth();
        Tensor projected = attentionIn.apply(x).view(n, c, heads + 2 * shared, width); // (n, c, H+2G, h)
        if (queryNorm != null && keyNorm != null) {
            projected.narrow(2, 0, heads).copy_(queryNorm.apply(projected.narrow(2, 0, heads)));
            projected.narrow(2, heads, shared).copy_(keyNorm.apply(projected.narrow(2, heads, shared)));
        }
        rows.rotate(projected, heads + shared);
        if (rows instanceof SharedRows beginnings) {
            return beginnings.attend(projected, heads, scale);
        }
        Tensor byHead = projected.transpose(1, 2); // (n, H+2G, c, h)
        Tensor queries = byHead.narrow(1, 0, heads); // (n, H, c, h)
        Tensor seen = rows.seen(layer, byHead.narrow(1, heads, 2L * shared)); // (n, 2G, t+c, h)
        Tensor keys = seen.narrow(1, 0, shared);
        Tensor values = seen.narrow(1, shared, shared);
        int group = heads / shared;
        if (group > 1 && c == 1) { // the group's heads are so many queries of one head
            Tensor grouped = projected.narrow(2, 0, heads).view(n, shared, group, width);
            return dot(grouped, keys, values, rows).reshape(n, (long) heads * width);
        }
        if (group > 1) {
            keys = spread(keys, group);
            values = spread(values, group);
        }
        return dot(queries, keys, values, rows).transpose(1, 2).reshape((long) n * c, (long) heads * width);
    }

    private Tensor dot(Tensor queries, Tensor keys, Tensor values, Rows rows) {
        TensorOptional mask = rows.mask();
        return torch.scaled_dot_product_attention(queries, keys, values, mask, 0.0, rows.causal(), scale, false);
    }

    /** (n, G, t, h) to (n, H, t, h): each head repeated for its group. */
    static Tensor spread(Tensor shared, long group) {
        if (group == 1) {
            return shared;
        }
        long[] s = {shared.size(0), shared.size(1), shared.size(2), shared.size(3)};
        return shared.unsqueeze(2).expand(s[0], s[1], group, s[2], s[3]).reshape(s[0], s[1] * group, s[2], s[3]);
    }

    private Tensor activate(Tensor inner) {
        if (!a.feedForward().gated()) {
            return nonlinear(inner);
        }
        long half = a.feedForward().width();
        return nonlinear(inner.narrow(1, 0, half)).mul_(inner.narrow(1, half, half));
    }

    private Tensor nonlinear(Tensor x) {
        return switch (a.feedForward().activation()) {
            case GELU -> torch.gelu_(x);
            case GELU_TANH -> GeluTanh.of(x);
            case SILU -> torch.silu_(x);
            case RELU -> torch.relu_(x);
        };
    }
}
