package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.AdapterShare;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.StoredAdapter;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A folder with a low-rank adapter, in the hub's format: adapter_config.json and adapter_model.safetensors. */
public final class Adapter {
    static final String WEIGHTS = "adapter_model.safetensors";

    private static final Pattern FACTOR = Pattern.compile("(?:base_model\\.model\\.)?(.+)"
            + "\\.(?:lora_([AB])(?:\\.default)?\\.weight|lora_embedding_([AB])(?:\\.default)?)");

    private final Path folder;
    private final AdapterConfig config;
    private final SafetensorsFile file;
    private final Map<String, StoredTensor> down; // by module
    private final Map<String, StoredTensor> up;
    private final WholeModules whole;

    private Adapter(
            Path folder,
            AdapterConfig config,
            SafetensorsFile file,
            Map<String, StoredTensor> down,
            Map<String, StoredTensor> up,
            WholeModules whole) {
        this.folder = folder;
        this.config = config;
        this.file = file;
        this.down = down;
        this.up = up;
        this.whole = whole;
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
        WholeModules whole = new WholeModules(config, file);
        for (String name : file.entries().keySet()) {
            Matcher factor = FACTOR.matcher(name);
            if (factor.matches()) {
                boolean isDown = "A".equals(factor.group(2)) || "A".equals(factor.group(3));
                (isDown ? down : up).put(factor.group(1), StoredWeights.stored(file, name));
            } else {
                whole.add(name);
            }
        }
        whole.check();
        Adapter adapter = new Adapter(folder, config, file, down, up, whole);
        adapter.checkPairs();
        return adapter;
    }

    /** {@return the folder} */
    public Path folder() {
        return folder;
    }

    /** {@return whether the folder has a tokenizer beside whole embeddings, which may have more tokens than the base} */
    boolean bringsTokenizer() {
        return !whole.isEmpty() && Files.isRegularFile(folder.resolve("tokenizer.json"));
    }

    /**
     * Whether it replaces weights of a checkpoint, and does not only add to them: the model with the adapter off is then the
     * checkpoint read anew.
     *
     * @param checkpoint that it is for
     * @return true where it holds whole modules that are not the checkpoint's own
     */
    public boolean replaces(Checkpoint checkpoint) {
        return !whole.replaced(checkpoint).isEmpty();
    }

    /** The base with whole modules in the place of its own, and untied where head and embedding part. */
    private Transformer form(Transformer base, Checkpoint checkpoint) {
        boolean isTied = checkpoint.architecture().wiring().tiedHead();
        boolean parts = whole.touches(checkpoint, down.keySet());
        if (isTied && parts && config.tiesWeights()) {
            throw new InputException(
                    config.file(),
                    0,
                    "ensure_weight_tying",
                    "true",
                    "an adapter of a tied embedding that is put on the head too is not supported");
        }
        Map<String, StoredTensor> replaced = whole.replaced(checkpoint);
        try (Transformer untied = isTied && parts ? base.untied() : base.withoutAdapter()) {
            if (replaced.isEmpty()) {
                return untied.withoutAdapter();
            }
            Architecture form = untied.architecture().withVocabulary(whole.tokens(checkpoint));
            return untied.replaced(
                    form, replaced.keySet(), new ReplacedWeights(replaced, new FileWeights(file), checkpoint));
        }
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
        Transformer adapted;
        try (Transformer form = form(base, checkpoint)) {
            adapted = form.adapted(parts(checkpoint), new FileWeights(file));
        }
        if (isPartOf(checkpoint, List.of())) {
            adapted.close();
            throw new InputException(
                    folder.toString(),
                    0,
                    "",
                    "already part of the checkpoint " + checkpoint.folder(),
                    "use the checkpoint alone, or the one that the adapter was trained on");
        }
        return adapted;
    }

    /**
     * Whether a checkpoint's weights hold this adapter already: its {@code merged_adapters.json} says so, or its weights are a
     * base's with what the adapter adds. The base is looked for where {@code adapter_config.json} says, too.
     *
     * @param checkpoint that may hold it
     * @param bases checkpoints that it may have been merged into; those of another architecture are passed over
     * @return true where it is found to be; false also where no base is at hand to tell
     */
    public boolean isPartOf(Checkpoint checkpoint, List<Checkpoint> bases) {
        if (MergedAdapters.in(checkpoint.folder()).holds(this)) {
            return true;
        }
        return Stream.concat(bases.stream(), base().stream()).anyMatch(base -> isDifference(base, checkpoint));
    }

