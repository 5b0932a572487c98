package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
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

    private static final String RANKS = "rank_pattern";
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
                patterns(config, RANKS),
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

    private double of(String module, List<Map.Entry<Pattern, Double>> patterns, double otherwise) {
        for (Map.Entry<Pattern, Double> entry : patterns) {
            if (entry.getKey().matcher(new Counted(module, entry.getKey())).matches()) {
                return entry.getValue();
            }
        }
        return otherwise;
    }

    /** A pattern stands for a module whose name it is, or ends with behind a dot. */
    private static List<Map.Entry<Pattern, Double>> patterns(JsonFile config, String field) {
        List<Map.Entry<Pattern, Double>> patterns = new ArrayList<>();
        config.root().path(field).properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            String own = field + "." + entry.getKey();
            if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
                throw refused(config, own, value.toString(), "it is a number");
            }
            if (field.equals(RANKS) && !(value.isInt() && value.asInt() > 0)) {
                throw refused(config, own, value.toString(), "a rank is a whole number above 0");
            }
            try {
                patterns.add(Map.entry(Pattern.compile("(.*\\.)?(" + entry.getKey() + ")"), value.asDouble()));
            } catch (PatternSyntaxException e) {
                throw refused(config, field, "'" + entry.getKey() + "'", "a key is a pattern of names: " + said(e));
            }
        });
        return patterns;
    }

    private static String said(PatternSyntaxException e) {
        return e.getDescription().toLowerCase(Locale.ROOT);
    }

    /** A module's name that a stranger's pattern reads only so often: some patterns go through all ways to divide it. */
    private final class Counted implements CharSequence {
        private static final int MOST = 1_000_000;

        private final String name;
        private final Pattern pattern;
        private int reads;

        Counted(String name, Pattern pattern) {
            this.name = name;
            this.pattern = pattern;
        }

        @Override
        public int length() {
            return name.length();
        }

        @Override
        public char charAt(int index) {
            if (++reads > MOST) {
                throw new InputException(
                        file, 0, "", "the pattern " + pattern, "it must decide on a name in a million steps");
            }
            return name.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return name.substring(start, end);
        }

        @Override
        public String toString() {
            return name;
        }
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
