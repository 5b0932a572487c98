package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightShapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A reward model in the hub's sequence-classification form: a decoder whose head {@code score.weight} (1, d) gives a text one
 * number, a logit, read at its last token that is no padding.
 */
public final class RewardModelFolder implements AutoCloseable {
    private static final String[] TOKENIZER = {
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "vocab.json",
        "merges.txt",
        "added_tokens.json",
        "chat_template.jinja"
    };

    private final Checkpoint checkpoint;
    private final Transformer transformer;
    private final @Nullable TextTokenizer tokenizer;
    private final OptionalInt pad;

    private RewardModelFolder(
            Checkpoint checkpoint, Transformer transformer, @Nullable TextTokenizer tokenizer, OptionalInt pad) {
        this.checkpoint = checkpoint;
        this.transformer = transformer;
        this.tokenizer = tokenizer;
        this.pad = pad;
    }

    /**
     * Opens a folder's files without reading a weight.
     *
     * @param folder with config.json and weights
     * @return what is there
     * @throws InputException if a file is missing or broken, or it is no reward model
     */
    public static Checkpoint check(Path folder) {
        Checkpoint checkpoint = Checkpoint.open(folder);
        if (!checkpoint.isReward()) {
            throw new InputException(
                    folder.resolve("config.json").toString(),
                    0,
                    RewardConfig.ARCHITECTURES,
                    checkpoint.config().root().path(RewardConfig.ARCHITECTURES).toString(),
                    "a reward model's name ends with ForSequenceClassification; learn one, or name such a folder");
        }
        return checkpoint;
    }

    /**
     * Reads a folder to compute in single precision.
     *
     * @param folder with config.json, weights, and tokenizer.json where texts are scored
     * @param backend what to compute with
     * @return the model; the caller closes it
     * @throws InputException if a file is missing or broken, or it is no reward model
     */
    public static RewardModelFolder open(Path folder, Backend backend) {
        return open(folder, new Transformer.Compute(backend, Precision.FLOAT32));
    }

    /**
     * Reads a folder.
     *
     * @param folder with config.json, weights, and tokenizer.json where texts are scored
     * @param compute what to compute with, and how exactly
     * @return the model; the caller closes it
     * @throws InputException if a file is missing or broken, or it is no reward model
     */
    public static RewardModelFolder open(Path folder, Transformer.Compute compute) {
        Checkpoint checkpoint = check(folder);
        int vocabulary = checkpoint.architecture().vocabulary();
        OptionalInt pad = RewardConfig.pad(checkpoint.config(), vocabulary);
        TextTokenizer tokenizer =
                Files.isRegularFile(folder.resolve("tokenizer.json")) ? TextTokenizer.open(folder, vocabulary) : null;
        try {
            return new RewardModelFolder(checkpoint, checkpoint.loadScoring(compute), tokenizer, pad);
        } catch (RuntimeException e) {
            if (tokenizer != null) {
                tokenizer.close();
            }
            throw e;
        }
    }

    /** {@return the folder's files} */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /**
     * The folder's tokenizer.
     *
     * @return it
     * @throws InputException if there is none
     */
    public TextTokenizer tokenizer() {
        if (tokenizer == null) {
            String file = checkpoint.folder().resolve("tokenizer.json").toString();
            throw new InputException(file, 0, "", "missing", "texts need a tokenizer; ids do not");
        }
        return tokenizer;
    }

    /**
     * Scores of texts.
     *
     * @param texts token ids, one at least each; what stands behind the last one that is no padding is not read
     * @return (texts) logits
     * @throws IllegalArgumentException if a text is empty, too long, or an id outside the vocabulary
     */
    public double[] scores(List<int[]> texts) {
        return transformer.scores(texts.stream().map(this::read).toList());
    }

    /** As far as the last token that is no padding; the first token where all are. */
    private int[] read(int[] text) {
        return unpadded(text, pad);
    }

    /**
     * A text as far as it is read: to its last token that is no padding, or its first where all are.
     *
     * @param text token ids
     * @param pad the padding token; none where there is none
     * @return the same ids, or fewer
     */
    public static int[] unpadded(int[] text, OptionalInt pad) {
        int length = text.length;
        while (pad.isPresent() && length > 1 && text[length - 1] == pad.getAsInt()) {
            length--;
        }

        return length == text.length ? text : Arrays.copyOf(text, length);
    }

    /**
     * The padding token that a reward model made of a checkpoint is read with: the configuration's, else the end of a text.
     *
     * @param form the checkpoint
     * @return none where the folder names neither
     */
    public static OptionalInt pad(Checkpoint form) {
        OptionalInt own = RewardConfig.pad(form.config(), form.architecture().vocabulary());
        return own.isPresent()
                ? own
                : form.ends().stream().mapToInt(Integer::intValue).min();
    }

    /**
     * Writes a model that scores texts as a folder, in single precision, with the form's tokenizer. Each file appears whole or
     * not at all.
     *
     * @param form the checkpoint that the model was made of
     * @param scoring the model, of {@link Checkpoint#loadScoring}, trained or not, without an adapter
     * @param target a folder, made if it is not there; not the form's
     * @throws IOException if it cannot be written
     */
    public static void write(Checkpoint form, Transformer scoring, Path target) throws IOException {
        Files.createDirectories(target);
        if (Files.isSameFile(target, form.folder())) {
            throw new IllegalArgumentException("target is " + target + "; a checkpoint is not written over itself");
        }
        for (String name : TOKENIZER) {
            Path file = form.folder().resolve(name);
            if (Files.isRegularFile(file)) {
                put(target.resolve(name), Files.readAllBytes(file));
            }
        }
        put(target.resolve("config.json"), JsonFile.bytes(RewardConfig.of(form.config(), pad(form))));
        weights(scoring, form.rewardNames(), target.resolve(StoredWeights.SINGLE));
    }

    private static void weights(Transformer scoring, WeightNames names, Path file) throws IOException {
        Map<String, long[]> shapes = shapes(scoring.architecture(), names);
        Path part = Path.of(file + ".part");
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeAll(out, SafetensorsHeader.of(shapes));
            shapes.forEach((name, shape) -> scoring.write(
                    new StoredTensor(file.toString(), name, Precision.FLOAT32, shape), bytes -> writeAll(out, bytes)));
            out.force(true);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Every stored tensor by name, in the order of the blocks. */
    private static Map<String, long[]> shapes(Architecture architecture, WeightNames names) {
        WeightShapes sizes = new WeightShapes(architecture);
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (int layer = 0; layer <= architecture.layers(); layer++) {
            boolean isOutside = layer == architecture.layers();
            List<Role> roles = new ArrayList<>(isOutside ? sizes.outside() : sizes.inBlocks());
            for (Role role : roles) {
                WeightNames.Place place = names.place(role, isOutside ? 0 : layer);
                for (int i = 0; i < place.names().size(); i++) {
                    shapes.put(place.names().get(i), sizes.stored(role, place, i));
                }
            }
        }
        return shapes;
    }

    private static void put(Path file, byte[] bytes) throws IOException {
        Path part = Path.of(file + ".part");
        Files.write(part, bytes);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        transformer.close();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
