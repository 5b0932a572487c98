package dev.credence.hub;

import dev.credence.core.evidence.TextTokens;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A checkpoint folder as a model of texts: its transformer with its tokenizer. */
public final class HubModel implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final Transformer transformer;
    private final TextTokenizer tokenizer;
    private final Ends ends;

    private HubModel(Checkpoint checkpoint, Transformer transformer, TextTokenizer tokenizer, Ends ends) {
        this.checkpoint = checkpoint;
        this.transformer = transformer;
        this.tokenizer = tokenizer;
        this.ends = ends;
    }

    /**
     * Reads a folder.
     *
     * @param folder with config.json, weights and tokenizer.json
     * @param backend what to compute with
     * @return the model; the caller closes it
     * @throws InputException if a file is missing, broken, truncated or not of a known architecture
     */
    public static HubModel open(Path folder, Backend backend) {
        return open(folder, EndChoice.AUTO, backend);
    }

    /**
     * Reads a folder.
     *
     * @param folder with config.json, weights and tokenizer.json
     * @param end which tokens end a text
     * @param backend what to compute with
     * @return the model; the caller closes it
     * @throws InputException if a file is missing, broken, truncated or not of a known architecture, or the end is no token
     */
    public static HubModel open(Path folder, EndChoice end, Backend backend) {
        return open(folder, end, new Transformer.Compute(backend, Precision.FLOAT32));
    }

    /**
     * Reads a folder.
     *
     * @param folder with config.json, weights and tokenizer.json
     * @param end which tokens end a text
     * @param compute what to compute with, and how exactly
     * @return the model; the caller closes it
     * @throws InputException if a file is missing, broken, truncated or not of a known architecture, or the end is no token
     */
    public static HubModel open(Path folder, EndChoice end, Transformer.Compute compute) {
        Checkpoint checkpoint = Checkpoint.open(folder);
        TextTokenizer tokenizer =
                TextTokenizer.open(folder, checkpoint.architecture().vocabulary());
        try {
            Ends ends = Ends.of(end, checkpoint, tokenizer);
            Transformer transformer = checkpoint.load(compute, ends.stops());
            return new HubModel(checkpoint, transformer, tokenizer, ends);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Reads a folder and puts an adapter on its transformer.
     *
     * @param folder with config.json, weights and tokenizer.json
     * @param adapter what to put on it
     * @param backend what to compute with
     * @return the model; the caller closes it
     * @throws InputException if a file is missing or broken, or the adapter does not fit or is part of the folder already
     */
    public static HubModel open(Path folder, Adapter adapter, Backend backend) {
        return open(folder, adapter, EndChoice.AUTO, backend);
    }

    /**
     * Reads a folder and puts an adapter on its transformer.
     *
     * @param folder with config.json, weights and tokenizer.json
     * @param adapter what to put on it; one with tokens of its own brings its tokenizer
     * @param end which tokens end a text
     * @param backend what to compute with
     * @return the model; the caller closes it
     * @throws InputException if a file is missing or broken, or the adapter does not fit or is part of the folder already
     */
    public static HubModel open(Path folder, Adapter adapter, EndChoice end, Backend backend) {
        return open(folder, adapter, end, new Transformer.Compute(backend, Precision.FLOAT32));
    }

    /**
     * Reads a folder and puts an adapter on its transformer.
     *
     * @param folder with config.json, weights and tokenizer.json
     * @param adapter what to put on it; one with tokens of its own brings its tokenizer
     * @param end which tokens end a text
     * @param compute what to compute with, and how exactly
     * @return the model; the caller closes it
     * @throws InputException if a file is missing or broken, or the adapter does not fit or is part of the folder already
     */
    public static HubModel open(Path folder, Adapter adapter, EndChoice end, Transformer.Compute compute) {
        HubModel base = open(folder, adapter.bringsTokenizer() ? EndChoice.AUTO : end, compute);
        try {
            Transformer adapted = adapter.on(base.transformer, base.checkpoint);
            int tokens = adapted.architecture().vocabulary();
            if (tokens == base.transformer.architecture().vocabulary() && !adapter.bringsTokenizer()) {
                base.transformer.close(); // what they share lives on
                return new HubModel(base.checkpoint, adapted, base.tokenizer, base.ends);
            }
            try (adapted) {
                HubModel made = base.grown(adapted, adapter, end);
                base.close();
                return made;
            }
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** The same with an adapter that has a tokenizer of its own. */
    private HubModel grown(Transformer adapted, Adapter adapter, EndChoice end) {
        Path from = adapter.bringsTokenizer() ? adapter.folder() : checkpoint.folder();
        TextTokenizer own = TextTokenizer.open(
                from, checkpoint.folder(), adapted.architecture().vocabulary());
        try {
            Ends ends = Ends.of(end, checkpoint, own);
            return new HubModel(checkpoint, adapted.ending(ends.stops()), own, ends);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /**
     * The model with the adapter off. Only that of an adapter that adds, and replaces nothing ({@link Adapter#replaces}).
     *
     * @return it shares this one's memory, and either may be closed first
     */
    public HubModel withoutAdapter() {
        TextTokenizer own = TextTokenizer.open(
                checkpoint.folder(), checkpoint.architecture().vocabulary());
        return new HubModel(checkpoint, transformer.withoutAdapter(), own, ends);
    }

    /** {@return what a reader of the figures must know, a line each} */
    public List<String> warnings() {
        return Stream.concat(checkpoint.warnings().stream(), ends.warnings().stream())
                .toList();
    }

    /** {@return the end token that a finished text is scored with, and all that a drawn one stops at, in words} */
    public String describeEnds() {
        List<String> stops = ends.stops().stream().sorted().map(this::describe).toList();
        OptionalInt scored = ends.scored();
        if (scored.isEmpty()) {
            return "none";
        }
        return stops.size() == 1
                ? stops.get(0)
                : describe(scored.getAsInt()) + "; drawn texts stop at " + String.join(", ", stops);
    }

    private String describe(int token) {
        return token + " " + tokenizer.decode(new int[] {token}, 1);
    }

    /** {@return the folder's files} */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** {@return the model of token sequences} */
    public Transformer transformer() {
        return transformer;
    }

    /** {@return the folder's tokenizer} */
    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * A prompt and a completion as ids, tokenised apart. Behind nothing but the begin token the completion is a whole text, by
     * all of the tokenizer's rules; elsewhere it goes on from the prompt.
     *
     * @param prompt ids of the prompt
     * @param completion its text; one that holds its end token already is scored with that one
     * @param finished whether the end token is scored
     * @return what to score
     * @throws InputException if the end is to be scored and the folder names none
     * @throws IllegalArgumentException if the text goes on behind an end token, or the tokenizer has no token for some of it
     */
    public Continuation continuation(int[] prompt, String completion, boolean finished) {
        int[] ids = tokenizer.behind(prompt, completion);
        tokenizer.unknown(completion).ifPresent(part -> {
            throw new IllegalArgumentException("the tokenizer has no token for '" + part
                    + "', so that it would be the log-probability of another text; give its ids");
        });
        for (int i = 0; i + 1 < ids.length; i++) {
            if (transformer.vocabulary().isEnd(ids[i])) {
                throw new IllegalArgumentException("the text goes on behind its end token " + describe(ids[i])
                        + ", where a drawn one stops; cut it there, or give its ids");
            }
        }
        boolean holdsEnd = ids.length > 0 && transformer.vocabulary().isEnd(ids[ids.length - 1]);
        if (!finished || holdsEnd) {
            return new Continuation(prompt, ids);
        }
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = endToken();
        return new Continuation(prompt, ended);
    }

    /**
     * The text of a drawn completion.
     *
     * @param sample as drawn
     * @return its text; the end token has none, a character that was cut is U+FFFD
     */
    public String text(Sample sample) {
        return tokenizer.decode(sample.tokens(), sample.tokens().length - (sample.finished() ? 1 : 0));
    }

    /**
     * How this model's tokens make texts, for evidence to be asked token by token.
     *
     * @param horizon tokens after which a text is cut
     * @return what {@code Evidence.on} takes
     */
    public TextTokens tokens(int horizon) {
        return tokenizer.tokens(transformer.vocabulary(), horizon);
    }

    /**
     * Writes the folder anew with the transformer's numbers.
     *
     * @param target another folder
     */
    public void save(Path target) {
        checkpoint.save(transformer, target);
    }

    /**
     * Writes the folder anew with an adapter added into its weights, and that it is part of them.
     *
     * @param adapter the one this model was opened with
     * @param target another folder
     */
    public void saveMerged(Adapter adapter, Path target) {
        adapter.saveMerged(transformer, checkpoint, target);
    }

    @Override
    public void close() {
        transformer.close();
        tokenizer.close();
    }

    private int endToken() {
        return ends.scored()
                .orElseThrow(() -> new InputException(
                        checkpoint.folder().toString(),
                        0,
                        "eos_token_id",
                        "missing",
                        "a finished text ends with a token"));
    }
}
