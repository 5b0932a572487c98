package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.WeightNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final StoredNames names;
    private final Set<Integer> ends;
    private final List<String> warnings;

    private Checkpoint(
            Path folder,
            Architecture architecture,
            StoredWeights stored,
            StoredNames names,
            Set<Integer> ends,
            List<String> warnings) {
        this.folder = folder;
        this.architecture = architecture;
        this.stored = stored;
        this.names = names;
        this.ends = ends;
        this.warnings = List.copyOf(warnings);
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
        ConfigKeys.check(config);
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
        StoredNames names = family.namesIn(stored);
        if (RewardConfig.isReward(config)) {
            RewardConfig.check(config);
            architecture = architecture.scoring();
            names = names.scoring();
        }
        List<String> warnings = new ArrayList<>();
        if (architecture.wiring().tiedHead() && holdsHead(stored, names)) {
            architecture = architecture.untied();
            warnings.add("warning: " + folder
                    + ": config.json ties the head to the embedding, but the file holds a head of its"
                    + " own, which is the one used");
        }
        checkSizes(config, architecture, names, stored);
        warnings.addAll(UnusedTensors.check(architecture, names, stored));
        Set<Integer> ends = ends(folder, config, architecture);
        return new Checkpoint(folder, architecture, stored, names, ends, warnings);
    }

    /** Refuses sizes that no file of this folder has, before anything is made of that size. */
    private static void checkSizes(
            JsonFile config, Architecture architecture, StoredNames names, StoredWeights stored) {
        if (architecture.layers() > stored.names().size()) {
            throw new InputException(
                    config.file(),
                    0,
                    "",
                    architecture.layers() + " layers",
                    "the weights are " + stored.names().size() + " tensors; a layer has several");
        }
        String embedding = names.place(Role.EMBEDDING, 0).names().get(0);
        if (stored.has(embedding) && stored.shape(embedding)[0] != architecture.vocabulary()) {
            throw new InputException(
                    stored.file(embedding),
                    0,
                    embedding,
                    "of shape " + Arrays.toString(stored.shape(embedding)),
                    "the configuration asks for a vocabulary of " + architecture.vocabulary());
        }
    }

    /** Whether there is a head that is not the embedding once more. */
    private static boolean holdsHead(StoredWeights stored, StoredNames names) {
        String head = names.place(Role.HEAD, 0).names().get(0);
        String embedding = names.place(Role.EMBEDDING, 0).names().get(0);
        return stored.has(head)
                && stored.has(embedding)
                && !SameNumbers.are(stored.find(head), stored, stored.find(embedding), stored);
    }

    /** {@return the folder} */
    public Path folder() {
        return folder;
    }

    /** {@return sizes and switches} */
    public Architecture architecture() {
        return architecture;
    }

    /** {@return in what precision its matrices are stored: the embedding's} */
    public Precision storedPrecision() {
        return stored.find(embedding()).precision();
    }

    /** {@return tokens that end a text: generation_config.json's, else config.json's} */
    public Set<Integer> ends() {
        return ends;
    }

    /** {@return what a reader of the figures must know} */
    public List<String> warnings() {
        return warnings;
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
        return load(compute, ends);
    }

    /** The same with other tokens that end a text. */
    Transformer load(Transformer.Compute compute, Set<Integer> otherEnds) {
        if (isReward()) {
            throw new InputException(
                    folder.resolve("config.json").toString(),
                    0,
                    RewardConfig.ARCHITECTURES,
                    "those of a reward model",
                    "a reward model scores texts and foretells no token; where texts are drawn or have probabilities, name a"
                            + " language model");
        }
        return Transformer.read(architecture, names, stored, otherEnds, compute);
    }

    /** {@return whether the folder holds a reward model: a head of one number in the place of a logit a token} */
    public boolean isReward() {
        return architecture.wiring().head() == Architecture.Head.SCORE;
    }

    /**
     * Reads the weights as a model that scores texts: those of a reward model, or a language model's with a new head, which gives
     * every text 0.
     *
     * @param compute what to compute with, and how exactly
     * @return the model; the caller closes it
     * @throws InputException if a tensor is missing or has another shape than the configuration asks for
     */
    public Transformer loadScoring(Transformer.Compute compute) {
        if (isReward()) {
            return Transformer.read(architecture, names, stored, ends, compute);
        }
        try (Transformer language = load(compute)) {
            return language.scoring(rewardNames());
        }
    }

    /** The names of a reward model's weights that is made of this checkpoint. */
    StoredNames rewardNames() {
        return isReward() ? names : Family.of(config()).names().scoring();
    }

    /** The folder's config.json. */
    JsonFile config() {
        return JsonFile.read(folder.resolve("config.json"));
    }

    /** The name of the head's weight, stored or not. */
    String head() {
        return names.place(Role.HEAD, 0).names().get(0);
    }

    /** The name of the embedding. */
    String embedding() {
        return names.place(Role.EMBEDDING, 0).names().get(0);
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
        return weight.equals(embedding()) // an adapter's factors are those of its transpose
                || IntStream.range(0, architecture.layers())
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
