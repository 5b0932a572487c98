package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Completions that a step learns from, as columns. Those drawn stand for the policy with equal measure; an enumeration has
 * each text's probability as its measure, so that sums are expectations.
 *
 * @param batch (n) prompts with completions
 * @param prompt (n) position of the prompt in the task
 * @param reward (n) finite
 * @param measure (n) sums to one: the prompt's weight times the text's share
 * @param draws (n) how many draws came to this text; 1 on an enumeration
 * @param length (n) tokens, as penalties and averages count them
 * @param drawnLogProbs (n) (tokens) nats, under the policy that drew them
 * @param referenceLogProbs (n) (tokens) nats
 * @param enumerated whether the measure is exact, rather than drawn
 */
@SuppressWarnings("ArrayRecordComponent")
record Rollouts(
        List<Continuation> batch,
        int[] prompt,
        double[] reward,
        double[] measure,
        int[] draws,
        double[] length,
        double[][] drawnLogProbs,
        double[][] referenceLogProbs,
        boolean enumerated) {
    int size() {
        return reward.length;
    }

    /**
     * The same with another reference: the policy itself, where no token tells them apart by more than rounding.
     *
     * @param reference (n) (tokens) nats
     * @param rounding nats a token
     */
    Rollouts against(double[][] reference, double rounding) {
        double[][] own = isToldFrom(reference, rounding) ? reference : drawnLogProbs;
        return new Rollouts(batch, prompt, reward, measure, draws, length, drawnLogProbs, own, enumerated);
    }

    private boolean isToldFrom(double[][] reference, double rounding) {
        return IntStream.range(0, reference.length).anyMatch(i -> isToldFrom(drawnLogProbs[i], reference[i], rounding));
    }

    /** Whether the log-probabilities of a token, in nats, are further apart than rounding. */
    static boolean isToldFrom(double[] logProbs, double[] reference, double rounding) {
        for (int t = 0; t < reference.length; t++) {
            if (!(Math.abs(logProbs[t] - reference[t]) <= rounding)) {
                return true;
            }
        }
        return false;
    }

    /** Estimate of KL(policy that drew‖policy), nats a text, from (n) (tokens) log-probabilities under the latter. */
    double movedKl(double[][] logProbs) {
        double[] moved = new double[size()];
        Arrays.setAll(moved, i -> sum(drawnLogProbs[i]) - sum(logProbs[i]));
        return mean(moved);
    }

    /** Draws in all, equal ones each counted. */
    long drawn() {
        return Arrays.stream(draws).asLongStream().sum();
    }

    int prompts() {
        int most = 0;
        for (int c : prompt) {
            most = Math.max(most, c + 1);
        }
        return most;
    }

    /** Σ m·x. */
    double mean(double[] values) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += measure[i] > 0 ? measure[i] * values[i] : 0;
        }
        return sum;
    }

    /** (n) log π − log π0 of whole texts, nats. */
    double[] logRatios() {
        double[] ratios = new double[size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = sum(drawnLogProbs[i]) - sum(referenceLogProbs[i]);
        }
        return ratios;
    }

    /** Entropy of whole texts, nats: the mean of −log π. */
    double entropy() {
        double[] terms = new double[size()];
        Arrays.setAll(terms, i -> -sum(drawnLogProbs[i]));
        return mean(terms);
    }

    /** (Σ m ρ)²/(Σ m · Σ m ρ²), the share that importance weights ρ leave of the rollouts; (n) log ρ, nats. */
    double effective(double[] logWeights) {
        double top = Arrays.stream(logWeights).max().orElse(0);
        double mass = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < logWeights.length; i++) {
            double weight = Math.exp(logWeights[i] - top);
            mass += measure[i];
            first += measure[i] * weight;
            second += measure[i] * weight * weight;
        }
        return first * first / (mass * second);
    }

    /** Share of the prompts whose texts were all rewarded alike. */
    double equalGroups() {
        double[] least = new double[prompts()];
        double[] most = new double[prompts()];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < reward.length; i++) {
            least[prompt[i]] = Math.min(least[prompt[i]], reward[i]);
            most[prompt[i]] = Math.max(most[prompt[i]], reward[i]);
        }
        double equal = 0;
        for (int c = 0; c < least.length; c++) {
            equal += least[c] >= most[c] ? 1 : 0;
        }
        return equal / least.length;
    }

    static double sum(double[] terms) {
        double sum = 0;
        for (double term : terms) {
            sum += term;
        }
        return sum;
    }
}
