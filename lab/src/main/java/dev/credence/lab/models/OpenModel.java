package dev.credence.lab.models;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.endpoint.EndpointUrl;
import dev.credence.hub.Adapter;
import dev.credence.hub.BeginToken;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.EndChoice;
import dev.credence.hub.HubModel;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Arithmetic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A model that a user named, loaded: a checkpoint folder, with a tokenizer or without, or one with an adapter on it; or a server's model, of
 * which nothing is loaded. What needs a network's inside refuses a server's by name.
 */
public final class OpenModel implements AutoCloseable {
    private final ModelName name;
    private final EndChoice end;
    private final @Nullable Transformer transformer;
    private final @Nullable HubModel texts;
    private final @Nullable ServedModel served;

    private OpenModel(ModelName name, EndChoice end, Transformer transformer, @Nullable HubModel texts) {
        this.name = name;
        this.end = end;
        this.transformer = transformer;
        this.texts = texts;
        this.served = null;
    }

    private OpenModel(String argument, EndChoice end, ServedModel served) {
        this.name = new ModelName(argument, Path.of(""), null);
        this.end = end;
        this.transformer = null;
        this.texts = null;
        this.served = served;
    }

    /**
     * A server's model.
     *
     * @param argument its address
     * @param end which tokens end a text; where a checkpoint is beside it, that one's end
     * @param beside a checkpoint whose tokens the server's must be, and whose tokenizer is used; or null
     */
    static OpenModel served(String argument, EndChoice end, @Nullable OpenModel beside) {
        return new OpenModel(argument, end, ServedModel.open(argument, end, beside == null ? null : beside.texts()));
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
     * Whether an argument is a server's address.
     *
     * @param argument as the user gave it
     * @return true for http://HOST:PORT/v1#MODEL
     */
    public static boolean isServer(String argument) {
        return EndpointUrl.isEndpoint(argument);
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
     * Loads a folder's weights in one of several processes that share this machine's processors.
     *
     * @param argument as the user gave it
     * @param processes how many, 1 or more
     * @return the model; the caller closes it
     * @throws InputException if there is no such folder, or its files are missing or broken
     */
    public static OpenModel open(String argument, int processes) {
        return EndpointUrl.isEndpoint(argument)
                ? served(argument, EndChoice.AUTO, null)
                : open(
                        ModelName.of(argument),
                        List.of(),
                        EndChoice.AUTO,
                        new Transformer.Compute(Backend.sharedBy(processes), Arithmetic.SINGLE));
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
        return EndpointUrl.isEndpoint(argument)
                ? served(argument, end, null)
                : open(ModelName.of(argument), List.of(), end, Arithmetic.SINGLE);
    }

    /**
     * Loads a folder's weights to draw and score, not to train; those stored in 16 bits are mapped from their file.
     *
     * @param argument as the user gave it
     * @param end which tokens end a text; of a folder without a tokenizer the configuration says so
     * @param precision in what it draws and scores
     * @return the model; the caller closes it
     * @throws InputException if there is no such folder, its files are missing or broken, they do not fit into memory, or a server
     *     is to compute in bf16
     */
    public static OpenModel open(String argument, EndChoice end, ModelPrecision precision) {
        if (EndpointUrl.isEndpoint(argument)) {
            refuseServed(precision, argument);
            return served(argument, end, null);
        }
        ModelName name = ModelName.of(argument);
        return open(name, List.of(), end, arithmetic(name, precision));
    }

    /** How a folder's weights are held and multiplied; a folder that is none is told about when it is opened. */
    static Arithmetic arithmetic(ModelName name, ModelPrecision precision) {
        return precision == ModelPrecision.AUTO && name.isThere()
                ? precision.resolved(Checkpoint.open(name.folder())).arithmetic()
                : precision.arithmetic();
    }

    /** A server's arithmetic is its own. */
    static void refuseServed(ModelPrecision precision, String argument) {
        if (precision == ModelPrecision.BF16) {
            throw InputException.ofSetting(
                    "precision", precision.word(), "the server of " + argument + " computes as it was started");
        }
    }

    /** The same, where other checkpoints are at hand that an adapter may have been merged into. */
    static OpenModel open(ModelName name, List<Path> bases, EndChoice end, Arithmetic arithmetic) {
        return open(name, bases, end, new Transformer.Compute(Backend.shared(), arithmetic));
    }

    private static OpenModel open(ModelName name, List<Path> bases, EndChoice end, Transformer.Compute compute) {
        name.check(bases);
        Path folder = name.folder();
        Adapter adapter = name.adapter() == null ? null : Adapter.open(name.adapter());
        if (Files.isRegularFile(folder.resolve("tokenizer.json"))) {
            HubModel model = adapter == null
                    ? HubModel.open(folder, end, compute)
                    : HubModel.open(folder, adapter, end, compute);
            return new OpenModel(name, end, model.transformer(), model);
        }
        if (end.kind() != EndChoice.Kind.AUTO && end.kind() != EndChoice.Kind.CONFIG) {
            throw new InputException(
                    folder.resolve("tokenizer.json").toString(), 0, "", "missing", "an end token is named by its text");
        }
        Checkpoint checkpoint = Checkpoint.open(folder);
        Transformer base = checkpoint.load(compute);
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
        if (EndpointUrl.isEndpoint(argument)) {
            return null;
        }
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
            return open(base, List.of(), end, transformer().arithmetic());
        }
        if (texts == null) {
            return new OpenModel(base, end, transformer().withoutAdapter(), null);
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
        return texts(draw(prompt(prompt, BeginToken.AUTO), number, how, seed));
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
        return model().sample(prompt, number, how, new SplittableRandom(seed));
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
        Continuation continuation = continuation(prompt(prompt, BeginToken.AUTO), completion, true);
        return model().logProbs(List.of(continuation))[0];
    }

    /** {@return what a reader of the figures must know, a line each} */
    public List<String> warnings() {
        if (served != null) {
            return served.model().warnings();
        }
        return texts == null ? Checkpoint.open(folder()).warnings() : texts.warnings();
    }

    /** {@return in what it draws and scores, and in what its weights are stored, in words} */
    public String describePrecision() {
        if (transformer == null) {
            return "the server's own";
        }
        String stored = Checkpoint.open(folder()).storedPrecision().word();
        return transformer.arithmetic() == Arithmetic.BFLOAT16
                ? "bf16 (weights stored in " + stored + ")"
                : "fp32 (weights stored in " + stored + ")";
    }

    /** {@return the end tokens, in words} */
    public String describeEnds() {
        if (served != null) {
            return served.describeEnds();
        }
        return texts == null ? transformer().vocabulary().ends().toString() : texts.describeEnds();
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
        adapter.saveMerged(transformer(), Checkpoint.open(folder()), target);
    }

    /**
     * Where the model's files are.
     *
     * @return the checkpoint's folder
     * @throws InputException if it is a server's
     */
    public Path folder() {
        if (served != null) {
            throw needsWeights();
        }
        return name.folder();
    }

    /** {@return whether a server computes it, so that its inside is not here} */
    public boolean isServed() {
        return served != null;
    }

    /** {@return as the user named it} */
    public String argument() {
        return name.argument();
    }

    /** {@return the folders' own names, for titles; of a server's model its name there} */
    public String title() {
        return served != null ? served.title() : name.title();
    }

    /** {@return the model of token sequences} */
    public PredictiveModel model() {
        return served != null ? served.model() : transformer();
    }

    /**
     * The network.
     *
     * @return the model of token sequences with all that is in it
     * @throws InputException if it is a server's
     */
    public Transformer transformer() {
        if (transformer == null) {
            throw needsWeights();
        }
        return transformer;
    }

    private InputException needsWeights() {
        return InputException.ofSetting(
                "model",
                name.argument(),
                "this needs a checkpoint folder; a server draws texts and scores given ones, and no more");
    }

    /**
     * Prompt and completion as ids, tokenised apart.
     *
     * @param prompt ids of the prompt
     * @param completion its text
     * @param finished whether the end token is scored
     * @return what to score
     * @throws InputException if there is no tokenizer, or no end token where one is scored
     * @throws IllegalArgumentException if the text goes on behind an end token
     */
    public Continuation continuation(int[] prompt, String completion, boolean finished) {
        return served != null
                ? served.continuation(prompt, completion, finished)
                : texts().continuation(prompt, completion, finished);
    }

    /**
     * The texts of drawn completions.
     *
     * @param samples as drawn
     * @return their texts; an end token has none, a character that was cut is U+FFFD
     * @throws InputException if there is no tokenizer
     */
    public List<String> texts(List<Sample> samples) {
        if (served != null) {
            return served.texts(samples);
        }
        HubModel own = texts();
        return samples.stream().map(own::text).toList();
    }

    /** The texts of single tokens, by whoever computes the model; none where a server does not tell. */
    List<String> spelled(List<int[]> tokens) {
        return served != null
                ? served.served(tokens)
                : tokens.stream()
                        .map(one -> texts().tokenizer().decode(one, one.length))
                        .toList();
    }

    /**
     * The model of texts.
     *
     * @return the same model with its tokenizer
     * @throws InputException if the folder has no tokenizer, or it is a server's
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
        return served != null ? served.prompt(text, begin) : texts().tokenizer().prompt(text, begin);
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
        model().vocabulary().check(continuation.prompt());
        model().vocabulary().check(continuation.tokens());
        check(continuation.prompt().length + (long) continuation.tokens().length);
    }

    /** The last token is predicted and never read, so that one more than the window can be scored. */
    private void check(long tokens) {
        if (served != null) {
            if (!(tokens <= served.model().context())) {
                throw new ContextWindowException(tokens, served.model().context());
            }
            return;
        }
        int context = transformer().architecture().context();
        if (!(tokens - 1 <= context)) {
            throw new ContextWindowException(tokens, context);
        }
    }

    /** {@return the files that decide what the model is, with their hashes; of a server what it says of itself} */
    public List<Provenance.Input> inputs() {
        if (served != null) {
            return served.inputs();
        }
        List<Provenance.Input> inputs = new ArrayList<>(FolderHash.of(folder()));
        if (name.adapter() != null) {
            inputs.addAll(FolderHash.of(name.adapter()));
        }
        return inputs;
    }

    @Override
    public void close() {
        if (served != null) {
            served.close();
        } else if (texts != null) {
            texts.close();
        } else {
            transformer().close();
        }
    }
}
