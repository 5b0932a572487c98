package dev.credence.core.audit;

import dev.credence.core.diagnostics.ParetoTail;

/**
 * How well one prompt's records carry a conditional: effective sample size of its weights and the Pareto shape of their
 * tail.
 *
 * @param ess 1/Σ w̄²
 * @param khat Pareto k̂ of u e^{λr} over the records of prior and policy; NaN where too few
 * @param records how many those are
 */
record Overlap(double ess, double khat, int records) {

    static Overlap of(Atoms atoms, Conditional conditional) {
        Weights drawn = new Weights(atoms, conditional);
        atoms.forEachBlock(drawn::add);
        int records = drawn.weights.length;
        return new Overlap(1 / drawn.squares, records < ParetoTail.MINIMAL_SIZE ? Double.NaN : drawn.shape(), records);
    }

    /** The k̂ above which a sample of this size is not to be trusted; NaN-safe. */
    double threshold() {
        return ParetoTail.threshold(records);
    }

    boolean reliable() {
        return Double.isNaN(khat) || khat < threshold();
    }

    /** The weights of the records of prior and policy. */
    private static final class Weights {
        private final Atoms atoms;
        private final Conditional conditional;
        private final double[] logWeight = new double[Block.SIZE];
        private final double[] weight = new double[Block.SIZE];
        private final double[] weights; // (records of prior and policy)
        private double squares; // over all records
        private int next;

        Weights(Atoms atoms, Conditional conditional) {
            this.atoms = atoms;
            this.conditional = conditional;
            this.weights = new double[atoms.records(RolloutLog.PRIOR) + atoms.records(RolloutLog.POLICY)];
        }

        void add(Block block) {
            conditional.weigh(block, logWeight, weight);
            double sum = 0;
            for (int i = 0; i < block.count; i++) {
                sum += weight[i] * weight[i];
                if (block.stratum[i] <= RolloutLog.POLICY) {
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
                    if (block.stratum[i] <= RolloutLog.POLICY) {
                        weights[next++] = Math.log(block.u[i]) + logWeight[i];
                    }
                }
            });
            return weights;
        }
    }
}
