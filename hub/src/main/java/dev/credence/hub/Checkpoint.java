package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Architecture;
import dev.credence.torch.Backend;
import dev.credence.torch.Precision;
import dev.credence.torch.Role;
import dev.credence.torch.Transformer;
import dev.credence.torch.WeightNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A checkpoint folder: what its files say, the transformer they hold, and how to write one like it. */
public final class Checkpoint {
    private static final Set<Role> PROJECTIONS =
            Set.of(Role.ATTENTION_IN, Role.ATTENTION_OUT, Role.FEED_FORWARD_IN, Role.FEED_FORWARD_OUT);

    private final Path folder;
    private final Architecture architecture;
    private final StoredWeights stored;
    private final WeightNames names;
    private final Set<Integer> ends;

    private Checkpoint(
            Path folder, Architecture architecture, StoredWeights stored, WeightNames names, Set<Integer> ends) {
        this.folder = folder;
        this.architecture = architecture;
        this.stored = stored;
        this.names = names;
        this.ends = ends;
    }

    /**
     * Opens a folder: reads its configuration and the headers of its weight files.
     *
     * @param folder with config.json and model.safetensors or its sharded index
     * @return what is there; no weight is read yet
     * @throws InputException if a file is missing, broken or truncated, or the architecture is not known
     */
    public static Checkpoint open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder.toString(), 0, "", "not a folder", "a model is a checkpoint folder");
        }
        JsonFile config = JsonFile.read(folder.resolve("config.json"));
        Family family = Family.of(config);
        Architecture architecture;
        try {
            architecture = family.architecture().apply(config);
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    config.file(), 0, "", String.valueOf(e.getMessage()), "the sizes must fit together");
        }
        StoredWeights stored = StoredWeights.open(folder);
        return new Checkpoint(folder, architecture, stored, family.namesIn(stored), ends(folder, config, architecture));
    }

    /** {@return the folder} */
    public Path folder() {
        return folder;
    }

    /** {@return sizes and switches} */
    public Architecture architecture() {
        return architecture;
    }

    /** {@return tokens that end a text: generation_config.json's, else config.json's} */
    public Set<Integer> ends() {
        return ends;
    }

    /**
     * Reads the weights, to compute in single precision.
     *
     * @param backend what to compute with
     * @return the transformer; the caller closes it
     * @throws InputException if a tensor is missing or has another shape than the configuration asks for
     */
    public Transformer load(Backend backend) {
        return load(new Transformer.Compute(backend, Precision.FLOAT32));
    }

    /**
     * Reads the weights.
     *
     * @param compute what to compute with, and how exactly
     * @return the transformer; the caller closes it
     * @throws InputException if a tensor is missing or has another shape than the configuration asks for
     */
    public Transformer load(Transformer.Compute compute) {
        return Transformer.read(architecture, names, stored, ends, compute);
    }

    /**
     * Writes a transformer in this folder's form: the same files, names, types and order, the transformer's numbers; what
     * is no weight (buffers, tokenizer, configuration) is copied. Each file appears whole or not at all.
     *
     * @param transformer of this folder's architecture
     * @param target a folder, made if it is not there; not this one
     * @throws IllegalArgumentException if the architecture is another, or the target is this folder
     */
    public void save(Transformer transformer, Path target) {
        if (!transformer.architecture().equals(architecture)) {
            throw new IllegalArgumentException("the transformer is " + transformer.architecture()
                    + "; this checkpoint's form is for " + architecture);
        }
        try {
            Files.createDirectories(target);
            if (Files.isSameFile(target, folder)) {
                throw new IllegalArgumentException("target is " + target + "; a checkpoint is not written over itself");
            }
            new CheckpointWriter(architecture, names, transformer).write(stored.files(), folder, target);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    /** The tensors of its files. */
    StoredWeights weights() {
        return stored;
    }

    boolean isSameFolder(Checkpoint other) {
        try {
            return Files.isSameFile(folder, other.folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    /** Whether files keep a weight (in, out). */
    boolean isTransposed(String weight) {
        return IntStream.range(0, architecture.layers())
                .mapToObj(layer -> PROJECTIONS.stream().map(role -> names.place(role, layer)))
                .flatMap(Function.identity())
                .anyMatch(place -> place.order() == WeightNames.Order.COLUMNS
                        && place.names().contains(weight));
    }

    /** From generation_config.json where it names them, else from config.json: one id, a list, or none. */
    private static Set<Integer> ends(Path folder, JsonFile config, Architecture architecture) {
        Path generation = folder.resolve("generation_config.json");
        JsonFile from = config;
        if (Files.isRegularFile(generation)) {
            JsonFile own = JsonFile.read(generation);
            from = own.root().hasNonNull("eos_token_id") ? own : config;
        }
        Set<Integer> ends = new TreeSet<>();
        JsonNode node = from.root().path("eos_token_id");
        for (JsonNode id : node.isArray() ? node : List.of(node)) {
            if (!id.isMissingNode() && !id.isNull()) {
                if (!(id.isInt() && id.asInt() >= 0 && id.asInt() < architecture.vocabulary())) {
                    throw new InputException(
                            from.file(),
                            0,
                            "eos_token_id",
                            node.toString(),
                            "ids are integers in [0, " + architecture.vocabulary() + ")");
                }
                ends.add(id.asInt());
            }
        }
        return ends;
    }
}
