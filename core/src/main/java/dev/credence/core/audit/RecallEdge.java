package dev.credence.core.audit;

import java.io.Serializable;

/**
 * What recall hides at its edge: a text counts when the policy gives it half of what the target gives it, and with
 * normalisations that are themselves estimated the texts near that edge change sides, all of a prompt together. A derivative
 * does not see it; this is how much recall the prompts' edges may lose and gain.
 *
 * @param loss share that may be lost, 0 or more
 * @param gain share that may be gained, 0 or more
 * @serial exclude
 */
record RecallEdge(double loss, double gain) implements Serializable {
    private static final double HALF = Math.log(2);

    // What is summed over a prompt's records near the edge.
    private static final int LOSS = 0;
    private static final int GAIN = 1;

    /** Over the prompts, whose edges move independently. */
    static RecallEdge of(PromptPool pool) {
        double[] squares = new double[2];
        pool.each(c -> of(pool.members().get(c)), (c, own) -> {
            squares[LOSS] += square(pool.weight(c) * own.loss);
            squares[GAIN] += square(pool.weight(c) * own.gain);
        });
        return new RecallEdge(Math.sqrt(squares[LOSS]), Math.sqrt(squares[GAIN]));
    }

    private static double square(double x) {
        return x * x;
    }

    /** One prompt's: the target's mass on texts within 1.96 errors of the edge, on either side. */
    private static RecallEdge of(PromptAtoms member) {
        Conditional conditional = member.target().conditional();
        Atoms atoms = member.atoms();
        double move = Intervals.Z * Math.sqrt(squares(atoms, conditional));
        double[] near = sum(atoms, conditional, 2, (v, w, into) -> {
            double beyond = Math.log(w / v) - HALF;
            if (w > 0 && Math.abs(beyond) <= move) {
                into[beyond <= 0 ? LOSS : GAIN] += w;
            }
        });
        return new RecallEdge(near[LOSS], near[GAIN]);
    }

    /** Variance of the logarithm of the target's over the policy's normalisation: Σ (v̄ − w̄)² over units. */
    private static double squares(Atoms atoms, Conditional conditional) {
        double[] sums = atoms.sumUnits(
                1,
                1,
                () -> {
                    double[] logWeights = new double[atoms.blockSize()];
                    return (block, into) -> {
                        conditional.weigh(block, logWeights, into[0]);
                        for (int i = 0; i < block.count; i++) {
                            into[0][i] = block.v[i] - into[0][i];
                        }
                    };
                },
                (units, into) -> {
                    for (int i = 0; i < units.count; i++) {
                        into[0] += square(units.columns[0][i]);
                    }
                });
        return sums[0];
    }

    /** What is added up over the records. */
    private interface Term {
        void add(double v, double w, double[] into);
    }

    private static double[] sum(Atoms atoms, Conditional conditional, int width, Term term) {
        return atoms.sum(width, () -> {
            double[] logWeights = new double[atoms.blockSize()];
            double[] weights = new double[atoms.blockSize()];
            return (block, sums) -> {
                conditional.weigh(block, logWeights, weights);
                for (int i = 0; i < block.count; i++) {
                    term.add(block.v[i], weights[i], sums);
                }
            };
        });
    }
}
