package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.StoredAdapter;
import dev.credence.torch.StoredTensor;
import dev.credence.torch.Transformer;
import dev.credence.torch.WeightSource;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A folder with a low-rank adapter, in the hub's format: adapter_config.json and adapter_model.safetensors. */
public final class Adapter {
    static final String WEIGHTS = "adapter_model.safetensors";

    private static final Pattern FACTOR =
            Pattern.compile("(?:base_model\\.model\\.)?(.+)\\.lora_([AB])(?:\\.default)?\\.weight");

    private final Path folder;
    private final AdapterConfig config;
    private final SafetensorsFile file;
    private final Map<String, StoredTensor> down; // by module
    private final Map<String, StoredTensor> up;

    private Adapter(
            Path folder,
            AdapterConfig config,
            SafetensorsFile file,
            Map<String, StoredTensor> down,
            Map<String, StoredTensor> up) {
        this.folder = folder;
        this.config = config;
        this.file = file;
        this.down = down;
        this.up = up;
    }

    /**
     * Whether a folder holds an adapter.
     *
     * @param folder any folder
     * @return true where there is an adapter_config.json
     */
    public static boolean isAdapter(Path folder) {
        return Files.isRegularFile(folder.resolve(AdapterConfig.NAME));
    }

    /**
     * Opens a folder: reads its configuration and the header of its weights.
     *
     * @param folder with adapter_config.json and adapter_model.safetensors
     * @return what is there; no number is read yet
     * @throws InputException if a file is missing or broken, or the adapter is of a kind that is not supported, by its name
     */
    public static Adapter open(Path folder) {
        AdapterConfig config = AdapterConfig.read(JsonFile.read(folder.resolve(AdapterConfig.NAME)));
        Path weights = folder.resolve(WEIGHTS);
        if (!Files.isRegularFile(weights)) {
            throw new InputException(weights.toString(), 0, "", "missing", "an adapter folder needs this file");
        }
        SafetensorsFile file = SafetensorsFile.open(weights);
        Map<String, StoredTensor> down = new LinkedHashMap<>();
        Map<String, StoredTensor> up = new LinkedHashMap<>();
        for (String name : file.entries().keySet()) {
            Matcher factor = FACTOR.matcher(name);
            if (!factor.matches()) {
                throw new InputException(
                        weights.toString(),
                        0,
                        name,
                        "not a factor of a projection",
                        "an adapter holds lora_A and lora_B");
            }
            (factor.group(2).equals("A") ? down : up).put(factor.group(1), StoredWeights.stored(file, name));
        }
        Adapter adapter = new Adapter(folder, config, file, down, up);
        adapter.checkPairs();
        return adapter;
    }

    /** {@return the folder} */
    public Path folder() {
        return folder;
    }

    /**
     * A transformer with this adapter on it.
     *
     * @param base the transformer of a checkpoint
     * @param checkpoint that it was read from
     * @return the model; it shares the base's memory, and either may be closed first
     * @throws InputException if the adapter is already part of the checkpoint, or does not fit it
     */
    public Transformer on(Transformer base, Checkpoint checkpoint) {
        MergedAdapters.in(checkpoint.folder()).refuse(this);
        StoredWeights stored = StoredWeights.open(checkpoint.folder());
        String prefix = prefix(checkpoint);
        List<StoredAdapter> parts = down.keySet().stream()
                .map(module -> new StoredAdapter(
                        weight(module, prefix, stored),
                        config.scale(module),
                        Objects.requireNonNull(down.get(module)),
                        Objects.requireNonNull(up.get(module))))
                .toList();
        return base.adapted(parts, new Source());
    }

    /** The prefix of the base model's names, with which an adapter names its modules. */
    static String prefix(Checkpoint checkpoint) {
        return Family.of(JsonFile.read(checkpoint.folder().resolve("config.json")))
                .names()
                .prefix();
    }

    /** The file that holds the factors. */
    Path weights() {
        return file.path();
    }

    /** The stored weight of a module; some folders were saved without the base model's prefix. */
    private static String weight(String module, String prefix, StoredWeights stored) {
        String name = module + ".weight";
        return !stored.has(name) && name.startsWith(prefix) && stored.has(name.substring(prefix.length()))
                ? name.substring(prefix.length())
                : name;
    }

    private void checkPairs() {
        if (down.isEmpty() || !down.keySet().equals(up.keySet())) {
            throw new InputException(
                    file.path().toString(),
                    0,
                    "",
                    down.size() + " factors A and " + up.size() + " factors B",
                    "each adapted projection has one of both");
        }
        down.forEach((module, tensor) -> {
            if (tensor.shape().length == 0 || tensor.shape()[0] != config.rank(module)) {
                throw new InputException(
                        config.file(),
                        0,
                        "r",
                        Integer.toString(config.rank(module)),
                        "the rank of " + tensor.name() + " is another");
            }
        });
    }

    private final class Source implements WeightSource {
        @Override
        public StoredTensor find(String name) {
            return StoredWeights.stored(file, name);
        }

        @Override
        public void read(StoredTensor tensor, long from, ByteBuffer into) {
            file.read(Objects.requireNonNull(file.entries().get(tensor.name())), from, into);
        }
    }
}
