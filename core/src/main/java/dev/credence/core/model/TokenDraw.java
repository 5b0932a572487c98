package dev.credence.core.model;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Draws one token from logits, in double precision, and says when the draw was too close to call: when logits that differ
 * by rounding could have given another token. Whoever draws then asks again with logits computed in one canonical way, so
 * that the same seed gives the same tokens whatever the batch and the threads.
 *
 * <p>The vocabulary is halved until one token is left, each time with a uniform number of its own. A half of mass p moves
 * by p (1 − p) times the logits' error at most, so that few draws are too close even where all tokens are as rare as in a
 * large vocabulary; one number for the whole distribution function would have to tell apart boundaries that lie nearer to
 * each other than the error.
 *
 * <p>Not for several threads.
 */
public final class TokenDraw {
    /** Tokens of a block, whose probabilities are summed first. */
    public static final int BLOCK = TokenMasses.BLOCK;

    private static final double LOGIT_ERROR = 1e-4; // by which two ways to compute a logit may differ, nats
    private static final double RELATIVE_ERROR = 4e-6; // and this share of the largest one: sums of single precision

    private final Sampling sampling;
    private final TokenMasses masses; // of exp((logit − max)/τ), 0 where truncated
    private final boolean isPlain;
    private double logProb;
    private double sampledLogProb;
    private boolean decided;

    /**
     * A sampler for one vocabulary.
     *
     * @param sampling how to draw
     * @param vocabularySize V
     */
    public TokenDraw(Sampling sampling, int vocabularySize) {
        this.sampling = sampling;
        this.masses = new TokenMasses(vocabularySize);
        this.isPlain = sampling.isPlain();
    }

    /**
     * The uniform numbers of one sample and position: a function of these three alone.
     *
     * @param seed of the whole draw
     * @param sample which sample, from 0
     * @param position which of its tokens, from 0
     * @return a fresh generator, always the same
     */
    public static RandomGenerator uniforms(long seed, long sample, long position) {
        return new SplittableRandom(mix(mix(seed, sample), position));
    }

    /**
     * Draws a token.
     *
     * @param logits array that holds the logits of V tokens
     * @param from where they begin
     * @param uniforms source of randomness, one number a halving
     * @return the token; {@link #logProb}, {@link #sampledLogProb} and {@link #isDecided} then speak of it
     */
    public int draw(double[] logits, int from, RandomGenerator uniforms) {
        double max = Double.NEGATIVE_INFINITY;
        for (int v = 0; v < masses.size(); v++) {
            max = Math.max(max, logits[from + v]);
        }
        requireFinite(max);
        double error = error(max);
        double ownTotal = masses.fill(logits, from, max, 1);
        double total = ownTotal;
        if (sampling.temperature() != 1) {
            total = masses.fill(logits, from, max, sampling.temperature());
        }
        if (sampling.isTruncated()) {
            total = TokenCut.of(sampling, masses, error).apply(masses);
        }
        decided = true;
        int token = halve(uniforms, error);
        logProb = logits[from + token] - max - Math.log(ownTotal);
        sampledLogProb = isPlain ? logProb : Math.log(masses.of(token) / total);
        return token;
    }

    /**
     * A draw of which the block is known: from the blocks' masses alone, where logits are costly to have here.
     *
     * @param block which one, from 0
     * @param max the row's largest logit
     * @param total sum of all masses
     * @param isDecided whether rounding could not have changed the block
     */
    public record Begun(int block, double max, double total, boolean isDecided) {}

    /**
     * How many blocks a vocabulary has.
     *
     * @param vocabularySize V
     * @return V / {@link #BLOCK}, rounded up
     */
    public static int blocks(int vocabularySize) {
        return (vocabularySize + BLOCK - 1) / BLOCK;
    }

    /** {@return whether a draw can be begun from the masses of blocks: nothing is tempered or cut} */
    public boolean isByBlocks() {
        return isPlain;
    }

