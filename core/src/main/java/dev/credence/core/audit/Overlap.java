package dev.credence.core.audit;

import dev.credence.core.diagnostics.ParetoTail;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How well one prompt's records carry a conditional: effective sample size of its weights, the Pareto shape of their tail,
 * and the mass that no record shows.
 *
 * @param ess 1/Σ w̄²
 * @param khat Pareto k̂ of u e^{λr} over the proposal's records; NaN where too few
 * @param records how many those are
 * @param even whether the weights are nearly alike, so that their tail has nothing to say
 * @param draws the tail of the weights of all draws that might as well have been missed; null where k̂ is enough
 * @param unseen what the records leave open
 * @serial exclude
 */
record Overlap(
        double ess,
        double khat,
        int records,
        boolean even,
        @Nullable DrawTail draws,
        Unseen unseen) implements Serializable {
    private static final double EVEN_RATIO = 10;
    private static final double EVEN_SHARE = 0.8;
    private static final double FEWEST = 10; // effective records
    private static final double MOST_UNSEEN = 2;

    static Overlap of(Atoms atoms, Conditional conditional) {
        Weights drawn = new Weights(atoms, conditional);
        atoms.forEachBlock(drawn::add);
        int records = drawn.weights.length;
        double ess = 1 / drawn.squares;
        boolean even = drawn.largest <= EVEN_RATIO * drawn.smallest || ess >= EVEN_SHARE * records;
        double khat = records < ParetoTail.MINIMAL_SIZE ? Double.NaN : drawn.shape();
        Overlap overlap = new Overlap(ess, khat, records, even, null, Unseen.of(atoms, conditional));
        return overlap.hasTail() && (!atoms.keepsEveryDraw() || overlap.looksHeavy())
                ? overlap.with(DrawTail.of(atoms, conditional))
                : overlap;
    }

    /** The effective sample size alone. */
    static double ess(Atoms atoms, Conditional conditional) {
        Weights drawn = new Weights(atoms, conditional);
        atoms.forEachBlock(drawn::add);
        return 1 / drawn.squares;
    }

    /** Whether k̂ says anything: not of a few levels, of a bounded reward, or of weights that are nearly alike. */
    boolean hasTail() {
        return unseen.shape() == RewardShape.OPEN && !even && !Double.isNaN(khat);
    }

    private Overlap with(DrawTail tail) {
        return new Overlap(ess, khat, records, even, tail, unseen);
    }

    /** Whether k̂ is at or above its threshold. */
    boolean looksHeavy() {
        return !(khat < ParetoTail.threshold(records));
    }

    /** Whether the weights' tail is too heavy for so many records: by all draws where they are known, else by k̂. */
    boolean isHeavy() {
        return hasTail() && (draws == null ? looksHeavy() : draws.isHeavy() || (!draws.isLight() && reachesFar()));
    }

    private boolean reachesFar() {
        return unseen.top() > MOST_UNSEEN;
    }

    /** Whether these records do not show that the conditional exists. */
    boolean hasNoMean() {
        return hasTail() && (draws == null ? khat >= 1 : draws.hasNoMean());
    }

    /** The part of this prompt's error that a heavy tail puts in doubt. */
    double doubt() {
        return draws == null || reachesFar() ? 1 : draws.doubt();
    }

    /** The Pareto shape that decides: of all draws where they are known, else k̂. */
    double shape() {
        return draws == null ? khat : draws.shape();
    }

    /** Whether too few effective records carry the conditional. */
    boolean isThin() {
        return ess < FEWEST;
    }

    /** Whether more than two thirds of the conditional may lie on levels that are hardly seen. */
    boolean isUnseen() {
        return unseen.levels() > MOST_UNSEEN;
    }

    /** The weights of the proposal's records. */
    private static final class Weights {
        private final Atoms atoms;
        private final Conditional conditional;
        private final double[] logWeight; // (atoms of a block)
        private final double[] weight;
        private final double[] weights; // (records of prior and policy)
        private double squares; // over all records
        private double largest;
        private double smallest = Double.POSITIVE_INFINITY; // over records with any
        private int next;

        Weights(Atoms atoms, Conditional conditional) {
            this.atoms = atoms;
            this.conditional = conditional;
            this.logWeight = new double[atoms.blockSize()];
            this.weight = logWeight.clone();
            int records = 0;
            for (int s = 0; s < atoms.strata(); s++) {
                records += atoms.isInProposal((byte) s) ? atoms.records(s) : 0;
            }
            this.weights = new double[records];
        }

        void add(AtomBlock block) {
            conditional.weigh(block, logWeight, weight);
            double sum = 0;
            for (int i = 0; i < block.count; i++) {
                sum += weight[i] * weight[i];
                if (weight[i] > 0) {
                    largest = Math.max(largest, weight[i]);
                    smallest = Math.min(smallest, weight[i]);
                }
                if (atoms.isInProposal(block.stratum[i])) {
                    weights[next++] = weight[i];
                }
            }
            squares += sum;
        }

        /** The shape of the tail, in logs only where the tail reaches weights that are too small for a double. */
        double shape() {
            int wanted = ParetoTail.tailLength(weights.length) + 1;
            int normal = 0;
            for (int i = 0; i < weights.length && normal < wanted; i++) {
                normal += weights[i] >= Double.MIN_NORMAL ? 1 : 0;
            }
            return (normal == wanted ? ParetoTail.ofWeights(weights) : ParetoTail.of(logWeights())).shape();
        }

        private double[] logWeights() {
            next = 0;
            atoms.forEachBlock(block -> {
                conditional.weigh(block, logWeight, weight);
                for (int i = 0; i < block.count; i++) {
                    if (atoms.isInProposal(block.stratum[i])) {
                        weights[next++] = Math.log(block.u[i]) + logWeight[i];
                    }
                }
            });
            return weights;
        }
    }
}
