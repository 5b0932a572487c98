package dev.credence.core.audit;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * One regression of the log-ratio on [r, log π0, tokens, r²] with an intercept a prompt, under ½ū + ½v̄ (THEORY §3). A
 * true conditional has zeros behind the first coefficient; sharpening shows in log π0. A collinear column is left out.
 */
final class Nuisances {
    static final int REWARD = 0;
    static final int LOG_PRIOR = 1;
    static final int LENGTH = 2;
    static final int REWARD_SQUARED = 3;
    static final int COLUMNS = 4;
    private static final int ALL = COLUMNS + 1; // the columns and the log-ratio
    private static final double COLLINEAR = 1e-9; // share of a column's variance that the others leave over

    /**
     * What the regression needs of one prompt, whatever the other prompts are.
     *
     * @param center (ALL) means of the columns and of the log-ratio under ½ū + ½v̄
     * @param cross (ALL, ALL) their products about the means, of which the upper triangle is filled
     */
    record Sums(double[] center, double[] cross) {
        static Sums of(Atoms atoms) {
            double[] center = Nuisances.center(atoms);
            return new Sums(center, atoms.sum(ALL * ALL, (block, sums) -> addCross(block, center, sums)));
        }
    }

    private final boolean[] used;
    private final double[] coefficients; // (COLUMNS), NaN where left out
    private final double[][] inverse; // (COLUMNS, COLUMNS) of the weighted Gram matrix, zeros where left out
    private final double[][] centers; // (prompts, ALL)
    private final double[][] scoreMeans; // (prompts, 2 COLUMNS): of the score under ū, then under v̄

    private Nuisances(boolean[] used, double[] coefficients, double[][] inverse, double[][] centers) {
        this.used = used;
        this.coefficients = coefficients;
        this.inverse = inverse;
        this.centers = centers;
        this.scoreMeans = new double[centers.length][];
    }

    static Nuisances of(Pool pool) {
        double[][] gram = new double[ALL][ALL];
        Sums[] sums = IntStream.range(0, pool.size())
                .parallel()
                .mapToObj(c -> pool.members().get(c).regressionSums())
                .toArray(Sums[]::new);
        double[][] centers = Arrays.stream(sums).map(Sums::center).toArray(double[][]::new);
        for (int c = 0; c < pool.size(); c++) {
            for (int a = 0; a < ALL; a++) {
                for (int b = 0; b < ALL; b++) {
                    gram[a][b] += pool.weight(c) * sums[c].cross[a * ALL + b];
                }
            }
        }
        boolean[] used = independent(gram, hasTokens(pool));
        Nuisances fitted = solve(gram, used, centers);
        double[][] scoreMeans = IntStream.range(0, pool.size())
                .parallel()
                .mapToObj(c -> pool.members()
                        .get(c)
                        .atoms()
                        .sum(2 * COLUMNS, (block, into) -> fitted.addScores(c, block, into)))
                .toArray(double[][]::new);
        System.arraycopy(scoreMeans, 0, fitted.scoreMeans, 0, scoreMeans.length);
        return fitted;
    }

    private void addScores(int member, Block block, double[] sums) {
        double[] score = new double[COLUMNS];
        for (int i = 0; i < block.count; i++) {
            score(member, block, i, score);
            for (int a = 0; a < COLUMNS; a++) {
                sums[a] += block.u[i] * score[a];
                sums[COLUMNS + a] += block.v[i] * score[a];
            }
        }
    }

    private static boolean hasTokens(Pool pool) {
        return pool.members().stream().allMatch(m -> m.atoms().hasTokens());
    }

    private static double[] center(Atoms atoms) {
        return atoms.sum(ALL, (block, sums) -> {
            double[] x = new double[ALL];
            for (int i = 0; i < block.count; i++) {
                double p = 0.5 * (block.u[i] + block.v[i]);
                read(block, i, x);
                for (int a = 0; a < ALL; a++) {
                    sums[a] += p * x[a];
                }
            }
        });
    }

    private static void addCross(Block block, double[] center, double[] sums) {
        double[] x = new double[ALL];
        for (int i = 0; i < block.count; i++) {
            double p = 0.5 * (block.u[i] + block.v[i]);
            read(block, i, x);
            for (int a = 0; a < ALL; a++) {
                double weighted = p * (x[a] - center[a]);
                for (int b = a; b < ALL; b++) {
                    sums[a * ALL + b] += weighted * (x[b] - center[b]);
                }
            }
        }
    }

    private static void read(Block block, int i, double[] x) {
        double r = block.reward[i];
        x[REWARD] = r;
        x[LOG_PRIOR] = block.logPrior[i];
        x[LENGTH] = block.tokens[i];
        x[REWARD_SQUARED] = r * r;
        x[COLUMNS] = block.logRatio[i];
    }

