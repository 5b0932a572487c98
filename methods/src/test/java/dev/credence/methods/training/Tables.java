package dev.credence.methods.training;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.model.Continuation;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What tests of training on tables share. */
final class Tables {
    private Tables() {}

    /** Rollouts of a policy that has left its prior: every text, by its probability. */
    static Rollouts rollouts(Distribution prior, Distribution policy, double[] reward) {
        List<Continuation> batch = new ArrayList<>();
        double[][] own = new double[reward.length][];
        double[][] reference = new double[reward.length][];
        double[] ones = new double[reward.length];
        Arrays.fill(ones, 1);
        int[] once = new int[reward.length];
        Arrays.fill(once, 1);
        for (int i = 0; i < reward.length; i++) {
            batch.add(new Continuation(new int[] {0}, new int[] {i}));
            own[i] = new double[] {policy.logProbability(i)};
            reference[i] = new double[] {prior.logProbability(i)};
        }
        return new Rollouts(
                batch, new int[reward.length], reward, policy.probabilities(), once, ones, own, reference, true);
    }

    /** The same with texts of given lengths. */
    static Rollouts withLengths(Rollouts rollouts, double... lengths) {
        return new Rollouts(
                rollouts.batch(),
                rollouts.prompt(),
                rollouts.reward(),
                rollouts.measure(),
                rollouts.draws(),
                lengths,
                rollouts.drawnLogProbs(),
                rollouts.referenceLogProbs(),
                rollouts.enumerated());
    }

    /** From weights of log-probabilities to the gradient by logits. */
    static double[] logitGradient(double[][] weights, Distribution policy) {
        double sum = 0;
        for (double[] row : weights) {
            sum += row[0];
        }
        double[] gradient = new double[weights.length];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = weights[i][0] - policy.probability(i) * sum;
        }
        return gradient;
    }

    /** Central differences of an objective of the policy, by its logits. */
    static double[] differences(Distribution policy, Function<Distribution, Double> objective) {
        double step = 1e-5;
        double[] gradient = new double[policy.size()];
        for (int i = 0; i < gradient.length; i++) {
            double[] above = policy.logProbabilities();
            double[] below = policy.logProbabilities();
            above[i] += step;
            below[i] -= step;
            double up = objective.apply(Distribution.ofLogWeights(policy.outcomes(), above));
            double down = objective.apply(Distribution.ofLogWeights(policy.outcomes(), below));
            gradient[i] = (up - down) / (2 * step);
        }
        return gradient;
    }

    /**
     * Vanilla gradient flow from a table to a time, by Euler steps that lengthen as 1 + t, extrapolated from four step sizes.
     *
     * @param start where it starts
     * @param reward ascended
     * @param time flow time
     * @param steps of the coarsest run
     * @return (outcomes) probabilities
     */
    static double[] flow(Distribution start, RewardFunction reward, double time, int steps) {
        TableModel table = TableModel.of(start);
        Surrogate plain = Surrogate.plain(KlPlacement.NONE, 0);
        return extrapolated(time, steps, rate -> {
            TabularPolicy policy = new TabularPolicy(table, Optimiser.sgd(rate));
            TrainingTask task = TableTasks.of(table, reward);
            TrainingTask.Enumeration all = prompt -> IntStream.range(0, start.size())
                    .mapToObj(i -> new int[] {i})
                    .toList();
            Training training = new PolicyGradientTraining(
                    policy, RolloutSource.enumerated(task, all), PolicyGradientTraining.Plan.of(plain), Pace.even());
            return new Steps(() -> training.step(new SplittableRandom(1)), policy);
        });
    }

    /** A run and where it has got to. */
    record Steps(Runnable step, TabularPolicy policy) {}

    static double[] extrapolated(double time, int steps, Function<LearningRate, Steps> runs) {
        double[][] rows = new double[4][];
        for (int level = 0; level < rows.length; level++) {
            int n = steps << level;
            double growth = Math.expm1(Math.log1p(time) / n);
            Steps run = runs.apply(step -> growth * Math.pow(1 + growth, (double) step));
            for (int s = 0; s < n; s++) {
                run.step().run();
            }
            rows[level] = run.policy().table().given("").logProbabilities();
        }
        for (int order = 1; order < rows.length; order++) { // Richardson: the error is a series in 1/n
            double factor = 1 << order;
            for (int level = rows.length - 1; level >= order; level--) {
                for (int i = 0; i < rows[level].length; i++) {
                    rows[level][i] = (factor * rows[level][i] - rows[level - 1][i]) / (factor - 1);
                }
            }
        }
        return Arrays.stream(rows[rows.length - 1]).map(Math::exp).toArray();
    }
}
