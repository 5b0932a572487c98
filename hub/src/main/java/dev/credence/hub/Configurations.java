package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.Architecture;
import dev.credence.torch.Architecture.Activation;
import dev.credence.torch.Architecture.Attention;
import dev.credence.torch.Architecture.FeedForward;
import dev.credence.torch.Architecture.Norm;
import dev.credence.torch.Architecture.Rotary;
import dev.credence.torch.Architecture.Scaling;
import dev.credence.torch.Architecture.Wiring;
import java.util.Optional;

/** From the keys of config.json, newer and older, to an architecture. What is not computed here is refused, never ignored. */
final class Configurations {
    private Configurations() {}

    static Architecture gpt2(JsonFile config) {
        config.mustBe("scale_attn_weights", "true", "unscaled attention is not supported");
        config.mustBe("scale_attn_by_inverse_layer_idx", "false", "scaling by layer is not supported");
        config.mustBe("add_cross_attention", "false", "cross attention is not supported");
        int width = config.integer("n_embd");
        int heads = config.integer("n_head");
        return new Architecture(
                config.integer("vocab_size"),
                config.integer("n_positions"),
                config.integer("n_layer"),
                width,
                new Attention(heads, heads, headWidth(config, width, heads), true, true, false),
                new FeedForward(
                        config.integer("n_inner", 4 * width), activation(config, "activation_function"), false, true),
                new Norm(true, config.real("layer_norm_epsilon", 1e-5)),
                null,
                new Wiring(false, config.flag("tie_word_embeddings", true)));
    }

    static Architecture neox(JsonFile config) {
        int width = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        int headWidth = headWidth(config, width, heads);
        boolean bias = config.flag("attention_bias", true);
        return new Architecture(
                config.integer("vocab_size"),
                config.integer("max_position_embeddings"),
                config.integer("num_hidden_layers"),
                width,
                new Attention(heads, heads, headWidth, bias, bias, false),
                new FeedForward(config.integer("intermediate_size"), activation(config, "hidden_act"), false, true),
                new Norm(true, config.real("layer_norm_eps", 1e-5)),
                rotary(config, headWidth, config.real("rotary_emb_base", 10000), config.real("rotary_pct", 0.25)),
                new Wiring(config.flag("use_parallel_residual", true), config.flag("tie_word_embeddings", false)));
    }

    /** Llama, Qwen2 and Qwen3 differ in three switches. */
    static Architecture llama(JsonFile config, boolean inputBias, boolean outputBias, boolean headNorm) {
        config.mustBe("use_sliding_window", "false", "sliding-window attention is not supported");
        int width = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        int headWidth = headWidth(config, width, heads);
        return new Architecture(
                config.integer("vocab_size"),
                config.integer("max_position_embeddings"),
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
                        config.flag("mlp_bias", false)),
                new Norm(false, config.real("rms_norm_eps", 1e-6)),
                rotary(config, headWidth, config.real("rope_theta", 10000), 1),
                new Wiring(false, config.flag("tie_word_embeddings", false)));
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

    /** Newer files keep everything in rope_parameters; older ones the base at the top and the scaling in rope_scaling. */
    private static Rotary rotary(JsonFile config, int headWidth, double oldTheta, double oldShare) {
        Optional<JsonFile> newer = config.object("rope_parameters");
        Optional<JsonFile> scaling = newer.isPresent() ? newer : config.object("rope_scaling");
        double theta = newer.map(rope -> rope.real("rope_theta", oldTheta)).orElse(oldTheta);
        double share =
                newer.map(rope -> rope.real("partial_rotary_factor", oldShare)).orElse(oldShare);
        return new Rotary(
                (int) (headWidth * share),
                theta,
                scaling.map(Configurations::scaling).orElse(Scaling.NONE));
    }

    private static Scaling scaling(JsonFile rope) {
        String type = rope.optionalText("rope_type")
                .or(() -> rope.optionalText("type"))
                .orElse("default");
        return switch (type) {
            case "default" -> Scaling.NONE;
            case "linear" -> Scaling.linear(rope.real("factor"));
            case "llama3" ->
                new Scaling(
                        rope.real("factor"),
                        rope.real("low_freq_factor"),
                        rope.real("high_freq_factor"),
                        rope.real("original_max_position_embeddings"));
            default ->
                throw new InputException(
                        rope.file(),
                        0,
                        "rope_type",
                        "'" + type + "'",
                        "the scalings known are default, linear, llama3");
        };
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
