package dev.credence.methods.training;

import dev.credence.core.posterior.MeanRewardRoot;
import dev.credence.core.probability.LogMath;
import dev.credence.core.training.TrainablePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How near a step's policy is to a conditional on the reward, by the rollouts that the step has anyway. An enumeration has every text's
 * probability under policy and prior, so that copies and Bayes fraction are exact. Draws of the policy alone know the slope of the log-ratio
 * in the reward, and what no conditional can explain whatever Z is (docs/theory.md#least-departure): the most that the fraction can be.
 */
final class RolloutConditional {
    private static final double NO_UPDATE = 1e-9; // nats; no move to divide into shares

    /** A prompt's rollouts: rewards, log π, and log π0 up to a constant. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Own(
            double weight, double[] reward, double[] logPolicy, double[] logPrior, double least, double most) {}

    private final List<Own> prompts = new ArrayList<>();
    private final double kl;
    private final boolean isExact;

    private RolloutConditional(Rollouts rollouts) {
        double[] ratios = rollouts.logRatios();
        isExact = rollouts.enumerated();
        kl = rollouts.mean(ratios);
        for (int c = 0; c < rollouts.prompts(); c++) {
            int ofPrompt = c;
            int[] rows = IntStream.range(0, rollouts.size())
                    .filter(i -> rollouts.prompt()[i] == ofPrompt && rollouts.measure()[i] > 0)
                    .toArray();
            if (rows.length == 0) {
                continue;
            }
            double[] reward =
                    Arrays.stream(rows).mapToDouble(i -> rollouts.reward()[i]).toArray();
            double[] mass =
                    Arrays.stream(rows).mapToDouble(i -> rollouts.measure()[i]).toArray();
            double weight = Arrays.stream(mass).sum();
            double[] logPolicy =
                    Arrays.stream(mass).map(m -> Math.log(m / weight)).toArray();
            double[] logPrior = new double[rows.length];
            Arrays.setAll(logPrior, k -> logPolicy[k] - ratios[rows[k]]);
            prompts.add(new Own(
                    weight,
                    reward,
                    logPolicy,
                    logPrior,
                    Arrays.stream(reward).min().orElseThrow(),
                    Arrays.stream(reward).max().orElseThrow()));
        }
    }

    /** Of a step's rollouts, whose reference is the prior; of a table, whose steps are thousands and are not looked at, none. */
    static TrainingStep.Conditional of(TrainablePolicy policy, Rollouts rollouts) {
        return policy instanceof TabularPolicy ? TrainingStep.Conditional.NONE : of(rollouts);
    }

    static TrainingStep.Conditional of(Rollouts rollouts) {
        return new RolloutConditional(rollouts).found();
    }

    private TrainingStep.Conditional found() {
        double range = 0;
        double toMax = 0;
        double toMin = 0;
        double covariance = 0;
        double variance = 0;
        for (Own own : prompts) {
            double mean = 0;
            double ratio = 0;
            for (int i = 0; i < own.reward.length; i++) {
                double v = Math.exp(own.logPolicy[i]);
                mean += v * own.reward[i];
                ratio += v * (own.logPolicy[i] - own.logPrior[i]);
            }
            range += own.weight * (own.most - own.least);
            toMax += own.weight * (own.most - mean);
            toMin += own.weight * (mean - own.least);
            for (int i = 0; i < own.reward.length; i++) {
                double v = own.weight * Math.exp(own.logPolicy[i]);
                covariance += v * (own.reward[i] - mean) * (own.logPolicy[i] - own.logPrior[i] - ratio);
                variance += v * (own.reward[i] - mean) * (own.reward[i] - mean);
            }
        }
        if (!(range > 0) || !(variance > 0) || !(toMax > 0) || !(toMin > 0)) {
            return TrainingStep.Conditional.NONE;
        }
        double slope = covariance / variance;
        double lambda = MeanRewardRoot.solve(this::moments, toMax, toMin, range, Double.isFinite(slope) ? slope : 0);
        double departure = 0;
        for (Own own : prompts) {
            departure += own.weight * departure(own, lambda);
        }
        double fraction = kl > NO_UPDATE ? Math.max(0, Math.min(1, 1 - departure / kl)) : Double.NaN;
        return new TrainingStep.Conditional(isExact ? lambda : slope, fraction, isExact);
    }

    private static double[] tilted(Own own, double lambda) {
        double[] log = new double[own.reward.length];
        Arrays.setAll(log, i -> own.logPrior[i] + lambda * own.reward[i]);
        double sum = LogMath.logSumExp(log);
        return Arrays.stream(log).map(x -> x - sum).toArray();
    }

    private MeanRewardRoot.RewardSpread moments(double lambda) {
        double toMax = 0;
        double toMin = 0;
        double variance = 0;
        for (Own own : prompts) {
            double[] log = tilted(own, lambda);
            double near = 0;
            double far = 0;
            double square = 0;
            for (int i = 0; i < log.length; i++) {
                double w = Math.exp(log[i]);
                near += w * (own.most - own.reward[i]);
                far += w * (own.reward[i] - own.least);
                square += w * (own.most - own.reward[i]) * (own.most - own.reward[i]);
            }
            toMax += own.weight * near;
            toMin += own.weight * far;
            variance += own.weight * Math.max(0, square - near * near);
        }
        return new MeanRewardRoot.RewardSpread(toMax, toMin, variance);
    }

    /** KL of the policy from the tilt among these texts, nats. */
    private static double departure(Own own, double lambda) {
        double[] log = tilted(own, lambda);
        double sum = 0;
        for (int i = 0; i < log.length; i++) {
            sum += Math.exp(own.logPolicy[i]) * (own.logPolicy[i] - log[i]);
        }
        return sum;
    }
}
