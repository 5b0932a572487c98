package dev.credence.hub;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.TokenEvidence;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;

/** A checkpoint folder as a model of texts: its transformer with its tokenizer. */
public final class HubModel implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final Transformer transformer;
    private final TextTokenizer tokenizer;

    private HubModel(Checkpoint checkpoint, Transformer transformer, TextTokenizer tokenizer) {
        this.checkpoint = checkpoint;
        this.transformer = transformer;
        this.tokenizer = tokenizer;
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
        Checkpoint checkpoint = Checkpoint.open(folder);
        TextTokenizer tokenizer =
                TextTokenizer.open(folder, checkpoint.architecture().vocabulary());
        try {
            return new HubModel(checkpoint, checkpoint.load(backend), tokenizer);
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
        HubModel base = open(folder, backend);
        try {
            Transformer adapted = adapter.on(base.transformer, base.checkpoint);
            base.transformer.close(); // what they share lives on
            return new HubModel(base.checkpoint, adapted, base.tokenizer);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** {@return the model with the adapter off; it shares this one's memory, and either may be closed first} */
    public HubModel withoutAdapter() {
        TextTokenizer own = TextTokenizer.open(
                checkpoint.folder(), checkpoint.architecture().vocabulary());
        return new HubModel(checkpoint, transformer.withoutAdapter(), own);
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
     * A prompt and a completion as ids, tokenised apart.
     *
     * @param prompt ids of the prompt
     * @param completion its text
     * @param finished whether the end token is scored
     * @return what to score
     * @throws InputException if the end is to be scored and the folder names none
     */
    public Continuation continuation(int[] prompt, String completion, boolean finished) {
        int[] ids = tokenizer.completion(completion);
        if (!finished) {
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
     * Evidence on texts as evidence on this model's tokens.
     *
     * @param evidence on texts
     * @param prompt the prompt's text
     * @return the same on token sequences; its bounds are the text's, of the whole characters so far
     */
    public TokenEvidence onTokens(Evidence evidence, String prompt) {
        return new TokenEvidence() {
            @Override
            public double logLikelihood(int[] tokens, int length, boolean finished) {
                return evidence.logLikelihood(prompt, tokenizer.decode(tokens, length));
            }

            @Override
            public LogBounds bounds(int[] tokens, int length) {
                String text = tokenizer.decode(tokens, length);
                int whole = text.length();
                while (whole > 0 && text.charAt(whole - 1) == '\uFFFD') {
                    whole--; // bytes of a character that the next token may complete
                }
                return evidence.bounds(prompt, text.substring(0, whole));
            }
        };
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

    /** The tokenizer's end token where it is one of the model's, else the model's first. */
    private int endToken() {
        OptionalInt named = tokenizer.end();
        if (named.isPresent() && checkpoint.ends().contains(named.getAsInt())) {
            return named.getAsInt();
        }
        return checkpoint.ends().stream()
                .min(Integer::compare)
                .orElseThrow(() -> new InputException(
                        checkpoint.folder().toString(),
                        0,
                        "eos_token_id",
                        "missing",
                        "a finished text ends with a token"));
    }
}