    /** Takes the columns in order and leaves out each that the ones before it explain. */
    private static boolean[] independent(double[][] gram, boolean hasTokens) {
        boolean[] used = new boolean[COLUMNS];
        double[][] left = new double[ALL][ALL]; // what the chosen columns leave over (Gram–Schmidt on the Gram matrix)
        for (int a = 0; a < ALL; a++) {
            for (int b = 0; b < ALL; b++) {
                left[a][b] = gram[Math.min(a, b)][Math.max(a, b)];
            }
        }
        for (int a = 0; a < COLUMNS; a++) {
            boolean known = a != LENGTH || hasTokens;
            if (!known || !(left[a][a] > COLLINEAR * gram[a][a])) {
                continue;
            }
            used[a] = true;
            double pivot = left[a][a];
            double[] row = left[a].clone();
            for (int b = 0; b < ALL; b++) {
                for (int d = 0; d < ALL; d++) {
                    left[b][d] -= row[b] * row[d] / pivot;
                }
            }
        }
        return used;
    }

    private static Nuisances solve(double[][] gram, boolean[] used, double[][] centers) {
        int[] position = IntStream.range(0, COLUMNS).filter(a -> used[a]).toArray();
        int n = position.length;
        double[] coefficients = new double[COLUMNS];
        Arrays.fill(coefficients, Double.NaN);
        double[][] inverse = new double[COLUMNS][COLUMNS];
        if (n == 0) {
            return new Nuisances(used, coefficients, inverse, centers);
        }
        double[] scale = new double[n]; // to unit variance, so that units do not spoil the solution
        RealMatrix matrix = new Array2DRowRealMatrix(n, n);
        double[] right = new double[n];
        for (int a = 0; a < n; a++) {
            scale[a] = 1 / Math.sqrt(gram[position[a]][position[a]]);
        }
        for (int a = 0; a < n; a++) {
            right[a] = gram[position[a]][COLUMNS] * scale[a];
            for (int b = 0; b < n; b++) {
                int low = Math.min(position[a], position[b]);
                int high = Math.max(position[a], position[b]);
                matrix.setEntry(a, b, gram[low][high] * scale[a] * scale[b]);
            }
        }
        RealMatrix inverted = new LUDecomposition(matrix, 0).getSolver().getInverse();
        double[] solved = inverted.operate(new ArrayRealVector(right)).toArray();
        for (int a = 0; a < n; a++) {
            coefficients[position[a]] = solved[a] * scale[a];
            for (int b = 0; b < n; b++) {
                inverse[position[a]][position[b]] = inverted.getEntry(a, b) * scale[a] * scale[b];
            }
        }
        return new Nuisances(used, coefficients, inverse, centers);
    }

    /** Whether the regression has a column. */
    boolean has(int column) {
        return used[column];
    }

    /** The coefficient of a column; NaN where it was left out. */
    double coefficient(int column) {
        return coefficients[column];
    }

    /**
     * The influence of one atom's weight on each coefficient: A⁻¹ (½ū (s − E_ū s) + ½v̄ (s − E_v̄ s)) with s = x·e.
     *
     * @param member position of the prompt in the pool
     * @param block the atom's block
     * @param i position in the block
     * @param scratch (COLUMNS)
     * @param into (COLUMNS), where to write
     */
    void influence(int member, Block block, int i, double[] scratch, double[] into) {
        score(member, block, i, scratch);
        double[] means = scoreMeans[member];
        for (int a = 0; a < COLUMNS; a++) {
            scratch[a] = 0.5 * (block.u[i] * (scratch[a] - means[a]) + block.v[i] * (scratch[a] - means[COLUMNS + a]));
        }
        for (int a = 0; a < COLUMNS; a++) {
            double sum = 0;
            for (int b = 0; b < COLUMNS; b++) {
                sum += inverse[a][b] * scratch[b];
            }
            into[a] = sum;
        }
    }

    /** The atom's centred columns times its residual. */
    private void score(int member, Block block, int i, double[] score) {
        double[] center = centers[member];
        double r = block.reward[i];
        double residual = block.logRatio[i] - center[COLUMNS];
        score[REWARD] = r - center[REWARD];
        score[LOG_PRIOR] = block.logPrior[i] - center[LOG_PRIOR];
        score[LENGTH] = block.tokens[i] - center[LENGTH];
        score[REWARD_SQUARED] = r * r - center[REWARD_SQUARED];
        for (int a = 0; a < COLUMNS; a++) {
            residual -= used[a] ? coefficients[a] * score[a] : 0;
        }
        for (int a = 0; a < COLUMNS; a++) {
            score[a] *= used[a] ? residual : 0;
        }
    }
}
