package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Architecture.Rotary;
import dev.credence.torch.architecture.Scaling;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;

/**
 * Rotary positions of config.json: newer files keep everything in rope_parameters; older ones the base at the top and the
 * scaling in rope_scaling. What the two say must agree, and no key is passed over.
 *
 * @param config the file
 * @param rope the object that says how positions are scaled; nothing where there is none
 * @param context max_position_embeddings
 */
record RotaryConfig(JsonFile config, Optional<JsonFile> rope, int context) {
    private static final Set<String> SHARED = Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor");

    static RotaryConfig of(JsonFile config) {
        Optional<JsonFile> newer = object(config, "rope_parameters");
        Optional<JsonFile> older = object(config, "rope_scaling");
        if (newer.isPresent()
                && older.isPresent()
                && !newer.get().root().equals(older.get().root())) {
            throw new InputException(
                    config.file(),
                    0,
                    "rope_scaling",
                    older.get().root().toString(),
                    "rope_parameters says otherwise; keep one of the two");
        }
        return new RotaryConfig(config, newer.or(() -> older), config.integer("max_position_embeddings"));
    }

    private static Optional<JsonFile> object(JsonFile config, String field) {
        JsonNode node = config.root().path(field);
        if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
            throw new InputException(config.file(), 0, field, node.toString(), "it must be an object");
        }
        return config.object(field).filter(rope -> !rope.root().isEmpty());
    }

    /** Rotary positions on a share of each head; the base may stand at the top under its older name. */
    Rotary of(int headWidth, String oldTheta, double share) {
        double theta = rope.map(inner -> inner.real("rope_theta", Double.NaN)).orElse(Double.NaN);
        double old = config.real(oldTheta, Double.NaN);
        if (theta != old && !Double.isNaN(theta) && !Double.isNaN(old)) {
            throw new InputException(
                    config.file(),
                    0,
                    oldTheta,
                    Double.toString(old),
                    "the base within is " + theta + "; keep one of the two");
        }
        double base = !Double.isNaN(theta) ? theta : !Double.isNaN(old) ? old : 10000;
        return new Rotary((int) (headWidth * share), base, scaling());
    }

    /** What partial_rotary_factor says within. */
    double share(double otherwise) {
        return rope.map(inner -> inner.real("partial_rotary_factor", otherwise)).orElse(otherwise);
    }

    private Scaling scaling() {
        return rope.map(inner -> switch (type(inner)) {
                    case "default" -> {
                        check(inner, Set.of());
                        yield Scaling.none();
                    }
                    case "dynamic" -> { // the base grows with texts longer than the context, which are refused
                        check(inner, Set.of("factor", "original_max_position_embeddings"));
                        inner.real("factor");
                        yield Scaling.none();
                    }
                    case "linear" -> {
                        check(inner, Set.of("factor"));
                        yield Scaling.linear(inner.real("factor"));
                    }
                    case "llama3" -> llama3(inner);
                    case "yarn" -> yarn(inner);
                    default ->
                        throw new InputException(
                                inner.file(),
                                0,
                                "rope_type",
                                "'" + type(inner) + "'",
                                "the scalings known are default, linear, dynamic, llama3, yarn");
                })
                .orElse(Scaling.none());
    }

    private static String type(JsonFile rope) {
        for (String field : new String[] {"rope_type", "type"}) {
            JsonNode node = rope.root().path(field);
            if (!node.isMissingNode() && !node.isNull() && !node.isTextual()) {
                throw new InputException(rope.file(), 0, field, node.toString(), "it must be a name");
            }
        }
        Optional<String> newer = rope.optionalText("rope_type");
        Optional<String> older = rope.optionalText("type");
        if (newer.isPresent() && older.isPresent() && !newer.equals(older)) {
            throw new InputException(
                    rope.file(),
                    0,
                    "rope_type",
                    "'" + newer.get() + "'",
                    "type says '" + older.get() + "'; keep one of the two");
        }
        return newer.or(() -> older).orElse("default");
    }

    private Scaling llama3(JsonFile rope) {
        check(rope, Set.of("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"));
        return new Scaling.ByTurns(
                rope.real("factor"), rope.real("low_freq_factor"), rope.real("high_freq_factor"), firstContext(rope));
    }

    /** Peng et al. 2023; the explicit factor counts, not the ratio of contexts. */
    private Scaling yarn(JsonFile rope) {
        check(
                rope,
                Set.of(
                        "factor",
                        "attention_factor",
                        "beta_fast",
                        "beta_slow",
                        "mscale",
                        "mscale_all_dim",
                        "truncate",
                        "original_max_position_embeddings"));
        double first = firstContext(rope);
        double factor = rope.real("factor", context / first);
        double mscale = rope.real("mscale", 0);
        double mscaleOfAll = rope.real("mscale_all_dim", 0);
        double stretch = mscale != 0 && mscaleOfAll != 0
                ? stretch(factor, mscale) / stretch(factor, mscaleOfAll)
                : stretch(factor, 1);
        return new Scaling.Yarn(
                factor,
                orDefault(rope.real("beta_fast", 0), 32),
                orDefault(rope.real("beta_slow", 0), 1),
                first,
                rope.flag("truncate", true),
                rope.real("attention_factor", stretch));
    }

    /** Eq. 22: √(1/t) = 0.1 ln(s) + 1. */
    private static double stretch(double factor, double mscale) {
        return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    private static double orDefault(double value, double otherwise) {
        return value == 0 ? otherwise : value;
    }

    /** The context first trained on: within, else at the top, else the whole context. */
    private double firstContext(JsonFile rope) {
        String field = "original_max_position_embeddings";
        double top = config.real(field, Double.NaN);
        double within = rope.real(field, Double.isNaN(top) ? context : top);
        if (top != within && !Double.isNaN(top)) {
            throw new InputException(
                    config.file(), 0, field, Double.toString(top), "within it is " + within + "; keep one of the two");
        }
        return within;
    }

    private static void check(JsonFile rope, Set<String> own) {
        for (Iterator<String> keys = rope.root().fieldNames(); keys.hasNext(); ) {
            String key = keys.next();
            JsonNode value = rope.root().path(key);
            if (!SHARED.contains(key) && !own.contains(key) && !ConfigKeys.isNeutral(value)) {
                throw new InputException(
                        rope.file(),
                        0,
                        key,
                        value.toString(),
                        "no such key of rotary positions of type '" + type(rope) + "' is known");
            }
        }
    }
}
