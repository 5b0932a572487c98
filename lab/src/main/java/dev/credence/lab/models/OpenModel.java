package dev.credence.lab.models;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.hub.Adapter;
import dev.credence.hub.BeginToken;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.EndChoice;
import dev.credence.hub.HubModel;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A model that a user named, loaded: a checkpoint folder, with a tokenizer or without, or one with an adapter on it. */
public final class OpenModel implements AutoCloseable {
    private final ModelName name;
    private final EndChoice end;
    private final Transformer transformer;
    private final @Nullable HubModel texts;

    private OpenModel(ModelName name, EndChoice end, Transformer transformer, @Nullable HubModel texts) {
        this.name = name;
        this.end = end;
        this.transformer = transformer;
        this.texts = texts;
    }

    /**
     * Whether an argument is a checkpoint folder, or one with an adapter.
     *
     * @param argument as the user gave it
     * @return true for a folder with a config.json
     */
    public static boolean isModel(String argument) {
        return Files.isRegularFile(ModelName.of(argument).folder().resolve("config.json"));
    }

    /**
     * Loads a folder's weights; the native libraries are loaded at the first call.
     *
     * @param argument as the user gave it
     * @return the model; the caller closes it
     * @throws InputException if there is no such folder, or its files are missing or broken
     */
    public static OpenModel open(String argument) {
        return open(argument, EndChoice.AUTO);
    }

    /**
     * Loads a folder's weights.
     *
     * @param argument as the user gave it
     * @param end which tokens end a text; of a folder without a tokenizer the configuration says so
     * @return the model; the caller closes it
     * @throws InputException if there is no such folder, or its files are missing or broken
     */
    public static OpenModel open(String argument, EndChoice end) {
        return open(ModelName.of(argument), List.of(), end);
    }

    /** The same, where other checkpoints are at hand that an adapter may have been merged into. */
    static OpenModel open(ModelName name, List<Path> bases, EndChoice end) {
        name.check(bases);
        Path folder = name.folder();
        Adapter adapter = name.adapter() == null ? null : Adapter.open(name.adapter());
        if (Files.isRegularFile(folder.resolve("tokenizer.json"))) {
            HubModel model = adapter == null
                    ? HubModel.open(folder, end, Backend.shared())
                    : HubModel.open(folder, adapter, end, Backend.shared());
            return new OpenModel(name, end, model.transformer(), model);
        }
        if (end.kind() != EndChoice.Kind.AUTO && end.kind() != EndChoice.Kind.CONFIG) {
            throw new InputException(
                    folder.resolve("tokenizer.json").toString(), 0, "", "missing", "an end token is named by its text");
        }
        Checkpoint checkpoint = Checkpoint.open(folder);
        Transformer base = checkpoint.load(Backend.shared());
        if (adapter == null) {
            return new OpenModel(name, end, base, null);
        }
        try (base) {
            return new OpenModel(name, end, adapter.on(base, checkpoint), null);
        }
    }

    /**
     * The model that an adapter's training began with.
     *
     * @param argument as the user gave it
     * @return BASE of BASE+ADAPTER; null for any other argument
     */
    public static @Nullable String base(String argument) {
        ModelName name = ModelName.of(argument);
        return name.adapter() == null ? null : name.folder().toString();
    }

    /**
     * The checkpoint's folder of a model that is not to be opened yet.
     *
     * @param argument as the user gave it
     * @return that folder; of BASE+ADAPTER that of BASE
     */
    public static Path folder(String argument) {
        return ModelName.of(argument).folder();
    }

    /** The same with the adapter off, on the same memory; read anew where the adapter replaces weights. */
    OpenModel withoutAdapter() {
        ModelName base = new ModelName(folder().toString(), folder(), null);
        if (name.adapter() != null && Adapter.open(name.adapter()).replaces(Checkpoint.open(folder()))) {
            return open(base, List.of(), end);
        }
        if (texts == null) {
            return new OpenModel(base, end, transformer.withoutAdapter(), null);
        }
        HubModel off = texts.withoutAdapter();
        return new OpenModel(base, end, off.transformer(), off);
    }

    /**
     * Texts drawn behind a prompt, by the model's own distribution unless the sampling says otherwise.
     *
     * @param prompt its text; gets the begin token where the tokenizer's rules add it, or it is empty
     * @param number of texts
     * @param how far and how they are drawn
     * @param seed of the draws
     * @return the texts, without their end tokens
     * @throws InputException if the prompt cannot be tokenised, or the context window is too small for the texts
     */
    public List<String> sample(String prompt, int number, Sampling how, long seed) {
        return draw(prompt(prompt, BeginToken.AUTO), number, how, seed).stream()
                .map(texts()::text)
                .toList();
    }

