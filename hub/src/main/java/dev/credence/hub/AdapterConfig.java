package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * What adapter_config.json says of a low-rank adapter. What is not computed here is refused by name, never ignored.
 *
 * @param file for messages
 * @param base what the adapter was trained on, as a folder or a name of the hub's; empty where it says nothing
 * @param rank r
 * @param alpha α
 * @param rankStabilised whether the scale is α / √r instead of α / r
 * @param ranks r of the modules that a pattern is found in
 * @param alphas α of the modules that a pattern is found in
 * @param saved the ends of the names of modules that were trained and saved whole
 * @param tiesWeights whether what is put on the embedding is put on a head tied to it too
 */
record AdapterConfig(
        String file,
        String base,
        int rank,
        double alpha,
        boolean rankStabilised,
        List<Map.Entry<Pattern, Double>> ranks,
        List<Map.Entry<Pattern, Double>> alphas,
        List<String> saved,
        boolean tiesWeights) {
    static final String NAME = "adapter_config.json";

    /** Fields that are about how an adapter was or will be trained; what it computes does not depend on them. */
    private static final Set<String> OF_TRAINING =
            Set.of("lora_dropout", "eva_config", "loftq_config", "corda_config", "lora_ga_config");

    private static final Set<String> PLAIN_STARTS = Set.of("true", "false", "gaussian", "eva", "orthogonal");

    static AdapterConfig read(JsonFile config) {
        String type = config.text("peft_type");
        if (!type.equals("LORA")) {
            throw refused(config, "peft_type", "'" + type + "'", "the only kind of adapter known is LORA");
        }
        refuseUnless(config, "use_dora", "false", "DoRA");
        refuseUnless(config, "use_qalora", "false", "QALoRA");
        refuseUnless(config, "use_bdlora", "null", "BD-LoRA");
        refuseUnless(config, "bias", "none", "a trained bias");
        refuseUnless(config, "lora_bias", "false", "a trained bias");
        refuseUnless(config, "layer_replication", "null", "replicated layers");
        refuseUnless(config, "trainable_token_indices", "null", "trained tokens");
        refuseUnless(config, "target_parameters", "null", "an adapter on bare parameters");
        refuseUnless(config, "alora_invocation_tokens", "null", "aLoRA");
        String start = config.root().path("init_lora_weights").asText("true");
        if (!PLAIN_STARTS.contains(start)) {
            throw refused(
                    config,
                    "init_lora_weights",
                    "'" + start + "'",
                    "it changes the base's weights too, which the adapter alone does not hold");
        }
        config.root().properties().forEach(field -> {
            if (field.getKey().endsWith("_config") && !OF_TRAINING.contains(field.getKey())) {
                refuseUnless(config, field.getKey(), "null", "this variant of LoRA");
            }
        });
        return new AdapterConfig(
                config.file(),
                config.optionalText("base_model_name_or_path").orElse(""),
                config.integer("r"),
                config.real("lora_alpha"),
                config.flag("use_rslora", false),
                patterns(config, "rank_pattern"),
                patterns(config, "alpha_pattern"),
                texts(config, "modules_to_save"),
                config.flag("ensure_weight_tying", false));
    }

    private static List<String> texts(JsonFile config, String field) {
        return StreamSupport.stream(config.root().path(field).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** Whether a module was trained and saved whole. */
    boolean isSaved(String module) {
        return saved.stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
    }

    /** r of a module. */
    int rank(String module) {
        return (int) of(module, ranks, rank);
    }

    /** What the product of the factors is multiplied by. */
    double scale(String module) {
        double own = of(module, alphas, alpha);
        return rankStabilised ? own / Math.sqrt(rank(module)) : own / rank(module);
    }

    private static double of(String module, List<Map.Entry<Pattern, Double>> patterns, double otherwise) {
        return patterns.stream()
                .filter(entry -> entry.getKey().matcher(module).matches())
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }

    /** A pattern stands for a module whose name it is, or ends with behind a dot. */
    private static List<Map.Entry<Pattern, Double>> patterns(JsonFile config, String field) {
        return config.root().path(field).properties().stream()
                .map(entry -> Map.entry(
                        Pattern.compile("(.*\\.)?(" + entry.getKey() + ")"),
                        entry.getValue().asDouble()))
                .toList();
    }

    private static void refuseUnless(JsonFile config, String field, String neutral, String what) {
        JsonNode node = config.root().path(field);
        boolean isEmpty = node.isMissingNode() || node.isNull() || (node.isContainerNode() && node.isEmpty());
        if (!isEmpty && !node.asText().equals(neutral) && !node.asText().equals("false")) {
            throw refused(
                    config, field, node.toString(), what + " is not supported; plain and rank-stabilised LoRA are");
        }
    }

    private static InputException refused(JsonFile config, String field, String value, String rule) {
        return new InputException(config.file(), 0, field, value, rule);
    }
}
