package dev.credence.core.audit;

import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * The sources beside prior and policy that enter one prompt's proposal q = Σ_s N_s π_s / N: a model whose log-probability
 * stands on every record, and tilts π0 e^{λ_k r}/Z_k, whose Z_k are not known. These are solved in the mixture itself: the
 * multistate Bennett acceptance ratio (Shirts and Chodera 2008, equation 11) with prior and policy as states whose
 * normalisation is known,
 *
 * <p>Σ_i P_k(i) = N_k with P_k(i) = N_k π_k(x_i)/(N q(x_i)) for every tilt k,
 *
 * <p>which is where the convex function Σ_i log N q(x_i) − Σ_k N_k f_k of f_k = −log Z_k is least.
 */
final class Mixture {
    private static final int MOST_STEPS = 100;
    private static final int MOST_HALVINGS = 40;
    private static final double TOLERANCE = 1e-12;

    private final int[] tilts; // strata
    private final double[] lambda; // (tilts)
    private final double[] logCount; // (tilts) log N_k
    private final double[] free; // (tilts) f_k = −log Z_k
    private final int bridge; // stratum; −1 where there is none
    private final double total; // N
    private final double[] reward; // (records of the log) by which the tilts were drawn
    private final int from; // the prompt's first record
    private final double[] known; // (records of the prompt) log Σ N_s π_s over the sources whose density is known
    private final double[][] tilted; // (tilts, records) log N_k π0 e^{λ_k r}
    private RealMatrix inverse = new Array2DRowRealMatrix(); // of Σ_i P_k (δ_kl − P_l)

    private Mixture(
            RolloutLog log, RolloutLog.Prompt prompt, double[] reward, double[] draws, int bridge, int[] tilts) {
        this.tilts = tilts;
        this.bridge = bridge;
        this.lambda = Arrays.stream(tilts).mapToDouble(s -> log.tilts()[s]).toArray();
        this.logCount =
                Arrays.stream(tilts).mapToDouble(s -> Math.log(draws[s])).toArray();
        this.free = new double[tilts.length];
        double further = bridge < 0 ? 0 : draws[bridge];
        this.total = draws[RolloutLog.PRIOR]
                + draws[RolloutLog.POLICY]
                + further
                + Arrays.stream(tilts).mapToDouble(s -> draws[s]).sum();
        RolloutLog.Columns columns = log.columns();
        RolloutLog.Kept kept = columns.kept();
        this.reward = reward;
        this.from = prompt.from();
        this.known = new double[prompt.size()];
        this.tilted = new double[tilts.length][prompt.size()];
        for (int i = 0; i < known.length; i++) {
            int record = prompt.from() + i;
            double[] terms = {
                Math.log(draws[RolloutLog.PRIOR] * (kept == null ? 1 : kept.prior()[record]))
                        + columns.logPrior()[record],
                Math.log(draws[RolloutLog.POLICY] * (kept == null ? 1 : kept.policy()[record]))
                        + columns.logPolicy()[record],
                bridge < 0 || columns.logSource() == null
                        ? Double.NEGATIVE_INFINITY
                        : Math.log(further) + columns.logSource()[record]
            };
            known[i] = LogMath.logSumExp(terms);
            for (int k = 0; k < tilts.length; k++) {
                tilted[k][i] = logCount[k] + columns.logPrior()[record] + lambda[k] * reward[record];
            }
        }
    }

    /**
     * The further sources of a prompt's proposal.
     *
     * @param reward (records of the log) by which tilts were drawn
     * @param draws (strata) how many texts were drawn
     * @return them, or null where there are none
     */
    static @Nullable Mixture of(RolloutLog log, RolloutLog.Prompt prompt, double[] reward, double[] draws) {
        int[] tilts = IntStream.range(RolloutLog.POLICY + 1, draws.length)
                .filter(s -> draws[s] > 0 && !Double.isNaN(log.tilts()[s]))
                .toArray();
        int bridge = bridge(log, prompt, draws);
        if (tilts.length == 0 && bridge < 0) {
            return null;
        }
        Mixture mixture = new Mixture(log, prompt, reward, draws, bridge, tilts);
        if (tilts.length > 0) {
            boolean[] counts = new boolean[prompt.size()];
            for (int i = 0; i < counts.length; i++) {
                byte stratum = log.columns().source()[prompt.from() + i];
                counts[i] = mixture.holds(stratum);
            }
            mixture.solve(counts);
        }
        return mixture;
    }

    /** The one source that is no tilt and whose log-probability every record has; −1 where there is none. */
    private static int bridge(RolloutLog log, RolloutLog.Prompt prompt, double[] draws) {
        double[] logSource = log.columns().logSource();
        int[] others = IntStream.range(RolloutLog.POLICY + 1, draws.length)
                .filter(s -> draws[s] > 0 && Double.isNaN(log.tilts()[s]))
                .toArray();
        if (logSource == null || others.length != 1) {
            return -1;
        }
        for (int i = prompt.from(); i < prompt.to(); i++) {
            if (Double.isNaN(logSource[i])) {
                return -1;
            }
        }
        return others[0];
    }

