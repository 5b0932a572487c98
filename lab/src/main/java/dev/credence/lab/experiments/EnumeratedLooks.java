package dev.credence.lab.experiments;

import dev.credence.core.posterior.MeanRewardRoot;
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
        double toMax = 0;
        double toMin = 0;
        double excess = 0;
        double range = 0;
        for (int c = 0; c < prompts.size(); c++) {
            Texts own = prompts.get(c);
            PolicySums sums = own.sums(normalised(logPolicy.get(c)));
            kl += sums.kl / prompts.size();
            toMax += sums.toMax / prompts.size();
            toMin += sums.toMin / prompts.size();
            excess += sums.excess / prompts.size();
            range += (own.max - own.min) / prompts.size();
        }
        if (!(range > 0)) {
            return new PathLook(Double.NaN, kl < NO_UPDATE ? Double.NaN : 0, kl);
        }
        double gap = excess >= 0 ? toMax : toMin; // from the extreme reward on λ's side
        double lambda = gap == 0
                ? (excess >= 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY)
                : MeanRewardRoot.solve(this::moments, toMax, toMin, range, 0);
        double explained = gap == 0 ? 0 : -Math.abs(lambda) * gap;
        for (Texts own : prompts) {
            explained -= own.tilted(lambda).logPartition / prompts.size();
        }
        return new PathLook(lambda, kl < NO_UPDATE ? Double.NaN : Math.min(1, explained / kl), kl);
    }

    private MeanRewardRoot.RewardSpread moments(double lambda) {
        double toMax = 0;
        double toMin = 0;
        double variance = 0;
        for (Texts own : prompts) {
            TiltSums tilt = own.tilted(lambda);
            toMax += tilt.toMax / prompts.size();
            toMin += tilt.toMin / prompts.size();
            variance += tilt.variance / prompts.size();
        }
        return new MeanRewardRoot.RewardSpread(toMax, toMin, variance);
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
     * One prompt's texts under a policy.
     *
     * @param kl from the prior, nats
     * @param toMax mean distance from the largest reward
     * @param toMin from the smallest
     * @param excess mean reward above the prior's
     */
    private record PolicySums(double kl, double toMax, double toMin, double excess) {}

    /**
     * One prompt's texts under the tilt by some λ.
     *
     * @param logPartition log E e^{−|λ|d} with d the distance from the extreme reward on λ's side
     * @param toMax mean distance from the largest reward
     * @param toMin from the smallest
     * @param variance of the reward
     */
    private record TiltSums(double logPartition, double toMax, double toMin, double variance) {}

    /**
     * One prompt's texts under the prior.
     *
     * @param logPrior (texts) nats
     * @param reward (texts)
     * @param levels (levels) rewards that have mass, rising
     * @param logMass (levels) nats
     * @param min smallest of them
     * @param max largest
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Texts(
            double[] logPrior, double[] reward, double[] levels, double[] logMass, double min, double max) {
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

        PolicySums sums(double[] logPolicy) {
            double kl = 0;
            double toMax = 0;
            double toMin = 0;
            double excess = 0;
            for (int i = 0; i < reward.length; i++) {
                double u = Math.exp(logPrior[i]);
                double v = Math.exp(logPolicy[i]);
                if (v == 0) {
                    kl += u;
                } else {
                    double z = logPolicy[i] - logPrior[i];
                    kl += Math.abs(z) < NEAR ? v * (z + Math.expm1(-z)) : v * z - v + u;
                    toMax += v * (max - reward[i]);
                    toMin += v * (reward[i] - min);
                }
                excess += (v - u) * (reward[i] - min);
            }
            return new PolicySums(kl, toMax, toMin, excess);
        }

        TiltSums tilted(double lambda) {
            boolean isUp = lambda >= 0;
            double sum = 0;
            double near = 0;
            double far = 0;
            double square = 0;
            for (int k = 0; k < levels.length; k++) {
                double d = isUp ? max - levels[k] : levels[k] - min;
                double weight = Math.exp(d == 0 ? logMass[k] : logMass[k] - Math.abs(lambda) * d);
                sum += weight;
                near += weight == 0 ? 0 : weight * d;
                far += weight == 0 ? 0 : weight * (max - min - d);
                square += weight == 0 ? 0 : weight * d * d;
            }
            double mean = near / sum;
            double variance = Math.max(0, square / sum - mean * mean);
            return new TiltSums(Math.log(sum), (isUp ? near : far) / sum, (isUp ? far : near) / sum, variance);
        }
    }
}