    /**
     * The checkpoint that the adapter was trained on.
     *
     * @return the folder that adapter_config.json names, where it is one that can be read: as it is, or beside the adapter's
     */
    public Optional<Checkpoint> base() {
        if (config.base().isEmpty()) {
            return Optional.empty();
        }
        for (Path named : new Path[] {Path.of(config.base()), folder.resolveSibling(config.base())}) {
            if (Files.isRegularFile(named.resolve("config.json"))) {
                try {
                    return Optional.of(Checkpoint.open(named));
                } catch (InputException e) {
                    return Optional.empty(); // a checkpoint that is not read here tells nothing
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Writes a checkpoint with this adapter added into its weights, and that it is part of them.
     *
     * @param adapted the checkpoint's transformer with this adapter on it
     * @param checkpoint that it was read from
     * @param target another folder
     */
    public void saveMerged(Transformer adapted, Checkpoint checkpoint, Path target) {
        try (Transformer merged = adapted.merged()) {
            if (!merged.architecture().equals(checkpoint.architecture())) {
                throw new InputException(
                        folder.toString(),
                        0,
                        "",
                        "an adapter that parts head and embedding, or adds tokens",
                        "it cannot be written into the form of " + checkpoint.folder()
                                + "; name both as one model instead");
            }
            checkpoint.save(merged, target);
        }
        MergedAdapters.in(checkpoint.folder()).write(this, target);
    }

    /** Whether the weights of a checkpoint are those of a base with this adapter in them. */
    private boolean isDifference(Checkpoint base, Checkpoint checkpoint) {
        if (base.isSameFolder(checkpoint)
                || !base.architecture()
                        .untied()
                        .equals(checkpoint.architecture().untied())) {
            return false;
        }
        List<AdapterShare.Weight> weights = new ArrayList<>();
        List<StoredAdapter> with = parts(checkpoint);
        int at = 0;
        for (StoredAdapter part : parts(base)) {
            String other = with.get(at++).weight();
            if (part.weight().equals(base.head())
                    && base.architecture().wiring().tiedHead()) {
                continue; // the base's files hold no head to compare with
            }
            if (!base.weights().has(part.weight()) || !checkpoint.weights().has(other)) {
                return false; // an adapter of another model is part of neither
            }
            weights.add(new AdapterShare.Weight(
                    part,
                    base.isTransposed(part.weight()),
                    base.weights().find(part.weight()),
                    checkpoint.weights().find(other)));
        }
        return !weights.isEmpty()
                && weights.stream().allMatch(AdapterShare.Weight::fits)
                && AdapterShare.of(weights, new FileWeights(file), base.weights(), checkpoint.weights())
                        .isMerged();
    }

    /** The factors with the names that the weights have in a checkpoint's files. */
    private List<StoredAdapter> parts(Checkpoint checkpoint) {
        String prefix = prefix(checkpoint);
        return down.keySet().stream()
                .map(module -> new StoredAdapter(
                        weight(module + ".weight", prefix, checkpoint.weights()),
                        config.scale(module),
                        Objects.requireNonNull(down.get(module)),
                        Objects.requireNonNull(up.get(module))))
                .toList();
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
    static String weight(String name, String prefix, StoredWeights stored) {
        if (name.equals("lm_head.weight") && !stored.has(name) && stored.has("embed_out.weight")) {
            return "embed_out.weight"; // GPT-NeoX's head has one name in files, another in newer adapters
        }
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

    /**
     * The weights of a checkpoint with some of an adapter's file in their place.
     *
     * @param replaced by name
     * @param adapter where those are stored
     * @param checkpoint where the others are
     */
    record ReplacedWeights(Map<String, StoredTensor> replaced, WeightSource adapter, Checkpoint checkpoint)
            implements WeightSource {
        @Override
        public StoredTensor find(String name) {
            StoredTensor own = replaced.get(name);
            return own != null ? own : checkpoint.weights().find(name);
        }

        @Override
        public void read(StoredTensor tensor, long from, ByteBuffer into) {
            (replaced.containsValue(tensor) ? adapter : checkpoint.weights()).read(tensor, from, into);
        }
    }
}
