package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * One regression of the log-ratio on [r, log π0, tokens, r²] with an intercept a prompt, under ½ū + ½v̄ (docs/theory.md#nuisances). A
 * true conditional has zeros behind the first coefficient; sharpening shows in log π0. A collinear column is left out.
 */
final class Nuisances {
    static final int REWARD = 0;
    static final int LOG_PRIOR = 1;
    static final int LENGTH = 2;
    static final int REWARD_SQUARED = 3;
    static final int COLUMNS = 4;
    private static final int ALL = COLUMNS + 1; // the columns and the log-ratio
    private static final double ROUNDING = 1e-20; // relative variance
    private static final double COLLINEAR = 1e-9; // share of a column's variance that the others leave over

    /**
     * What the regression needs of one prompt, whatever the other prompts are.
     *
     * @param center (ALL) means of the columns and of the log-ratio under ½ū + ½v̄
     * @param cross (2, ALL, ALL) their products about those means under ū, then under v̄
     * @serial exclude
     */
    record Sums(double[] center, double[] cross) implements Serializable {
        static Sums of(Atoms atoms) {
            double[] center = Nuisances.center(atoms);
            return new Sums(
                    center, Cross.mirrored(atoms.sum(2 * ALL * ALL, () -> new Cross(center, atoms.blockSize()))));
        }

        /** Under ½ū + ½v̄. */
        double cross(int a, int b) {
            return 0.5 * (cross[a * ALL + b] + cross[ALL * ALL + a * ALL + b]);
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

    static Nuisances of(PromptPool pool) {
        double[][] gram = new double[ALL][ALL];
        Sums[] sums = pool.all(c -> pool.members().get(c).regressionSums(), Sums[]::new);
        double[][] centers = Arrays.stream(sums).map(Sums::center).toArray(double[][]::new);
        for (int c = 0; c < pool.size(); c++) {
            for (int a = 0; a < ALL; a++) {
                for (int b = 0; b < ALL; b++) {
                    gram[a][b] += pool.weight(c) * sums[c].cross(a, b);
                }
            }
        }
        boolean[] used = independent(gram, magnitudes(pool, centers), hasTokens(pool));
        Nuisances fitted = solve(gram, used, centers);
        for (int c = 0; c < pool.size(); c++) {
            fitted.scoreMeans[c] = fitted.scoreMeans(sums[c].cross);
        }
        return fitted;
    }

    /** Means of the scores x·e under ū and v̄: e is the log-ratio less the columns' parts, so they are sums of products. */
    private double[] scoreMeans(double[] cross) {
        double[] means = new double[2 * COLUMNS];
        for (int half = 0; half < 2; half++) {
            for (int a = 0; a < COLUMNS; a++) {
                int row = (half * ALL + a) * ALL;
                double mean = cross[row + COLUMNS];
                for (int b = 0; b < COLUMNS; b++) {
                    mean -= used[b] ? coefficients[b] * cross[row + b] : 0;
                }
                means[half * COLUMNS + a] = used[a] ? mean : 0;
            }
        }
        return means;
    }

    /** Mean squares of the columns' prompt means: a column that varies by rounding of them does not vary. */
    private static double[] magnitudes(PromptPool pool, double[][] centers) {
        double[] squares = new double[ALL];
        for (int c = 0; c < centers.length; c++) {
            for (int a = 0; a < ALL; a++) {
                squares[a] += pool.weight(c) * centers[c][a] * centers[c][a];
            }
        }
        return squares;
    }

    private static boolean hasTokens(PromptPool pool) {
        return pool.members().stream().allMatch(m -> m.atoms().hasTokens());
    }

    private static double[] center(Atoms atoms) {
        return atoms.sum(ALL, (block, sums) -> {
            double reward = 0;
            double logPrior = 0;
            double tokens = 0;
            double squared = 0;
            double logRatio = 0;
            for (int i = 0; i < block.count; i++) {
                double p = 0.5 * (block.u[i] + block.v[i]);
                double r = block.reward[i];
                reward += p * r;
                logPrior += p * block.logPrior[i];
                tokens += p * block.tokens[i];
                squared += p * (r * r);
                logRatio += p * block.logRatio[i];
            }
            sums[REWARD] += reward;
            sums[LOG_PRIOR] += logPrior;
            sums[LENGTH] += tokens;
            sums[REWARD_SQUARED] += squared;
            sums[COLUMNS] += logRatio;
        });
    }

    /** Products about a centre, upper triangles. */
    private static final class Cross implements Atoms.Kernel {
        private final double[] center; // (ALL)
        private final double[][] x; // (ALL, atoms of a block)

        Cross(double[] center, int blockSize) {
            this.center = center;
            this.x = new double[ALL][blockSize];
        }

        @Override
        public void add(AtomBlock block, double[] sums) {
            for (int i = 0; i < block.count; i++) {
                double r = block.reward[i];
                x[REWARD][i] = r - center[REWARD];
                x[LOG_PRIOR][i] = block.logPrior[i] - center[LOG_PRIOR];
                x[LENGTH][i] = block.tokens[i] - center[LENGTH];
                x[REWARD_SQUARED][i] = r * r - center[REWARD_SQUARED];
                x[COLUMNS][i] = block.logRatio[i] - center[COLUMNS];
            }
            for (int a = 0; a < ALL; a++) {
                for (int b = a; b < ALL; b++) {
                    add(block, a, b, sums);
                }
            }
        }

        /** Sums of even and odd atoms side by side: a single sum would wait for itself. */
        private void add(AtomBlock block, int a, int b, double[] sums) {
            double[] xa = x[a];
            double[] xb = x[b];
            double prior = 0;
            double policy = 0;
            double otherPrior = 0;
            double otherPolicy = 0;
            int i = 0;
            for (; i + 1 < block.count; i += 2) {
                double product = xa[i] * xb[i];
                double other = xa[i + 1] * xb[i + 1];
                prior += block.u[i] * product;
                policy += block.v[i] * product;
                otherPrior += block.u[i + 1] * other;
                otherPolicy += block.v[i + 1] * other;
            }
            if (i < block.count) {
                prior += block.u[i] * xa[i] * xb[i];
                policy += block.v[i] * xa[i] * xb[i];
            }
            sums[a * ALL + b] += prior + otherPrior;
            sums[(ALL + a) * ALL + b] += policy + otherPolicy;
        }

        /** Fills the lower triangles. */
        static double[] mirrored(double[] sums) {
            for (int a = 0; a < ALL; a++) {
                for (int b = 0; b < a; b++) {
                    sums[a * ALL + b] = sums[b * ALL + a];
                    sums[(ALL + a) * ALL + b] = sums[(ALL + b) * ALL + a];
                }
            }
            return sums;
        }
    }

    /** Takes the columns in order and leaves out each that the ones before it explain. */
    private static boolean[] independent(double[][] gram, double[] magnitudes, boolean hasTokens) {
        boolean[] used = new boolean[COLUMNS];
        double[][] left = new double[ALL][ALL]; // what the chosen columns leave over (Gram–Schmidt on the Gram matrix)
        for (int a = 0; a < ALL; a++) {
            for (int b = 0; b < ALL; b++) {
                left[a][b] = gram[Math.min(a, b)][Math.max(a, b)];
            }
        }
        for (int a = 0; a < COLUMNS; a++) {
            boolean known = (a != LENGTH || hasTokens) && gram[a][a] > ROUNDING * magnitudes[a];
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

    /** The coefficient of a column; NaN where it was left out. */
    double coefficient(int column) {
        return coefficients[column];
    }

    /**
     * Writes the influence of each atom's weight on the coefficients behind the first, side by side:
     * A⁻¹ (½ū (s − E_ū s) + ½v̄ (s − E_v̄ s)) with s = x·e, times a weight.
     *
     * @param member position of the prompt in the pool
     * @param block the atoms
     * @param weight a factor
     * @param into (columns, atoms), where to write
     * @param at the first of the {@code COLUMNS − 1} columns there
     */
    void influence(int member, AtomBlock block, double weight, double[][] into, int at) {
        double[] center = centers[member];
        double[] means = scoreMeans[member];
        double[] slopes = new double[COLUMNS];
        for (int a = 0; a < COLUMNS; a++) {
            slopes[a] = used[a] ? coefficients[a] : 0; // what is left out has zeros in the inverse too
        }
        for (int i = 0; i < block.count; i++) {
            double r = block.reward[i];
            double x0 = r - center[REWARD];
            double x1 = block.logPrior[i] - center[LOG_PRIOR];
            double x2 = block.tokens[i] - center[LENGTH];
            double x3 = r * r - center[REWARD_SQUARED];
            double e = block.logRatio[i]
                    - center[COLUMNS]
                    - (slopes[REWARD] * x0
                            + slopes[LOG_PRIOR] * x1
                            + slopes[LENGTH] * x2
                            + slopes[REWARD_SQUARED] * x3);
            double u = 0.5 * weight * block.u[i];
            double v = 0.5 * weight * block.v[i];
            double f0 = u * (x0 * e - means[REWARD]) + v * (x0 * e - means[COLUMNS + REWARD]);
            double f1 = u * (x1 * e - means[LOG_PRIOR]) + v * (x1 * e - means[COLUMNS + LOG_PRIOR]);
            double f2 = u * (x2 * e - means[LENGTH]) + v * (x2 * e - means[COLUMNS + LENGTH]);
            double f3 = u * (x3 * e - means[REWARD_SQUARED]) + v * (x3 * e - means[COLUMNS + REWARD_SQUARED]);
            for (int k = 1; k < COLUMNS; k++) {
                double[] row = inverse[k];
                into[at + k - 1][i] =
                        row[REWARD] * f0 + row[LOG_PRIOR] * f1 + row[LENGTH] * f2 + row[REWARD_SQUARED] * f3;
            }
        }
    }

    /** By how much the errors of the coefficients behind the reward's are too small, where records are few. */
    double[] leverageFactors(PromptPool pool) {
        return Leverage.factors(pool, (member, block, into) -> {
            double weight = pool.weight(member);
            influence(member, block, weight, into, 0);
            for (int i = 0; i < block.count; i++) {
                double leverage = leverage(member, block, i, weight);
                for (int k = 0; k < Leverage.COUNT; k++) {
                    into[Leverage.COUNT + k][i] = leverage;
                }
            }
        });
    }

    /** The leverage of one atom: p of its prompt's intercept, and ω p xᵀA⁻¹x of the columns, with p = ½u + ½v. */
    private double leverage(int member, AtomBlock block, int i, double weight) {
        double[] center = centers[member];
        double r = block.reward[i];
        double[] x = {
            r - center[REWARD],
            block.logPrior[i] - center[LOG_PRIOR],
            block.tokens[i] - center[LENGTH],
            r * r - center[REWARD_SQUARED]
        };
        double square = 0;
        for (int a = 0; a < COLUMNS; a++) {
            for (int b = 0; b < COLUMNS; b++) {
                square += inverse[a][b] == 0 ? 0 : x[a] * inverse[a][b] * x[b];
            }
        }
        return 0.5 * (block.u[i] + block.v[i]) * (1 + weight * square);
    }
}
