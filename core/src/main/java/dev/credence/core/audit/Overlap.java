package dev.credence.core.audit;

import dev.credence.core.diagnostics.ParetoTail;
import java.util.stream.IntStream;

/**
 * How well one prompt's records carry a conditional: effective sample size of its weights, the Pareto shape of their tail,
 * and the mass that no record shows.
 *
 * @param ess 1/Σ w̄²
 * @param khat Pareto k̂ of u e^{λr} over the proposal's records; NaN where too few
 * @param records how many those are
 * @param even whether the weights are nearly alike, so that their tail has nothing to say
 * @param thinned whether draws were thinned by their reward
 * @param unseen what the records leave open
 */
record Overlap(double ess, double khat, int records, boolean even, boolean thinned, Unseen unseen) {
    private static final double EVEN_RATIO = 10;
    private static final double EVEN_SHARE = 0.8;
    private static final double FEWEST = 10; // effective records
    private static final double MOST_UNSEEN = 2;
    private static final double MANY = 100; // effective records

    static Overlap of(Atoms atoms, Conditional conditional) {
        Weights drawn = new Weights(atoms, conditional);
        atoms.forEachBlock(drawn::add);
        int records = drawn.weights.length;
        double ess = 1 / drawn.squares;
        boolean even = drawn.largest <= EVEN_RATIO * drawn.smallest || ess >= EVEN_SHARE * records;
        double khat = records < ParetoTail.MINIMAL_SIZE ? Double.NaN : drawn.shape();
        return new Overlap(ess, khat, records, even, !atoms.keepsEveryDraw(), Unseen.of(atoms, conditional));
    }

    /** Whether k̂ says anything: not of a few levels, of a bounded reward, or of weights that are nearly alike. */
    boolean hasTail() {
        return unseen.shape() == RewardShape.OPEN && !even && !Double.isNaN(khat);
    }

    /**
     * Whether the weights' tail is too heavy for so many records. Where draws were thinned towards the conditional, the
     * records are what is left of many more, and a hundred effective ones of them have been seen to cover up to k̂ = 1.
     */
    boolean isHeavy() {
        double limit = thinned && ess >= MANY ? 1 : ParetoTail.threshold(records);
        return hasTail() && !(khat < limit);
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
        private final double[] logWeight = new double[AtomBlock.SIZE];
        private final double[] weight = new double[AtomBlock.SIZE];
        private final double[] weights; // (records of prior and policy)
        private double squares; // over all records
        private double largest;
        private double smallest = Double.POSITIVE_INFINITY; // over records with any
        private int next;

        Weights(Atoms atoms, Conditional conditional) {
            this.atoms = atoms;
            this.conditional = conditional;
            this.weights = new double
                    [IntStream.range(0, atoms.strata())
                            .filter(s -> atoms.isInProposal((byte) s))
                            .map(atoms::records)
                            .sum()];
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
