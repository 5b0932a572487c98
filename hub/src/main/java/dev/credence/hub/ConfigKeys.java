package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;

/**
 * The keys of config.json that may stand there. A key that is neither read nor known to leave the function as it is may be a
 * switch of a changed architecture: it is refused unless its value is null, false or empty.
 */
final class ConfigKeys {
    /** About the file, the training, the drawing and other heads: next-token probabilities do not depend on them. */
    private static final Set<String> HARMLESS = words("""
            architectures model_type transformers_version dtype torch_dtype use_bfloat16 torchscript use_cache return_dict
            use_return_dict output_hidden_states output_attentions output_scores return_dict_in_generate gradient_checkpointing
            initializer_range init_std attention_dropout attn_pdrop embd_pdrop resid_pdrop hidden_dropout residual_dropout
            embedding_dropout classifier_dropout summary_type summary_use_proj summary_activation summary_proj_to_labels
            summary_first_dropout problem_type num_labels id2label label2id finetuning_task task_specific_params tokenizer_class
            prefix bos_token_id eos_token_id pad_token_id sep_token_id unk_token_id decoder_start_token_id is_decoder
            tie_encoder_decoder cross_attention_hidden_size chunk_size_feed_forward tf_legacy_loss pretraining_tp
            reorder_and_upcast_attn attn_implementation max_length min_length max_new_tokens do_sample early_stopping num_beams
            num_beam_groups diversity_penalty temperature top_k top_p typical_p repetition_penalty length_penalty
            no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids num_return_sequences forced_bos_token_id
            forced_eos_token_id remove_invalid_values exponential_decay_length_penalty suppress_tokens begin_suppress_tokens
            model_max_length unsloth_version unsloth_fixed bos_token eos_token pad_token transformers.js_config
            base_model_tp_plan base_model_pp_plan auto_map
            """);

    private static final Set<String> LLAMA = words("""
            vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads head_dim hidden_act
            max_position_embeddings rms_norm_eps tie_word_embeddings rope_theta rope_scaling rope_parameters
            partial_rotary_factor original_max_position_embeddings attention_bias mlp_bias use_sliding_window sliding_window
            max_window_layers layer_types
            """);

    private static final Set<String> GPT2 = words("""
            vocab_size n_positions n_ctx n_embd n_layer n_head n_inner activation_function layer_norm_epsilon
            scale_attn_weights scale_attn_by_inverse_layer_idx tie_word_embeddings
            """);

    private static final Set<String> NEOX = words("""
            vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act max_position_embeddings
            layer_norm_eps use_parallel_residual tie_word_embeddings rotary_pct rotary_emb_base rope_scaling rope_parameters
            original_max_position_embeddings attention_bias
            """);

    private ConfigKeys() {}

    /** Refuses what changes the function and is not computed. */
    static void check(JsonFile config) {
        checkQuantization(config);
        JsonNode code = config.root().path("auto_map");
        if (code.has("AutoModelForCausalLM") || code.has("AutoModel")) {
            throw refused(config, "auto_map", "a model with code of its own is not what its model_type says");
        }
        Set<String> known = known(config.text("model_type"));
        for (Iterator<String> keys = config.root().fieldNames(); keys.hasNext(); ) {
            String key = keys.next();
            boolean isInner = key.startsWith("_"); // the library's notes to itself
            if (!isInner && !known.contains(key) && !isNeutral(config.root().path(key))) {
                throw refused(
                        config,
                        key,
                        "no such key of this family is known, and it may change what the model computes; if it does not, take"
                                + " it out");
            }
        }
    }

    private static void checkQuantization(JsonFile config) {
        for (String field : new String[] {"quantization_config", "compression_config"}) {
            JsonNode quantized = config.root().path(field);
            if (!isNeutral(quantized)) {
                String method = quantized.path("quant_method").asText("of an unnamed method");
                throw new InputException(
                        config.file(),
                        0,
                        field,
                        "'" + method + "'",
                        "quantised weights are not read: save the model dequantised, as float32, float16 or bfloat16 without"
                                + " this key, or name the checkpoint it was made from");
            }
        }
    }

    private static Set<String> known(String modelType) {
        Set<String> known = new HashSet<>(HARMLESS);
        known.addAll(
                switch (modelType.toLowerCase(Locale.ROOT)) {
                    case "gpt2" -> GPT2;
                    case "gpt_neox" -> NEOX;
                    default -> LLAMA;
                });
        return known;
    }

    /** Whether a value switches nothing on. */
    static boolean isNeutral(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isContainerNode() && value.isEmpty());
    }

    private static InputException refused(JsonFile config, String field, String rule) {
        return new InputException(
                config.file(), 0, field, config.root().path(field).toString(), rule);
    }

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }
}
