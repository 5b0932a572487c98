package dev.credence.core.audit;

/**
 * How much a regression's own fit hides of its residuals: a record that pulls the fit towards itself has too small a one.
 * Left out, its residual is e/(1 − h) with the leverage h (MacKinnon and White 1985, HC3); few records a prompt, with an
 * intercept each, otherwise have intervals that cover 80 to 90 %. Of records that were drawn together the group is left out, with the sum
 * of their leverages.
 */
final class Leverage {
    /** How many coefficients are looked at together. */
    static final int COUNT = 3;

    private static final double MOST = 0.9; // a record that is nearly all of a fit tells nothing of its own spread

    private Leverage() {}

    /** What records do to some coefficients. */
    @FunctionalInterface
    interface Columns {
        /**
         * Fills in a block.
         *
         * @param member which prompt
         * @param block its records
         * @param into (2 COUNT, at least the records) influences, up to a factor that all have, then leverages
         */
        void fill(int member, AtomBlock block, double[][] into);
    }

    /** By how much the errors of the coefficients are too small: factors of 1 or more, (COUNT). */
    static double[] factors(PromptPool pool, Columns columns) {
        double[] plain = new double[COUNT];
        double[] leftOut = new double[COUNT];
        pool.<double[]>each(c -> squares(pool, columns, c), (c, sums) -> {
            for (int k = 0; k < COUNT; k++) {
                plain[k] += sums[k];
                leftOut[k] += sums[COUNT + k];
            }
        });
        double[] factors = new double[COUNT];
        for (int k = 0; k < COUNT; k++) {
            factors[k] = plain[k] > 0 ? Math.max(1, Math.sqrt(leftOut[k] / plain[k])) : 1;
        }
        return factors;
    }

    /** Σ of one member's squared influences, by coefficient, and those of units that are left out. */
    private static double[] squares(PromptPool pool, Columns columns, int member) {
        Atoms atoms = pool.members().get(member).atoms();
        return atoms.sumUnits(
                2 * COUNT, 2 * COUNT, () -> (block, into) -> columns.fill(member, block, into), (units, sums) -> {
                    for (int k = 0; k < COUNT; k++) {
                        double[] influence = units.columns[k];
                        double[] leverage = units.columns[COUNT + k];
                        for (int i = 0; i < units.count; i++) {
                            double square = influence[i] * influence[i];
                            double left = 1 - Math.min(MOST, leverage[i]);
                            sums[k] += square;
                            sums[COUNT + k] += square / (left * left);
                        }
                    }
                });
    }
}