    /**
     * Draws behind a prompt's tokens.
     *
     * @param prompt its tokens
     * @param number of draws
     * @param how far and how they are drawn
     * @param seed of the draws
     * @return tokens with their log-probabilities, nats
     * @throws InputException if the context window is too small for the texts
     */
    public List<Sample> draw(int[] prompt, int number, Sampling how, long seed) {
        try {
            checkRoom(prompt, how.maxNewTokens());
        } catch (ContextWindowException e) {
            throw InputException.ofSetting(
                    "max-new-tokens", Integer.toString(how.maxNewTokens()), String.valueOf(e.getMessage()));
        }
        return transformer.sample(prompt, number, how, new SplittableRandom(seed));
    }

    /**
     * The log-probabilities of a finished text's tokens, its end token among them.
     *
     * @param prompt its text
     * @param completion behind it
     * @return (tokens) nats
     * @throws InputException if one cannot be tokenised, or the context window is too small
     */
    public double[] score(String prompt, String completion) {
        Continuation continuation = texts().continuation(prompt(prompt, BeginToken.AUTO), completion, true);
        return transformer.logProbs(List.of(continuation))[0];
    }

    /** {@return what a reader of the figures must know, a line each} */
    public List<String> warnings() {
        return texts == null ? Checkpoint.open(folder()).warnings() : texts.warnings();
    }

    /** {@return the end tokens, in words} */
    public String describeEnds() {
        return texts == null ? transformer.vocabulary().ends().toString() : texts.describeEnds();
    }

    /**
     * Writes the checkpoint with the adapter in its weights.
     *
     * @param target a folder
     * @throws IllegalStateException if there is no adapter
     */
    public void saveMerged(Path target) {
        Adapter adapter = name.withAdapter()
                .orElseThrow(() -> new IllegalStateException("model is " + name.argument() + "; it has no adapter"));
        adapter.saveMerged(transformer, Checkpoint.open(folder()), target);
    }

    /** {@return the checkpoint's folder} */
    public Path folder() {
        return name.folder();
    }

    /** {@return the folders' own names, for titles} */
    public String title() {
        return name.title();
    }

    /** {@return the model of token sequences} */
    public Transformer transformer() {
        return transformer;
    }

    /**
     * The model of texts.
     *
     * @return the same model with its tokenizer
     * @throws InputException if the folder has no tokenizer
     */
    public HubModel texts() {
        if (texts == null) {
            String file = folder().resolve("tokenizer.json").toString();
            throw new InputException(file, 0, "", "missing", "texts need a tokenizer; ids do not");
        }
        return texts;
    }

    /**
     * The ids of a prompt.
     *
     * @param text the prompt
     * @param begin whether the begin token comes in front
     * @return at least one id
     * @throws InputException if there is no tokenizer, or no begin token where one is needed
     */
    public int[] prompt(String text, BeginToken begin) {
        return texts().tokenizer().prompt(text, begin);
    }

    /**
     * Checks that prompt and completion fit the context window.
     *
     * @param prompt ids
     * @param newTokens how many may follow
     * @throws ContextWindowException if they do not
     */
    public void checkRoom(int[] prompt, int newTokens) {
        check(prompt.length + (long) newTokens);
    }

    /**
     * Checks that a text fits the context window and its ids are in the vocabulary.
     *
     * @param continuation what is to be scored
     * @throws IllegalArgumentException with the reason if it cannot be
     */
    public void check(Continuation continuation) {
        transformer.vocabulary().check(continuation.prompt());
        transformer.vocabulary().check(continuation.tokens());
        check(continuation.prompt().length + (long) continuation.tokens().length);
    }

    /** The last token is predicted and never read, so that one more than the window can be scored. */
    private void check(long tokens) {
        int context = transformer.architecture().context();
        if (!(tokens - 1 <= context)) {
            throw new ContextWindowException(tokens, context);
        }
    }

    /** {@return the files that decide what the model is, with their hashes} */
    public List<Provenance.Input> inputs() {
        List<Provenance.Input> inputs = new ArrayList<>(FolderHash.of(folder()));
        if (name.adapter() != null) {
            inputs.addAll(FolderHash.of(name.adapter()));
        }
        return inputs;
    }

    @Override
    public void close() {
        if (texts != null) {
            texts.close();
        } else {
            transformer.close();
        }
    }
}
