package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Modules that an adapter's file holds whole: those of {@code modules_to_save}, and embeddings, which the library saves beside
 * an adapter that is on them or that was trained with more tokens. They take the place of the base's.
 */
final class WholeModules {
    private static final Pattern WHOLE = Pattern.compile(
            "(?:base_model\\.model\\.)?(.+?)" + "(?:\\.base_layer|\\.modules_to_save(?:\\.default)?)?\\.(weight|bias)");

    private final AdapterConfig config;
    private final SafetensorsFile file;
    private final Map<String, String> stored = new LinkedHashMap<>(); // by the weight's name in the base
    private final WeightSource source;

    WholeModules(AdapterConfig config, SafetensorsFile file) {
        this.config = config;
        this.file = file;
        this.source = new FileWeights(file);
    }

    /** Takes a tensor that is no factor. */
    void add(String name) {
        if (name.contains(".original_module.")) {
            return; // as it was before it was trained; not what the model computes with
        }
        Matcher whole = WHOLE.matcher(name);
        if (!whole.matches() || whole.group(1).contains("lora_")) {
            throw new InputException(
                    file.path().toString(),
                    0,
                    name,
                    "neither a factor of a projection nor a whole module",
                    "an adapter holds lora_A and lora_B, and modules saved whole");
        }
        stored.put(whole.group(1) + "." + whole.group(2), name);
    }

    /** Refuses a file without a module that the configuration says was saved. */
    void check() {
        for (String module : config.saved()) {
            if (stored.keySet().stream().noneMatch(name -> isOf(name, module))) {
                throw new InputException(
                        config.file(), 0, "modules_to_save", "'" + module + "'", "the file holds no such module");
            }
        }
    }

    private static boolean isOf(String name, String module) {
        String own = name.substring(0, name.lastIndexOf('.'));
        return own.equals(module) || own.endsWith("." + module);
    }

    boolean isEmpty() {
        return stored.isEmpty();
    }

    /** Whether head or embedding are among some modules, or replaced by tensors that are not the base's. */
    boolean touches(Checkpoint checkpoint, Collection<String> modules) {
        Map<String, StoredTensor> replaced = replaced(checkpoint);
        for (String weight : new String[] {checkpoint.head(), checkpoint.embedding()}) {
            String module = weight.substring(0, weight.lastIndexOf('.'));
            if (replaced.containsKey(weight)
                    || modules.stream().anyMatch(own -> own.equals(module) || own.endsWith("." + module))) {
                return true;
            }
        }
        return false;
    }

    /** By the name of the weight in a checkpoint, what takes its place: no tensor that is the checkpoint's own. */
    Map<String, StoredTensor> replaced(Checkpoint checkpoint) {
        Map<String, StoredTensor> replaced = new LinkedHashMap<>();
        String prefix = Adapter.prefix(checkpoint);
        boolean isTied = checkpoint.architecture().wiring().tiedHead();
        stored.forEach((weight, name) -> {
            String target = Adapter.weight(weight, prefix, checkpoint.weights());
            boolean isHead = target.equals(checkpoint.head());
            String own = isHead && isTied ? checkpoint.embedding() : target;
            if (!checkpoint.weights().has(own)) {
                throw new InputException(
                        file.path().toString(),
                        0,
                        name,
                        "of weight '" + weight + "'",
                        "the base model has no such weight");
            }
            StoredTensor tensor = StoredWeights.stored(file, name);
            if (!SameNumbers.are(tensor, source, checkpoint.weights().find(own), checkpoint.weights())) {
                replaced.put(target, tensor);
                boolean isShared = isTied && !config.isSaved(weight.substring(0, weight.lastIndexOf('.')));
                if (isShared) { // one tensor to the library: what is loaded into one is in both
                    replaced.putIfAbsent(isHead ? checkpoint.embedding() : checkpoint.head(), tensor);
                }
            }
        });
        return replaced;
    }

    /** The number of tokens that the model then has. */
    int tokens(Checkpoint checkpoint) {
        int[] rows = new int[2];
        String[] weights = {checkpoint.embedding(), checkpoint.head()};
        Map<String, StoredTensor> replaced = replaced(checkpoint);
        for (int i = 0; i < 2; i++) {
            StoredTensor tensor = replaced.get(weights[i]);
            rows[i] = tensor == null ? checkpoint.architecture().vocabulary() : Math.toIntExact(tensor.shape()[0]);
        }
        if (rows[0] != rows[1]) {
            throw new InputException(
                    file.path().toString(),
                    0,
                    weights[0],
                    "of " + rows[0] + " tokens",
                    weights[1] + " is of " + rows[1] + "; both must be saved with the adapter");
        }
        return rows[0];
    }
}
