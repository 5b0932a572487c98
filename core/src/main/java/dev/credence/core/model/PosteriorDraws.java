package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Exact draws from a posterior whose log Z may only be known as an interval: proposals come from prior × the most that the
 * evidence can be, token by token by the upper soft values, and one is kept with the probability of its evidence against
 * that most (von Neumann's rejection). Where everything was summed every proposal is kept; else at least e^−width of them.
 */
public final class PosteriorDraws {
    /** The widest interval of log Z, nats, of which draws are worth their while: one proposal in 148 is kept. */
    public static final double WIDEST = 5;

    private static final int TOGETHER = 64;
    private static final double ROUNDING = 1e-6; // by how much an exact term may exceed its bound

    private final PredictiveModel prior;
    private final TokenEvidence evidence;
    private final SoftValues.Extent extent;
    private final Foresight foresight;
    private final TokenDraw draw;
    private final LogBounds logPartition;

    /**
     * A posterior to draw from.
     *
     * @param prior the model
     * @param evidence on its tokens
     * @param extent prompt and horizon
     * @param values soft values, exact or bounded
     * @throws IllegalArgumentException if log Z is −∞, or its interval wider than {@link #WIDEST}
     */
    public PosteriorDraws(PredictiveModel prior, TokenEvidence evidence, SoftValues.Extent extent, SoftValues values) {
        LogBounds logZ = values.logPartition();
        if (!(logZ.upper() - logZ.lower() <= WIDEST)) {
            throw new IllegalArgumentException("log Z is between " + logZ.lower() + " and " + logZ.upper()
                    + "; draws need an interval of at most " + WIDEST + " nats");
        }
        this.logPartition = logZ;
        this.prior = prior;
        this.evidence = evidence;
        this.extent = extent;
        this.foresight = new Foresight(prior.vocabulary(), evidence, extent.horizon(), values);
        this.draw = new TokenDraw(
                Sampling.upTo(extent.horizon()), prior.vocabulary().size());
    }

    /**
     * One draw.
     *
     * @param tokens (T) ids, the end token included where the text ended
     * @param finished whether the text ended; false: cut at the horizon
     * @param logPrior log-probability under the prior, nats
     * @param logLikelihood of the evidence, nats; {@link #logPosterior} puts them together
     */
    public record Drawn(int[] tokens, boolean finished, double logPrior, double logLikelihood) {}

    /**
     * The log-probability of a draw under the posterior: as uncertain as log Z is, though the draw itself is exact.
     *
     * @param drawn one of these draws
     * @return nats; both ends are one number where log Z is exact
     */
    public LogBounds logPosterior(Drawn drawn) {
        double joint = drawn.logPrior + drawn.logLikelihood;
        double upper = Math.min(0, joint - logPartition.lower()); // no probability is above one
        return new LogBounds(Math.min(upper, joint - logPartition.upper()), upper);
    }

    /**
     * Draws.
     *
     * @param n how many
     * @param random source of randomness; one long is taken from it, and draw i is the same for every n &gt; i
     * @return (n) independent exact draws
     */
    public List<Drawn> draw(int n, RandomGenerator random) {
        long seed = random.nextLong();
        List<Drawn> drawn = new ArrayList<>();
        for (int from = 0; from < n; from += TOGETHER) {
            List<Row> rows = new ArrayList<>();
            for (int i = from; i < Math.min(n, from + TOGETHER); i++) {
                rows.add(new Row(seed, i));
            }
            for (List<Row> open = rows; !open.isEmpty(); ) {
                step(open);
                open = open.stream().filter(row -> !row.kept).toList();
            }
            rows.forEach(row -> drawn.add(row.drawn()));
        }
        return drawn;
    }

    private void step(List<Row> rows) {
        Map<List<Integer>, Integer> numbers = new HashMap<>();
        List<int[]> prefixes = new ArrayList<>();
        int[] prefixOf = new int[rows.size()];
        for (int i = 0; i < prefixOf.length; i++) {
            int[] prefix = rows.get(i).prefix();
            prefixOf[i] = numbers.computeIfAbsent(Arrays.stream(prefix).boxed().toList(), key -> {
                prefixes.add(prefix);
                return prefixes.size() - 1;
            });
        }
        double[][] next = prior.nextLogProbs(prefixes);
        for (int i = 0; i < prefixOf.length; i++) {
            rows.get(i).take(next[prefixOf[i]]);
        }
    }

    /** One draw in the making. */
    private final class Row {
        private final long seed;
        private final int number;
        private final int[] tokens = new int[extent.horizon()];
        private int length;
        private int choices;
        private double logPrior;
        private double most = Double.NaN; // the evidence's bound behind a prefix of no own soft value, once there
        private double logLikelihood;
        private boolean finished;
        private boolean kept;

        Row(long seed, int number) {
            this.seed = seed;
            this.number = number;
            enter();
        }

        int[] prefix() {
            int[] prefix = Arrays.copyOf(extent.prompt(), extent.prompt().length + length);
            System.arraycopy(tokens, 0, prefix, extent.prompt().length, length);
            return prefix;
        }

        void take(double[] next) {
            double[] weights = next.clone();
            if (Double.isNaN(most)) {
                int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
                Arrays.setAll(
                        weights,
                        v -> next[v] + foresight.after(longer, length, v).upper());
            }
            int token = draw.draw(weights, 0, uniforms());
            logPrior += next[token];
            tokens[length++] = token;
            finished = prior.vocabulary().isEnd(token);
            if (finished || length == tokens.length) {
                end();
            } else {
                enter();
            }
        }

        private void enter() {
            if (Double.isNaN(most) && foresight.isOutside(tokens, length)) {
                most = foresight.of(tokens, length).upper();
            }
        }

        private void end() {
            logLikelihood = evidence.logLikelihood(tokens, finished ? length - 1 : length, finished);
            if (logLikelihood > most + ROUNDING) {
                throw new IllegalStateException("the evidence is " + logLikelihood + " for "
                        + Arrays.toString(Arrays.copyOf(tokens, length)) + "; its bound was " + most);
            }
            kept = Double.isNaN(most) || Math.log(uniforms().nextDouble()) <= logLikelihood - most;
            if (!kept) {
                length = 0;
                logPrior = 0;
                most = Double.NaN;
                finished = false;
                enter();
            }
        }

        private RandomGenerator uniforms() {
            return TokenDraw.uniforms(seed, number, choices++);
        }

        Drawn drawn() {
            return new Drawn(Arrays.copyOf(tokens, length), finished, logPrior, logLikelihood);
        }
    }
}
