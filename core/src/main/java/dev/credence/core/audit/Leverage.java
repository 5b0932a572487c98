package dev.credence.core.audit;

/**
 * How much the regression's own fit hides of its residuals: a record that pulls the fit towards itself has too small a one.
 * Left out, its residual is e/(1 − h) with the leverage h (MacKinnon and White 1985, HC3); few records a prompt, with an
 * intercept each, otherwise have intervals that cover 90 %.
 */
final class Leverage {
    private static final int COUNT = Nuisances.COLUMNS - 1;
    private static final double MOST = 0.9; // a record that is nearly all of a fit tells nothing of its own spread

    private Leverage() {}

    /** By how much the errors of the coefficients behind the first are too small: factors of 1 or more, (COLUMNS − 1). */
    static double[] factors(PromptPool pool, Nuisances nuisances) {
        double[] plain = new double[COUNT];
        double[] leftOut = new double[COUNT];
        pool.<double[]>each(c -> squares(pool, nuisances, c), (c, sums) -> {
            for (int k = 0; k < COUNT; k++) {
                plain[k] += sums[k];
                leftOut[k] += sums[COUNT + k];
            }
        });
        for (int k = 0; k < COUNT; k++) {
            plain[k] = plain[k] > 0 ? Math.sqrt(leftOut[k] / plain[k]) : 1;
        }
        return plain;
    }

    /** Σ of one member's squared influences, by coefficient, and those of records that are left out. */
    private static double[] squares(PromptPool pool, Nuisances nuisances, int member) {
        double weight = pool.weight(member);
        Atoms atoms = pool.members().get(member).atoms();
        return atoms.sum(2 * COUNT, () -> {
            double[][] psi = new double[COUNT][atoms.blockSize()];
            return (block, into) -> {
                nuisances.influence(member, block, weight, psi, 0);
                for (int i = 0; i < block.count; i++) {
                    double left = 1 - Math.min(MOST, nuisances.leverage(member, block, i, weight));
                    for (int k = 0; k < COUNT; k++) {
                        double square = psi[k][i] * psi[k][i];
                        into[k] += square;
                        into[COUNT + k] += square / (left * left);
                    }
                }
            };
        });
    }
}
