package dev.credence.core.audit;

import dev.credence.core.diagnostics.ParetoTail;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How heavy the tail of a conditional's weights is among all texts that were drawn, those included that were thinned away,
 * and how much of the weights' variance lies on texts that the records miss (docs/theory.md#levels). Two things blur the k̂ of
 * a log's records:
 *
 * <ul>
 *   <li>Records that are one text have one weight. Ties have no tail: their k̂ is anything from −∞ to above 2. A text of which
 *       three or more records are expected by its own probabilities is nearly always seen, and left out here.
 *   <li>Thinning flattens the weights up to where every draw is kept, so that the tail of what was kept begins at a bend. A
 *       record that was kept with probability f stands for 1/f draws, whose weight under the proposal before thinning is f
 *       times its own: their tail is that of the reward.
 * </ul>
 *
 * @param shape Pareto k̂ of those draws' weights; −∞ where there are too few of them to have a tail
 * @param draws how many those are
 * @param records how many records their tail is made of
 * @param missed the share of Σ w̄² that lies on texts without a record, by Good and Turing: a text of which c records are
 *     expected is missed with probability e^{−c}, so that Σ w̄² e^{−c} over the records is what is missed on average
 * @param beyondPrior the share of the conditional that others than the prior's draws show
 * @serial exclude
 */
record DrawTail(double shape, double draws, int records, double missed, double beyondPrior) implements Serializable {
    /** Expected records: a text of so many is missed once in twenty times. */
    private static final double SURE = 3;

    /** As of prompts: an error may be trusted where two thirds of its variance are. */
    private static final double MOST_MISSED = 1.0 / 3;

    /**
     * What the prior's draws alone carry was seen to cover 85 % where k̂ was above its threshold, however often texts recur:
     * nothing speaks for what lies beyond them.
     */
    private static final double LEAST_BEYOND = 0.3;

    private static final int LONGEST = 1 << 22; // draws in an array

    static DrawTail of(Atoms atoms, Conditional conditional) {
        Rare rare = new Rare(atoms, conditional);
        atoms.forEachBlock(rare::add);
        return rare.tail();
    }

    /** Whether k̂ is at or above its threshold, and texts that are missed may matter. */
    boolean isHeavy() {
        return !isLight() && (misses() || surelyHasNoMean());
    }

    /** Whether k̂ is below its threshold. */
    boolean isLight() {
        return draws < ParetoTail.MINIMAL_SIZE || shape < ParetoTail.threshold((int) Math.min(LONGEST, draws));
    }

    /** Whether the weights have no mean as far as the draws show; where they miss little, beyond the error of k̂. */
    boolean hasNoMean() {
        return misses() ? shape >= 1 : surelyHasNoMean();
    }

    private boolean misses() {
        return doubt() == 1;
    }

    /** The part of the error that a heavy tail puts in doubt. */
    double doubt() {
        return missed <= MOST_MISSED && beyondPrior >= LEAST_BEYOND ? Math.sqrt(missed) : 1;
    }

    private boolean surelyHasNoMean() {
        return shape - (1 + shape) / Math.sqrt(records) >= 1; // the error of the maximum likelihood estimate
    }

    /** The records of texts that are rare, as draws. */
    private static final class Rare {
        private final Atoms atoms;
        private final Conditional conditional;
        private final double total;
        private final double[] logWeights; // (atoms of a block)
        private final double[] weights;
        private double[] logWeight = new double[1024]; // (size) of a draw
        private double[] count = new double[1024]; // (size) of the draws that a record stands for
        private int size;
        private double draws;
        private double byPrior;
        private double squares;
        private double missedSquares;

        Rare(Atoms atoms, Conditional conditional) {
            this.atoms = atoms;
            this.conditional = conditional;
            this.total = atoms.proposalDraws();
            this.logWeights = new double[atoms.blockSize()];
            this.weights = logWeights.clone();
        }

        void add(AtomBlock block) {
            conditional.weigh(block, logWeights, weights);
            double prior = atoms.priorTotal() / total;
            double policy = atoms.policyTotal() / total;
            for (int i = 0; i < block.count; i++) {
                if (!(weights[i] > 0 && atoms.isInProposal(block.stratum[i]))) {
                    continue;
                }
                double u = block.u[i] * prior; // π0/(N q)
                double v = block.v[i] * policy;
                double expected = u >= v ? Math.exp(block.logPrior[i]) / u : Math.exp(block.logPolicy[i]) / v;
                int at = block.start + i;
                byPrior += weights[i] * atoms.draws(RolloutLog.PRIOR) * atoms.priorKept(at) * u;
                squares += weights[i] * weights[i];
                missedSquares += weights[i] * weights[i] * Math.exp(-expected);
                if (expected < SURE) {
                    double away = atoms.draws(RolloutLog.PRIOR) * (1 - atoms.priorKept(at)) * u
                            + atoms.draws(RolloutLog.POLICY) * (1 - atoms.policyKept(at)) * v;
                    put(Math.log(weights[i]) - Math.log1p(away), 1 + away);
                }
            }
        }

        private void put(double log, double times) {
            if (size == count.length) {
                logWeight = Arrays.copyOf(logWeight, 2 * size);
                count = Arrays.copyOf(count, 2 * size);
            }
            logWeight[size] = log;
            count[size++] = times;
            draws += times;
        }

        DrawTail tail() {
            double missed = missedSquares / squares;
            if (draws < ParetoTail.MINIMAL_SIZE) {
                return new DrawTail(Double.NEGATIVE_INFINITY, draws, 0, missed, 1 - byPrior);
            }
            double[] all = new double[(int) Math.min(LONGEST, draws)];
            Arrays.fill(all, Double.NEGATIVE_INFINITY);
            int[] order = IntStream.range(0, size)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -logWeight[i]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            int inTail = 0;
            int tail = ParetoTail.tailLength(all.length);
            double stands = 0;
            int next = 0;
            for (int i : order) {
                inTail += next < tail ? 1 : 0;
                stands += count[i];
                while (next < all.length && next < Math.floor(stands)) {
                    all[next++] = logWeight[i];
                }
            }
            return new DrawTail(ParetoTail.of(all).shape(), draws, inTail, missed, 1 - byPrior);
        }
    }
}
