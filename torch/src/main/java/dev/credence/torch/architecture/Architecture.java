package dev.credence.torch.architecture;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer in numbers and switches: what GPT-2, GPT-NeoX, Llama, Qwen2 and Qwen3 have in common, and
 * where they differ.
 *
 * @param vocabulary V, rows of the embedding
 * @param context positions the model was made for
 * @param layers number of blocks
 * @param width d, of the residual stream
 * @param attention the attention of every block
 * @param feedForward the feed-forward part of every block
 * @param norm the normalisation before each of the two and at the end
 * @param rotary rotary positions, or null for learned ones
 * @param wiring how the parts are put together
 */
public record Architecture(
        int vocabulary,
        int context,
        int layers,
        int width,
        Attention attention,
        FeedForward feedForward,
        Norm norm,
        @Nullable Rotary rotary,
        Wiring wiring) {
    /**
     * Checks that the sizes are positive and fit.
     *
     * @param vocabulary as above
     * @param context as above
     * @param layers as above
     * @param width as above
     * @param attention as above
     * @param feedForward as above
     * @param norm as above
     * @param rotary as above
     * @param wiring as above
     * @throws IllegalArgumentException naming the size, its value and the rule
     */
    public Architecture {
        positive("vocabulary", vocabulary);
        positive("context", context);
        positive("layers", layers);
        positive("width", width);
        if (rotary != null && !(rotary.dimensions() <= attention.headWidth())) {
            throw new IllegalArgumentException("rotary dimensions are " + rotary.dimensions()
                    + "; they must not exceed the head width " + attention.headWidth());
        }
    }

    /** {@return the roles of the weights outside the blocks} */
    public Set<Role> rolesOutside() {
        return new WeightShapes(this).outside();
    }

    /** {@return the roles of the weights of each block} */
    public Set<Role> rolesInBlocks() {
        return new WeightShapes(this).inBlocks();
    }

    /** {@return the same with a head of its own} */
    public Architecture untied() {
        return wiring.tiedHead() ? with(Head.OWN) : this;
    }

    /** {@return the same with one number a text in the place of a logit a token} */
    public Architecture scoring() {
        return with(Head.SCORE);
    }

    private Architecture with(Head head) {
        Wiring own = new Wiring(wiring.parallel(), head);
        return new Architecture(vocabulary, context, layers, width, attention, feedForward, norm, rotary, own);
    }

    /**
     * The same with another number of tokens.
     *
     * @param tokens V
     * @return with so many rows of embedding and head
     */
    public Architecture withVocabulary(int tokens) {
        return new Architecture(tokens, context, layers, width, attention, feedForward, norm, rotary, wiring);
    }

    /**
     * Attention with fewer key-value heads than query heads where they are shared by groups.
     *
     * @param heads query heads
     * @param keyValueHeads key and value heads; heads is a multiple
     * @param headWidth width of each head
     * @param inputBias whether the projection to queries, keys and values has a bias
     * @param outputBias whether the projection back has one
     * @param headNorm whether each query and key head is normalised
     * @param scale what the scores are multiplied by
     */
    public record Attention(
            int heads,
            int keyValueHeads,
            int headWidth,
            boolean inputBias,
            boolean outputBias,
            boolean headNorm,
            AttentionScale scale) {
        /**
         * Checks the heads.
         *
         * @param heads as above
         * @param keyValueHeads as above
         * @param headWidth as above
         * @param inputBias as above
         * @param outputBias as above
         * @param headNorm as above
         * @param scale as above
         * @throws IllegalArgumentException naming the number, its value and the rule
         */
        public Attention {
            positive("heads", heads);
            positive("keyValueHeads", keyValueHeads);
            positive("headWidth", headWidth);
            if (heads % keyValueHeads != 0) {
                throw new IllegalArgumentException(
                        "keyValueHeads is " + keyValueHeads + "; it must divide the number of query heads " + heads);
            }
        }

        /**
         * Attention whose scores are divided by √headWidth.
         *
         * @param heads as above
         * @param keyValueHeads as above
         * @param headWidth as above
         * @param inputBias as above
         * @param outputBias as above
         * @param headNorm as above
         */
        public Attention(
                int heads, int keyValueHeads, int headWidth, boolean inputBias, boolean outputBias, boolean headNorm) {
            this(heads, keyValueHeads, headWidth, inputBias, outputBias, headNorm, AttentionScale.BY_WIDTH);
        }

        /**
         * What the scores of a block are multiplied by.
         *
         * @param layer the block's number, from 0
         * @return the factor
         */
        public double scale(int layer) {
            return scale.of(headWidth, layer);
        }
    }

    /**
     * The feed-forward part.
     *
     * @param width its inner width
     * @param activation its nonlinearity
     * @param gated whether the activated half multiplies a second projection
     * @param bias whether its projections have biases
     */
    public record FeedForward(int width, Activation activation, boolean gated, boolean bias) {
        /**
         * Checks the width.
         *
         * @param width as above
         * @param activation as above
         * @param gated as above
         * @param bias as above
         * @throws IllegalArgumentException unless it is positive
         */
        public FeedForward {
            positive("feed-forward width", width);
        }
    }

    /**
     * A normalisation.
     *
     * @param centred true: layer normalisation with a bias; false: root mean square without
     * @param epsilon what is added under the root
     */
    public record Norm(boolean centred, double epsilon) {}

    /**
     * Rotary positions: the first dimensions of each query and key head, in pairs (i, i + half), are turned by
     * position × frequency.
     *
     * @param dimensions how many dimensions are turned, even
     * @param theta base of the frequencies θ^(−2i/dimensions)
     * @param scaling how the frequencies are changed for longer contexts
     */
    public record Rotary(int dimensions, double theta, Scaling scaling) {
        /**
         * Checks the dimensions.
         *
         * @param dimensions as above
         * @param theta as above
         * @param scaling as above
         * @throws IllegalArgumentException unless they are positive and even and theta is positive
         */
        public Rotary {
            if (!(dimensions > 0 && dimensions % 2 == 0)) {
                throw new IllegalArgumentException(
                        "rotary dimensions are " + dimensions + "; they must be positive and even");
            }
            if (!(theta > 0)) {
                throw new IllegalArgumentException("rotary theta is " + theta + "; it must be positive");
            }
        }

        /** {@return (dimensions / 2) the angle per position of each pair, scaled} */
        public double[] frequencies() {
            double[] frequencies = new double[dimensions / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = scaling.apply(Math.pow(theta, -2.0 * i / dimensions), i, this);
            }
            return frequencies;
        }
    }

    /**
     * How the parts are put together.
     *
     * @param parallel whether attention and feed-forward read the same input (NeoX) or one after the other
     * @param head what the last normalisation is projected to
     */
    public record Wiring(boolean parallel, Head head) {
        /**
         * That of a language model.
         *
         * @param parallel as above
         * @param tiedHead whether the head's weights are the embedding's
         */
        public Wiring(boolean parallel, boolean tiedHead) {
            this(parallel, tiedHead ? Head.TIED : Head.OWN);
        }

        /** {@return whether the head's weights are the embedding's} */
        public boolean tiedHead() {
            return head == Head.TIED;
        }
    }

    /** What a model's last normalisation is projected to. */
    public enum Head {
        /** A logit a token, by the embedding's weights. */
        TIED,
        /** A logit a token, by weights of its own. */
        OWN,
        /** One number: a reward model's score of the text so far. */
        SCORE
    }

    /** Nonlinearities. */
    public enum Activation {
        /** x·Φ(x). */
        GELU,
        /** x·Φ(x) by its tanh approximation. */
        GELU_TANH,
        /** x·σ(x). */
        SILU,
        /** max(x, 0). */
        RELU
    }

    private static void positive(String name, int value) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be positive");
        }
    }
}
