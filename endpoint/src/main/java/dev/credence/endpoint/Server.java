package dev.credence.endpoint;

import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import java.util.OptionalInt;
import java.util.Set;

/** One kind of server: how it is asked, and where its answers are. */
interface Server {
    /** What it calls itself. */
    String kind();

    /** Its tokens; nothing where it does not say. */
    OptionalInt vocabulary();

    /** Tokens of prompt and completion together; nothing where it does not say. */
    OptionalInt context();

    /** Whether a text as long as the window can be scored: some servers draw one token more whenever they score. */
    boolean scoresWholeWindow();

    /** The tokens that it says end a text; none where it does not say. */
    Set<Integer> ends();

    /** Draws one text by the model's own distribution. */
    Drawn draw(int[] prompt, int maxNewTokens, int seed);

    /**
     * Scores given tokens.
     *
     * @return (tokens) nats
     */
    double[] score(Continuation text);

    /** How it scores given tokens, in words; a reason in the place of it where it cannot. */
    String scoring();

    /** Whether it scores given tokens. */
    boolean scores();

    /**
     * The whole distribution of the next token.
     *
     * @return (V) nats
     * @throws InputException where the server gives a few tokens at most
     */
    double[] next(int[] prefix);

    /**
     * The ids of a text, special tokens recognised.
     *
     * @param ruled whether the tokenizer's rules for whole texts may add tokens, such as one to begin with
     */
    int[] encode(String text, boolean ruled);

    /** The text of ids, special tokens written out. */
    String decode(int[] ids);

    /**
     * A text as a server draws it.
     *
     * @param ids the tokens, the end included
     * @param logProbs of each, nats
     * @param finished whether it ended
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Drawn(int[] ids, double[] logProbs, boolean finished) {}
}
