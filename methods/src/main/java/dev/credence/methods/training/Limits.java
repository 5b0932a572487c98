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
    private static final double SMALLEST = 1e-12;

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
     * β, s being that of the π it gives. Of several roots the first on the way from the prior.
     */
    static TableModel standardisedK3(TableModel prior, RewardFunction reward, double beta) {
        return prior.map((prompt, distribution) -> {
            double[] rewards = reward.rewards(prompt, distribution);
            double range = range(distribution, rewards);
            if (range == 0) {
                return distribution;
            }
            DoubleUnaryOperator off = b -> {
                Distribution at =
                        RegularisedOptima.k3InLoss(distribution, rewards, b).policy();
                return beta * deviation(at, rewards) - b;
            };
            double root = firstCrossing(off, beta * range, SMALLEST * range);
            return RegularisedOptima.k3InLoss(distribution, rewards, root).policy();
        });
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
            double lambda = firstCrossingUp(off, 1e-3 / range, 1e3 / range);
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
        double step = Math.pow(to / from, 1.0 / SCAN);
        double high = from;
        for (int i = 0; i < SCAN; i++) {
            double low = high * step;
            if (f.applyAsDouble(low) >= 0) {
                return crossing(x -> -f.applyAsDouble(x), low, high);
            }
            high = low;
        }
        return high;
    }

    /** The smallest root above {@code from}; ∞ without one. */
    private static double firstCrossingUp(DoubleUnaryOperator f, double from, double to) {
        double step = Math.pow(to / from, 1.0 / SCAN);
        double low = from;
        for (int i = 0; i < SCAN; i++) {
            double high = low * step;
            if (f.applyAsDouble(high) >= 0) {
                return crossing(f, low, high);
            }
            low = high;
        }
        return Double.POSITIVE_INFINITY;
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
