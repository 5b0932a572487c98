package dev.credence.hub;

import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.WeightNames;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Names of the tensors of a family.
 *
 * @param prefix of the base model
 * @param block of a block, behind the prefix, with %d for its number
 * @param places by role: names behind those two; a name that begins with "/" is used as it is
 */
record StoredNames(String prefix, String block, Map<Role, Place> places) implements WeightNames {
    static final Map<Role, Place> GPT2 = gpt2();
    static final Map<Role, Place> NEOX = neox();
    static final Map<Role, Place> LLAMA = llama();

    /** Those of GPT-2, read and written. */
    static final StoredNames OF_GPT2 = new StoredNames("transformer.", "h.%d.", GPT2);

    /** The same with or without the prefix, as the folder has it. */
    StoredNames in(StoredWeights stored) {
        StoredNames bare = new StoredNames("", block, places);
        return stored.has(bare.place(Role.EMBEDDING, 0).names().get(0)) ? bare : this;
    }

    /** The same with the head of a reward model in the place of the language model's. */
    StoredNames scoring() {
        Map<Role, Place> own = new EnumMap<>(places);
        put(own, Role.HEAD, "/score.weight");
        return new StoredNames(prefix, block, own);
    }

    @Override
    public Place place(Role role, int layer) {
        Place place = Objects.requireNonNull(places.get(role), () -> "no name for " + role);
        String before = isOutside(role) ? prefix : prefix + String.format(Locale.ROOT, block, layer);
        List<String> whole = place.names().stream()
                .map(name -> name.startsWith("/") ? name.substring(1) : before + name)
                .toList();
        return new Place(whole, place.order());
    }

    /** Whether a tensor is part of a block, of the base model or of the head, used or not. */
    boolean isOfDecoder(String name) {
        String head = Objects.requireNonNull(places.get(Role.HEAD)).names().get(0);
        String module = head.substring(1, head.lastIndexOf('.') + 1);
        String inBlock = "(.*\\.)?" + Pattern.quote(block).replace("%d", "\\E\\d+\\Q") + ".*";
        return name.matches(inBlock)
                || name.startsWith(module)
                || name.startsWith("lm_head.")
                || (!prefix.isEmpty() && name.startsWith(prefix))
                || (prefix.isEmpty() && isBesideEmbedding(name));
    }

    /** Without a prefix, the modules that the base model has outside its blocks. */
    private boolean isBesideEmbedding(String name) {
        return places.entrySet().stream()
                .filter(entry -> isOutside(entry.getKey()) && entry.getKey() != Role.HEAD)
                .flatMap(entry -> entry.getValue().names().stream())
                .anyMatch(own -> name.startsWith(own.substring(0, own.lastIndexOf('.') + 1)));
    }

    private static boolean isOutside(Role role) {
        return switch (role) {
            case EMBEDDING, POSITIONS, FINAL_NORM, FINAL_NORM_BIAS, HEAD -> true;
            default -> false;
        };
    }

    private static Map<Role, Place> gpt2() {
        Map<Role, Place> places = new EnumMap<>(Role.class);
        put(places, Role.EMBEDDING, "wte.weight");
        put(places, Role.POSITIONS, "wpe.weight");
        put(places, Role.FINAL_NORM, "ln_f.weight");
        put(places, Role.FINAL_NORM_BIAS, "ln_f.bias");
        put(places, Role.HEAD, "/lm_head.weight");
        put(places, Role.ATTENTION_NORM, "ln_1.weight");
        put(places, Role.ATTENTION_NORM_BIAS, "ln_1.bias");
        put(places, Role.FEED_FORWARD_NORM, "ln_2.weight");
        put(places, Role.FEED_FORWARD_NORM_BIAS, "ln_2.bias");
        linear(places, Role.ATTENTION_IN, Role.ATTENTION_IN_BIAS, "attn.c_attn", Order.COLUMNS);
        linear(places, Role.ATTENTION_OUT, Role.ATTENTION_OUT_BIAS, "attn.c_proj", Order.COLUMNS);
        linear(places, Role.FEED_FORWARD_IN, Role.FEED_FORWARD_IN_BIAS, "mlp.c_fc", Order.COLUMNS);
        linear(places, Role.FEED_FORWARD_OUT, Role.FEED_FORWARD_OUT_BIAS, "mlp.c_proj", Order.COLUMNS);
        return places;
    }