    /**
     * Draws the block of a token; {@link #finish} goes on.
     *
     * @param masses array that holds the blocks' sums of exp(logit − max)
     * @param from where they begin
     * @param max the largest logit
     * @param uniforms source of randomness; as many numbers are used as {@link #draw} uses, for the same token
     * @return what is known
     */
    public Begun begin(double[] masses, int from, double max, RandomGenerator uniforms) {
        requireFinite(max);
        double total = this.masses.fillBlocks(masses, from);
        decided = true;
        int block = halve(this.masses.blocks(), 0, this.masses.blocks().size(), uniforms, error(max));
        return new Begun(block, max, total, decided);
    }

    /**
     * Draws the token within a block.
     *
     * @param begun of the same draw
     * @param logits array that holds the block's logits
     * @param from where they begin
     * @param uniforms of the same draw, as it was begun with
     * @return the token, as {@link #draw} returns it
     */
    public int finish(Begun begun, double[] logits, int from, RandomGenerator uniforms) {
        int first = begun.block * BLOCK;
        int end = Math.min(first + BLOCK, masses.size());
        masses.fillTokens(logits, from, first, end, begun.max);
        decided = begun.isDecided;
        int token = halve(masses.tokens(), first, end, uniforms, error(begun.max));
        logProb = logits[from + token - first] - begun.max - Math.log(begun.total);
        sampledLogProb = logProb;
        return token;
    }

    private double error(double max) {
        return 2 * (LOGIT_ERROR + RELATIVE_ERROR * Math.abs(max)) / sampling.temperature(); // of a difference
    }

    private static void requireFinite(double max) {
        if (!(Math.abs(max) < Double.POSITIVE_INFINITY)) {
            throw new NotFiniteException("the largest logit is " + max + "; the model's weights are not usable");
        }
    }

    /** {@return the model's own log-probability of the token drawn last, nats} */
    public double logProb() {
        return logProb;
    }

    /** {@return the log-probability of the token drawn last under the tempered, truncated distribution, nats} */
    public double sampledLogProb() {
        return sampledLogProb;
    }

    /** {@return whether rounding in the logits could not have changed the token drawn last} */
    public boolean isDecided() {
        return decided;
    }

    /** Halves the blocks of the vocabulary, then the last one's tokens. */
    private int halve(RandomGenerator uniforms, double error) {
        int block = halve(masses.blocks(), 0, masses.blocks().size(), uniforms, error);
        int first = block * TokenMasses.BLOCK;
        int token = halve(masses.tokens(), first, Math.min(first + TokenMasses.BLOCK, masses.size()), uniforms, error);
        decided &= masses.tokens().doubt(token, token + 1) == 0;
        return token;
    }

    private int halve(TokenMasses.Level level, int first, int end, RandomGenerator uniforms, double error) {
        int from = first;
        int to = end;
        while (to - from > 1) {
            int middle = (from + to) >>> 1;
            double left = level.mass(from, middle);
            double right = level.mass(middle, to);
            double u = uniforms.nextDouble();
            double p = left / (left + right);
            double leftDoubt = level.doubt(from, middle);
            double rightDoubt = level.doubt(middle, to);
            double margin = error * p * (1 - p);
            if (leftDoubt + rightDoubt > 0) {
                double least = Math.max(0, left - leftDoubt) / (Math.max(0, left - leftDoubt) + right + rightDoubt);
                double most = (left + leftDoubt) / (left + leftDoubt + Math.max(0, right - rightDoubt));
                margin += Math.max(p - least, most - p);
            }
            decided &= !(Math.abs(u - p) < margin);
            if (u < p) {
                to = middle;
            } else {
                from = middle;
            }
        }
        return from;
    }

    /** Two rounds of a 64-bit finaliser (Stafford's mix 13), so that neighbouring counters give unrelated seeds. */
    private static long mix(long seed, long counter) {
        long z = seed + 0x9E3779B97F4A7C15L * (counter + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
