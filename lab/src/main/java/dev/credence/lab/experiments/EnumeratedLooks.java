package dev.credence.lab.experiments;

import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks at policies of which every text is enumerated: the audit's three figures of a path, without the rest of an audit. The
 * fitted λ and what it explains depend on a policy by its mean reward alone and on the prior by the mass of each reward
 * (docs/theory.md#the-ledger), so that a look is one pass over the texts. Prompts weigh alike.
 */
final class EnumeratedLooks {
    private static final double NO_UPDATE = 1e-12; // nats; as in the audit, no move to divide into shares
    private static final double NEAR = 0.25; // |z| below which z − 1 + e^{−z} cancels
    private static final double TOLERANCE = 1e-12; // of λ
    private static final int MOST_STEPS = 300;

    private final List<Texts> prompts = new ArrayList<>();

    /**
     * Takes the prior.
     *
     * @param logPrior (prompts)(texts) nats; normalised here
     * @param rewards (prompts)(texts), finite
     */
    EnumeratedLooks(List<double[]> logPrior, List<double[]> rewards) {
        for (int c = 0; c < logPrior.size(); c++) {
            prompts.add(Texts.of(normalised(logPrior.get(c)), rewards.get(c)));
        }
    }

    /**
     * Looks at a policy.
     *
     * @param logPolicy (prompts)(texts) nats; normalised here
     * @return its figures, one λ for all prompts
     */
    PathLook at(List<double[]> logPolicy) {
        double kl = 0;
        double toMost = 0;
        double toLeast = 0;
        double excess = 0;
        double range = 0;
        for (int c = 0; c < prompts.size(); c++) {
            Texts own = prompts.get(c);
            double[] sums = own.sums(normalised(logPolicy.get(c)));
            kl += sums[0] / prompts.size();
            toMost += sums[1] / prompts.size();
            toLeast += sums[2] / prompts.size();
            excess += sums[3] / prompts.size();
            range += (own.most - own.least) / prompts.size();
        }
        if (!(range > 0)) {
            return new PathLook(Double.NaN, kl < NO_UPDATE ? Double.NaN : 0, kl);
        }
        double sign = excess >= 0 ? 1 : -1;
        double gap = excess >= 0 ? toMost : toLeast;
        double size = gap == 0 ? Double.POSITIVE_INFINITY : size(sign, gap, range);
        double explained = 0;
        for (Texts own : prompts) {
            explained -= own.tilted(sign, size)[0] / prompts.size();
        }
        explained -= gap == 0 ? 0 : size * gap;
        return new PathLook(sign * size, kl < NO_UPDATE ? Double.NaN : Math.min(1, explained / kl), kl);
    }

    /** |λ| at which the tilts' mean distance from the extreme reward on λ's side is the policy's. */
    private double size(double sign, double gap, double range) {
        double low = 0;
        double high = Double.POSITIVE_INFINITY;
        double size = 0;
        for (int step = 0; step < MOST_STEPS; step++) {
            double distance = 0;
            double variance = 0;
            for (Texts own : prompts) {
                double[] tilt = own.tilted(sign, size);
                distance += tilt[1] / prompts.size();
                variance += tilt[2] / prompts.size();
            }
            double excess = Math.log(distance / gap); // above 0 where |λ| is too small
            if (excess == 0) {
                return size;
            }
            if (excess > 0) {
                low = size;
            } else {
                high = size;
            }
            double next = size + excess * distance / variance;
            if (!(next >= low && next <= high)) {
                next = high < Double.POSITIVE_INFINITY ? 0.5 * (low + high) : 2 * size + 1 / range;
            }
            if (Math.abs(next - size) <= TOLERANCE * next) {
                return next;
            }
            size = next;
        }
        return size;
    }

    private static double[] normalised(double[] logs) {
        double sum = LogMath.logSumExp(logs);
        double[] normalised = new double[logs.length];
        for (int i = 0; i < logs.length; i++) {
            normalised[i] = logs[i] - sum;
        }
        return normalised;
    }

    /**
     * One prompt's texts under the prior.
     *
     * @param logPrior (texts) nats
     * @param reward (texts)
     * @param levels (levels) rewards that have mass, rising
     * @param logMass (levels) nats
     * @param least smallest of them
     * @param most largest
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Texts(
            double[] logPrior, double[] reward, double[] levels, double[] logMass, double least, double most) {
        static Texts of(double[] logPrior, double[] reward) {
            TreeMap<Double, Double> masses = new TreeMap<>();
            for (int i = 0; i < reward.length; i++) {
                if (logPrior[i] > Double.NEGATIVE_INFINITY) {
                    masses.merge(reward[i] + 0.0, Math.exp(logPrior[i]), Double::sum); // −0 is 0
                }
            }
            double[] levels = new double[masses.size()];
            double[] logMass = new double[masses.size()];
            int at = 0;
            for (Map.Entry<Double, Double> level : masses.entrySet()) {
                levels[at] = level.getKey();
                logMass[at++] = Math.log(level.getValue());
            }
            return new Texts(logPrior, reward, levels, logMass, levels[0], levels[at - 1]);
        }

        /** {KL, mean distance from the largest reward, from the smallest, reward more than the prior's}. */
        double[] sums(double[] logPolicy) {
            double[] sums = new double[4];
            for (int i = 0; i < reward.length; i++) {
                double u = Math.exp(logPrior[i]);
                double v = Math.exp(logPolicy[i]);
                if (v == 0) {
                    sums[0] += u;
                } else {
                    double z = logPolicy[i] - logPrior[i];
                    sums[0] += Math.abs(z) < NEAR ? v * (z + Math.expm1(-z)) : v * z - v + u;
                    sums[1] += v * (most - reward[i]);
                    sums[2] += v * (reward[i] - least);
                }
                sums[3] += (v - u) * (reward[i] - least);
            }
            return sums;
        }

        /** Of the tilt ±size: {log E e^{−size·d}, mean of d, its variance}, d the distance from the extreme reward. */
        double[] tilted(double sign, double size) {
            double extreme = sign > 0 ? most : least;
            double sum = 0;
            double first = 0;
            double second = 0;
            for (int k = 0; k < levels.length; k++) {
                double d = sign * (extreme - levels[k]);
                double weight = Math.exp(d == 0 ? logMass[k] : logMass[k] - size * d);
                sum += weight;
                first += weight == 0 ? 0 : weight * d;
                second += weight == 0 ? 0 : weight * d * d;
            }
            double mean = first / sum;
            return new double[] {Math.log(sum), mean, Math.max(0, second / sum - mean * mean)};
        }
    }
}