    private static Map<Role, Place> neox() {
        Map<Role, Place> places = new EnumMap<>(Role.class);
        put(places, Role.EMBEDDING, "embed_in.weight");
        put(places, Role.FINAL_NORM, "final_layer_norm.weight");
        put(places, Role.FINAL_NORM_BIAS, "final_layer_norm.bias");
        put(places, Role.HEAD, "/embed_out.weight");
        put(places, Role.ATTENTION_NORM, "input_layernorm.weight");
        put(places, Role.ATTENTION_NORM_BIAS, "input_layernorm.bias");
        put(places, Role.FEED_FORWARD_NORM, "post_attention_layernorm.weight");
        put(places, Role.FEED_FORWARD_NORM_BIAS, "post_attention_layernorm.bias");
        linear(places, Role.ATTENTION_IN, Role.ATTENTION_IN_BIAS, "attention.query_key_value", Order.BY_HEAD);
        linear(places, Role.ATTENTION_OUT, Role.ATTENTION_OUT_BIAS, "attention.dense", Order.ROWS);
        linear(places, Role.FEED_FORWARD_IN, Role.FEED_FORWARD_IN_BIAS, "mlp.dense_h_to_4h", Order.ROWS);
        linear(places, Role.FEED_FORWARD_OUT, Role.FEED_FORWARD_OUT_BIAS, "mlp.dense_4h_to_h", Order.ROWS);
        return places;
    }

    private static Map<Role, Place> llama() {
        Map<Role, Place> places = new EnumMap<>(Role.class);
        put(places, Role.EMBEDDING, "embed_tokens.weight");
        put(places, Role.FINAL_NORM, "norm.weight");
        put(places, Role.HEAD, "/lm_head.weight");
        put(places, Role.ATTENTION_NORM, "input_layernorm.weight");
        put(places, Role.FEED_FORWARD_NORM, "post_attention_layernorm.weight");
        put(places, Role.QUERY_NORM, "self_attn.q_norm.weight");
        put(places, Role.KEY_NORM, "self_attn.k_norm.weight");
        parts(
                places,
                Role.ATTENTION_IN,
                "self_attn.q_proj.weight",
                "self_attn.k_proj.weight",
                "self_attn.v_proj.weight");
        parts(
                places,
                Role.ATTENTION_IN_BIAS,
                "self_attn.q_proj.bias",
                "self_attn.k_proj.bias",
                "self_attn.v_proj.bias");
        linear(places, Role.ATTENTION_OUT, Role.ATTENTION_OUT_BIAS, "self_attn.o_proj", Order.ROWS);
        parts(places, Role.FEED_FORWARD_IN, "mlp.gate_proj.weight", "mlp.up_proj.weight");
        parts(places, Role.FEED_FORWARD_IN_BIAS, "mlp.gate_proj.bias", "mlp.up_proj.bias");
        linear(places, Role.FEED_FORWARD_OUT, Role.FEED_FORWARD_OUT_BIAS, "mlp.down_proj", Order.ROWS);
        return places;
    }

    private static void put(Map<Role, Place> places, Role role, String name) {
        places.put(role, new Place(List.of(name), Order.ROWS));
    }

    private static void parts(Map<Role, Place> places, Role role, String... names) {
        places.put(role, new Place(List.of(names), Order.ROWS));
    }

    private static void linear(Map<Role, Place> places, Role weight, Role bias, String name, Order order) {
        places.put(weight, new Place(List.of(name + ".weight"), order));
        places.put(bias, new Place(List.of(name + ".bias"), order));
    }
}
