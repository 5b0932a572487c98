package dev.credence.methods.training;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.RegularisedOptima;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Where gradient methods end on a table, without running them (docs/theory.md#methods-and-their-limits). */
final class Limits {
    private static final int SCAN = 4000;
    private static final double SMALLEST = 1e-24;
    private static final double PEAK = 0.01; // how far below a root a peak on the grid is looked into
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private Limits() {}

    /** The prior on its largest rewards, what natural-gradient ascent without a penalty tends to. */
    static TableModel best(TableModel prior, RewardFunction reward) {
        return TablePosterior.of(prior, reward, RewardLikelihood.tilt(Double.POSITIVE_INFINITY))
                .model();
    }

    /** GRPO's k3 in the loss: π = βπ0/(Λ − r). */
    static TableModel k3(TableModel prior, RewardFunction reward, double beta) {
        return prior.map((prompt, distribution) -> RegularisedOptima.k3InLoss(
                        distribution, reward.rewards(prompt, distribution), beta)
                .policy());
    }

    static TableModel entropyBonus(TableModel prior, RewardFunction reward, double beta, double alpha) {
        return prior.map((prompt, distribution) ->
                RegularisedOptima.entropyBonus(distribution, reward.rewards(prompt, distribution), beta, alpha));
    }

    /** A penalty averaged over tokens, on a table, whose texts are of one token each: the posterior. */
    static TableModel meanToken(TableModel prior, RewardFunction reward, double beta) {
        return prior.map((prompt, distribution) -> {
            double[] tokens = new double[distribution.size()];
            Arrays.fill(tokens, 1);
            double[] rewards = reward.rewards(prompt, distribution);
            return RegularisedOptima.meanOverTokens(distribution, rewards, tokens, beta)
                    .policy();
        });
    }

    /** The member of the tilt family, one λ for all prompts, whose mean KL from the prior is given. */
    static TableModel atKl(TableModel prior, RewardFunction reward, double nats) {
        DoubleUnaryOperator kl = lambda -> prior.prompts().stream()
                .mapToDouble(prompt -> prior.weight(prompt)
                        * TiltedFamily.of(prior.given(prompt), reward.rewards(prompt, prior.given(prompt)))
                                .at(lambda)
                                .klToPrior())
                .sum();
        double high = 1;
        while (kl.applyAsDouble(high) < nats && high < 1e12) {
            high *= 2;
        }
        double lambda = high >= 1e12 ? Double.POSITIVE_INFINITY : crossing(l -> kl.applyAsDouble(l) - nats, 0, high);
        return TablePosterior.of(prior, reward, RewardLikelihood.tilt(lambda)).model();
    }

    /**
     * k3 in the loss with rewards divided by the policy's own standard deviation s: π(1 − A/β) = π0 is the same with β·s for
     * β, s being that of the π it gives. All such π are b π0/(g + r_max − r) with one g, which tells b. Of several roots the
     * first on the way from the prior.
     */
    static TableModel standardisedK3(TableModel prior, RewardFunction reward, double beta) {
        return prior.map((prompt, distribution) -> {
            double[] rewards = reward.rewards(prompt, distribution);
            double range = range(distribution, rewards);
            if (range == 0) {
                return distribution;
            }
            DoubleUnaryOperator off = gap -> {
                Distribution at = rational(distribution, rewards, gap);
                return beta * deviation(at, rewards) / coefficient(distribution, rewards, gap) - 1;
            };
            double from = beta * range; // there b is larger, and so than β·s, which is half at most
            return rational(distribution, rewards, firstCrossing(off, from, SMALLEST * Math.min(from, range)));
        });
    }

    private static double top(Distribution prior, double[] rewards) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < rewards.length; i++) {
            most = prior.probability(i) > 0 ? Math.max(most, rewards[i]) : most;
        }
        return most;
    }

    /** b = 1/Σ π0/(g + r_max − r). */
    private static double coefficient(Distribution prior, double[] rewards, double gap) {
        double top = top(prior, rewards);
        double sum = 0;
        for (int i = 0; i < rewards.length; i++) {
            sum += prior.probability(i) > 0 ? prior.probability(i) / (gap + (top - rewards[i])) : 0;
        }
        return 1 / sum;
    }

    private static Distribution rational(Distribution prior, double[] rewards, double gap) {
        double top = top(prior, rewards);
        double[] logWeight = prior.logProbabilities();
        for (int i = 0; i < logWeight.length; i++) {
            logWeight[i] -= logWeight[i] > Double.NEGATIVE_INFINITY ? Math.log(gap + (top - rewards[i])) : 0;
        }
        return Distribution.ofLogWeights(prior.outcomes(), logWeight);
    }

    /**
     * The true KL with standardised rewards: the tilt whose λ is 1/(β·s) at its own standard deviation s; the first from the
     * prior on. Where there is none the largest rewards alone are left.
     */
    static TableModel standardisedTilt(TableModel prior, RewardFunction reward, double beta) {
        return prior.map((prompt, distribution) -> {
            double[] rewards = reward.rewards(prompt, distribution);
            double range = range(distribution, rewards);
            if (range == 0) {
                return distribution;
            }
            TiltedFamily family = TiltedFamily.of(distribution, rewards);
            DoubleUnaryOperator off = l -> Math.sqrt(family.at(l).variance()) * beta * l - 1;
            double from = 1.9 / (beta * range); // a deviation is at most half the range
            double lambda = firstCrossingUp(off, from, Math.max(from, 1e3 / range) * 1e3);
            return Distribution.ofLogWeights(distribution.outcomes(), family.logPosterior(lambda));
        });
    }

    private static double range(Distribution prior, double[] rewards) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < rewards.length; i++) {
            if (prior.probability(i) > 0) {
                least = Math.min(least, rewards[i]);
                most = Math.max(most, rewards[i]);
            }
        }
        return most - least;
    }

    static double deviation(Distribution distribution, double[] rewards) {
        double mean = distribution.expectation(rewards);
        double variance = 0;
        for (int i = 0; i < rewards.length; i++) {
            double p = distribution.probability(i);
            variance += p > 0 ? p * (rewards[i] - mean) * (rewards[i] - mean) : 0;
        }
        return Math.sqrt(variance);
    }

    /** The largest root below {@code from}, where the function is negative. */
    private static double firstCrossing(DoubleUnaryOperator f, double from, double to) {
        double root = firstCrossingUp(x -> f.applyAsDouble(1 / x), 1 / from, 1 / to);
        return root == Double.POSITIVE_INFINITY ? to : 1 / root;
    }

    /** The smallest root above {@code from}, where the function is negative; ∞ without one. Two roots that are close show as a peak. */
    private static double firstCrossingUp(DoubleUnaryOperator f, double from, double to) {
        double step = Math.pow(to / from, 1.0 / SCAN);
        double before = from;
        double low = from;
        double atBefore = f.applyAsDouble(before);
        double atLow = atBefore;
        for (int i = 0; i < SCAN; i++) {
            double high = low * step;
            double atHigh = f.applyAsDouble(high);
            if (atHigh >= 0) {
                return crossing(f, low, high);
            }
            if (atLow > atBefore && atLow >= atHigh && atLow > -PEAK) {
                double peak = peak(f, before, high);
                if (f.applyAsDouble(peak) >= 0) {
                    return crossing(f, before, peak);
                }
            }
            before = low;
            atBefore = atLow;
            low = high;
            atLow = atHigh;
        }
        return Double.POSITIVE_INFINITY;
    }

    /** Where a function with one maximum between two places has it, by golden sections. */
    private static double peak(DoubleUnaryOperator f, double low, double high) {
        double from = low;
        double to = high;
        for (int i = 0; i < 60; i++) {
            double left = to - GOLDEN * (to - from);
            double right = from + GOLDEN * (to - from);
            if (f.applyAsDouble(left) < f.applyAsDouble(right)) {
                from = left;
            } else {
                to = right;
            }
        }
        return (from + to) / 2;
    }

    /** Bisection on a sign change from negative to positive. */
    private static double crossing(DoubleUnaryOperator f, double low, double high) {
        double from = low;
        double to = high;
        while (true) {
            double middle = from + (to - from) / 2;
            if (!(middle > from && middle < to)) {
                return middle;
            }
            if (f.applyAsDouble(middle) < 0) {
                from = middle;
            } else {
                to = middle;
            }
        }
    }
}