    /** Whether draws of a stratum are part of the proposal. */
    boolean holds(int stratum) {
        return stratum <= RolloutLog.POLICY || stratum == bridge || isTilt(stratum);
    }

    /** Whether a stratum draws from a tilt of the prior. */
    boolean isTilt(int stratum) {
        return Arrays.stream(tilts).anyMatch(s -> s == stratum);
    }

    /** N. */
    double total() {
        return total;
    }

    int tilts() {
        return tilts.length;
    }

    /** The stratum of a tilt. */
    int stratum(int tilt) {
        return tilts[tilt];
    }

    /** λ of a tilt. */
    double lambda(int tilt) {
        return lambda[tilt];
    }

    /** The reward of the prompt's record at a position by which its tilts were drawn, before groups are put side by side. */
    double reward(int position) {
        return reward[from + position];
    }

    /** log Z of a tilt, nats. */
    double logZ(int tilt) {
        return -free[tilt];
    }

    /** log q of the prompt's record at a position, before groups are put side by side. */
    double logProposal(int position) {
        return logWithTilts(position) - Math.log(total);
    }

    private double logWithTilts(int position) {
        double largest = known[position];
        for (int k = 0; k < free.length; k++) {
            largest = Math.max(largest, tilted[k][position] + free[k]);
        }
        double sum = Math.exp(known[position] - largest);
        for (int k = 0; k < free.length; k++) {
            sum += Math.exp(tilted[k][position] + free[k] - largest);
        }
        return largest + Math.log(sum);
    }

    /** P_k of the record at a position. */
    double share(int tilt, int position) {
        return Math.exp(tilted[tilt][position] + free[tilt] - logWithTilts(position));
    }

    /** How many draws of the tilts a text of a reward stands for, relative to the prior's density: Σ N_k e^{λ_k r}/Z_k. */
    double draws(double reward) {
        double sum = 0;
        for (int k = 0; k < free.length; k++) {
            sum += Math.exp(logCount[k] + lambda[k] * reward + free[k]);
        }
        return sum;
    }

    /** The inverse of the matrix of how the conditions on the tilts change with their f. */
    RealMatrix inverse() {
        return inverse;
    }

    private void solve(boolean[] counts) {
        for (int k = 0; k < free.length; k++) {
            double[] weights = new double[counts.length];
            for (int i = 0; i < counts.length; i++) {
                weights[i] = counts[i] ? tilted[k][i] - known[i] : Double.NEGATIVE_INFINITY;
            }
            free[k] = logCount[k] - LogMath.logSumExp(weights);
        }
        double value = objective(counts);
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] gradient = new double[free.length];
            RealMatrix hessian = curvature(counts, gradient);
            inverse = new LUDecomposition(hessian).getSolver().getInverse();
            double[] move = inverse.operate(new ArrayRealVector(gradient)).toArray();
            double largest = Arrays.stream(move).map(Math::abs).max().orElse(0);
            if (!(largest > TOLERANCE)) {
                return;
            }
            double next = descend(counts, move, value);
            if (!(next < value)) {
                return; // as low as doubles tell
            }
            value = next;
        }
    }

    /** Moves against the gradient, half as far until it goes down; returns where it came to, or leaves f as it was. */
    private double descend(boolean[] counts, double[] move, double value) {
        double[] from = free.clone();
        for (double factor = 1, halving = 0; halving < MOST_HALVINGS; factor /= 2, halving++) {
            for (int k = 0; k < free.length; k++) {
                free[k] = from[k] - factor * move[k];
            }
            double next = objective(counts);
            if (next < value) {
                return next;
            }
        }
        System.arraycopy(from, 0, free, 0, free.length);
        return value;
    }

    private double objective(boolean[] counts) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i] ? logWithTilts(i) - known[i] : 0;
        }
        for (int k = 0; k < free.length; k++) {
            sum -= Math.exp(logCount[k]) * free[k];
        }
        return sum;
    }

    private RealMatrix curvature(boolean[] counts, double[] gradient) {
        double[][] sums = new double[free.length][free.length];
        double[] share = new double[free.length];
        for (int i = 0; i < counts.length; i++) {
            if (!counts[i]) {
                continue;
            }
            for (int k = 0; k < share.length; k++) {
                share[k] = share(k, i);
                gradient[k] += share[k];
            }
            for (int k = 0; k < share.length; k++) {
                sums[k][k] += share[k];
                for (int l = 0; l < share.length; l++) {
                    sums[k][l] -= share[k] * share[l];
                }
            }
        }
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] -= Math.exp(logCount[k]);
        }
        return new Array2DRowRealMatrix(sums, false);
    }
}
