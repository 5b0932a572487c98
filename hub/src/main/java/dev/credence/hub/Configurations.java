package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Architecture.Activation;
import dev.credence.torch.architecture.Architecture.Attention;
import dev.credence.torch.architecture.Architecture.FeedForward;
import dev.credence.torch.architecture.Architecture.Norm;
import dev.credence.torch.architecture.Architecture.Wiring;
import dev.credence.torch.architecture.AttentionScale;

/** From the keys of config.json, newer and older, to an architecture. What is not computed here is refused, never ignored. */
final class Configurations {
    private static final int MOST_POSITIONS = 1 << 24;

    private Configurations() {}

    static Architecture gpt2(JsonFile config) {
        int width = config.integer("n_embd");
        int heads = config.integer("n_head");
        return new Architecture(
                config.integer("vocab_size"),
                positions(config, "n_positions"),
                config.integer("n_layer"),
                width,
                new Attention(
                        heads,
                        heads,
                        headWidth(config, width, heads),
                        true,
                        true,
                        false,
                        new AttentionScale(
                                config.flag("scale_attn_weights", true),
                                config.flag("scale_attn_by_inverse_layer_idx", false))),
                new FeedForward(
                        config.integer("n_inner", 4 * width), activation(config, "activation_function"), false, true),
                new Norm(true, epsilon(config, "layer_norm_epsilon", 1e-5)),
                null,
                new Wiring(false, config.flag("tie_word_embeddings", true)));
    }

    static Architecture neox(JsonFile config) {
        int width = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        int headWidth = headWidth(config, width, heads);
        boolean bias = config.flag("attention_bias", true);
        RotaryConfig rotary = RotaryConfig.of(config);
        return new Architecture(
                config.integer("vocab_size"),
                positions(config, "max_position_embeddings"),
                config.integer("num_hidden_layers"),
                width,
                new Attention(heads, heads, headWidth, bias, bias, false),
                new FeedForward(config.integer("intermediate_size"), activation(config, "hidden_act"), false, true),
                new Norm(true, epsilon(config, "layer_norm_eps", 1e-5)),
                rotary.of(headWidth, "rotary_emb_base", rotary.share(config.real("rotary_pct", 0.25))),
                new Wiring(config.flag("use_parallel_residual", true), config.flag("tie_word_embeddings", false)));
    }

    /** Llama, Qwen2 and Qwen3 differ in three switches. */
    static Architecture llama(JsonFile config, boolean inputBias, boolean outputBias, boolean headNorm) {
        checkWindows(config);
        RotaryConfig rotary = RotaryConfig.of(config);
        if (!(rotary.share(config.real("partial_rotary_factor", 1)) == 1
                && config.real("partial_rotary_factor", 1) == 1)) {
            throw new InputException(
                    config.file(), 0, "partial_rotary_factor", "not 1", "this family turns whole heads");
        }
        int width = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        int headWidth = headWidth(config, width, heads);
        return new Architecture(
                config.integer("vocab_size"),
                positions(config, "max_position_embeddings"),
                config.integer("num_hidden_layers"),
                width,
                new Attention(
                        heads,
                        config.integer("num_key_value_heads", heads),
                        headWidth,
                        inputBias,
                        outputBias,
                        headNorm),
                new FeedForward(
                        config.integer("intermediate_size"),
                        activation(config, "hidden_act"),
                        true,
                        feedForwardBias(config)),
                new Norm(false, epsilon(config, "rms_norm_eps", 1e-6)),
                rotary.of(headWidth, "rope_theta", 1),
                new Wiring(false, config.flag("tie_word_embeddings", false)));
    }

    private static int positions(JsonFile config, String field) {
        int positions = config.integer(field);
        if (positions > MOST_POSITIONS) {
            throw new InputException(
                    config.file(),
                    0,
                    field,
                    Integer.toString(positions),
                    "no more than " + MOST_POSITIONS + " are tabulated");
        }
        return positions;
    }

    /** What is added to a variance. */
    private static double epsilon(JsonFile config, String field, double otherwise) {
        double epsilon = config.real(field, otherwise);
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw new InputException(config.file(), 0, field, Double.toString(epsilon), "it must be in [0, 1)");
        }
        return epsilon;
    }

    private static int headWidth(JsonFile config, int width, int heads) {
        if (!(heads > 0 && width % heads == 0) && config.root().path("head_dim").isMissingNode()) {
            throw new InputException(
                    config.file(),
                    0,
                    "num_attention_heads",
                    Integer.toString(heads),
                    "it must divide the width " + width);
        }
        return config.integer("head_dim", width / Math.max(1, heads));
    }

    private static boolean feedForwardBias(JsonFile config) {
        if (!config.text("model_type").equals("llama")) {
            config.mustBe("mlp_bias", "false", "this family's feed-forward parts have no biases");
        }
        return config.flag("mlp_bias", false);
    }

    /** Attention to all tokens in every layer: windows that are on, and shorter than the context, are refused. */
    private static void checkWindows(JsonFile config) {
        int context = config.integer("max_position_embeddings");
        boolean isQwen = config.text("model_type").startsWith("qwen");
        boolean isShort = config.integer("sliding_window", isQwen ? 4096 : context) < context;
        boolean someLayers = config.integer("max_window_layers", isQwen ? 28 : 0) < config.integer("num_hidden_layers");
        if (config.flag("use_sliding_window", false) && isShort && someLayers) {
            throw new InputException(
                    config.file(), 0, "use_sliding_window", "true", "sliding-window attention is not supported");
        }
        if (!isQwen && config.root().hasNonNull("sliding_window") && isShort) {
            throw new InputException(
                    config.file(),
                    0,
                    "sliding_window",
                    config.root().path("sliding_window").toString(),
                    "sliding-window attention is not supported");
        }
        JsonNode types = config.root().path("layer_types");
        if (!(types.isMissingNode() || types.isNull() || types.isArray())) {
            throw new InputException(config.file(), 0, "layer_types", types.toString(), "it must be a list");
        }
        for (JsonNode type : types) {
            if (!type.asText().equals("full_attention")) {
                throw new InputException(
                        config.file(),
                        0,
                        "layer_types",
                        type.toString(),
                        "the only kind of layer known is full_attention");
            }
        }
    }

    private static Activation activation(JsonFile config, String field) {
        String name = config.text(field);
        return switch (name) {
            case "gelu" -> Activation.GELU;
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> Activation.GELU_TANH;
            case "silu", "swish" -> Activation.SILU;
            case "relu" -> Activation.RELU;
            default ->
                throw new InputException(
                        config.file(),
                        0,
                        field,
                        "'" + name + "'",
                        "the activations known are gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, silu, swish, relu");
        };
    }
}
