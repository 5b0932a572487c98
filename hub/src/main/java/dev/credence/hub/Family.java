package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.torch.architecture.Architecture;
import java.util.List;
import java.util.function.Function;

/**
 * A family of checkpoints.
 *
 * @param modelType its name in config.json
 * @param title its name in the hub's classes
 * @param names what its tensors are called
 * @param architecture how its config.json maps to an architecture
 */
record Family(String modelType, String title, StoredNames names, Function<JsonFile, Architecture> architecture) {
    private static final StoredNames LLAMA_NAMES = new StoredNames("model.", "layers.%d.", StoredNames.LLAMA);

    private static final List<Family> KNOWN = List.of(
            new Family("gpt2", "GPT2", StoredNames.OF_GPT2, Configurations::gpt2),
            new Family(
                    "gpt_neox",
                    "GPTNeoX",
                    new StoredNames("gpt_neox.", "layers.%d.", StoredNames.NEOX),
                    Configurations::neox),
            new Family(
                    "llama",
                    "Llama",
                    LLAMA_NAMES,
                    config -> Configurations.llama(config, bias(config), bias(config), false)),
            new Family("qwen2", "Qwen2", LLAMA_NAMES, config -> Configurations.llama(config, true, false, false)),
            new Family(
                    "qwen3",
                    "Qwen3",
                    LLAMA_NAMES,
                    config -> Configurations.llama(config, bias(config), bias(config), true)));

    /** The family that a config.json names. */
    static Family of(JsonFile config) {
        String type = config.text("model_type");
        List<String> known = KNOWN.stream().map(Family::modelType).toList();
        return KNOWN.stream()
                .filter(family -> family.modelType.equals(type))
                .findFirst()
                .orElseThrow(() -> new InputException(
                        config.file(),
                        0,
                        "model_type",
                        "'" + type + "'",
                        "no architecture of this name can be read; " + NearestName.hint(type, known)));
    }

    /** The names of the tensors in a folder; some were saved without the base model's prefix. */
    StoredNames namesIn(StoredWeights stored) {
        return names.in(stored);
    }

    private static boolean bias(JsonFile config) {
        return config.flag("attention_bias", false);
    }
}
