package dev.credence.app.experiment;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The other reading of the question: what a policy tuned on a rewarded text y1 gives to an unrewarded probe y2, against what a
 * reader of k copies of the good text would give to it (THEORY §7, §9).
 *
 * <p>World: two kinds of author z, equally likely, who write well with probability .9 and .2, each time independently; a rater
 * approves of good with probability .8, of bad with .2.
 */
public final class ObservedCopies {
    private static final double[] WEIGHT = {.5, .5};
    private static final double[] GOOD = {.9, .2};
    private static final double APPROVED = .8;
    private static final double MOST = 1000;

    private ObservedCopies() {}

    /**
     * What was read off a policy.
     *
     * @param beta of the policy
     * @param probe P(y2 good) under it
     * @param copies argmin over k of the KL from the policy's probe to that of a reader of k copies
     * @param residual that least KL, nats
     */
    public record Reading(double beta, double probe, double copies, double residual) {}

    /** {@return P(y1, y2): GG, GB, BG, BB} */
    public static TableModel world() {
        Map<String, Double> joint = new LinkedHashMap<>();
        for (String text : new String[] {"GG", "GB", "BG", "BB"}) {
            double mass = 0;
            for (int z = 0; z < 2; z++) {
                mass += WEIGHT[z] * letter(text.charAt(0), z) * letter(text.charAt(1), z);
            }
            joint.put(text, mass);
        }
        return TableModel.of(Distribution.of(joint));
    }

    /** {@return log P(approved | y1): the rater sees the first text alone} */
    public static RewardFunction reward() {
        return (prompt, text) -> Math.log(text.charAt(0) == 'G' ? APPROVED : 1 - APPROVED);
    }

    private static double letter(char c, int z) {
        return c == 'G' ? GOOD[z] : 1 - GOOD[z];
    }

    /**
     * The exact optimum at a β, read by its probe.
     *
     * @param beta ≥ 0
     * @return the reading
     */
    public static Reading optimum(double beta) {
        TableModel policy = TablePosterior.of(world(), reward(), RewardLikelihood.tilt(1 / beta))
                .model();
        return of(policy.given(""), beta);
    }

    /**
     * Reads a policy on the world's texts.
     *
     * @param policy over GG, GB, BG, BB
     * @param beta it was tuned with
     * @return the reading
     */
    public static Reading of(Distribution policy, double beta) {
        double probe = policy.probability("GG") + policy.probability("BG");
        DoubleUnaryOperator off = k -> kl(probe, reader(k));
        double copies = least(off);
        return new Reading(beta, probe, copies, Math.max(0, off.applyAsDouble(copies)));
    }

    /**
     * P(y2 good) of a reader who saw copies of a good text.
     *
     * @param copies k ≥ 0
     * @return a probability
     */
    public static double reader(double copies) {
        double good = 0;
        double all = 0;
        for (int z = 0; z < 2; z++) {
            double weight = WEIGHT[z] * Math.pow(GOOD[z], copies);
            all += weight;
            good += weight * GOOD[z];
        }
        return good / all;
    }

    private static double kl(double p, double q) {
        return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }

    /** The reader's probe grows with k, so that the KL has one least point. */
    private static double least(DoubleUnaryOperator f) {
        double low = 0;
        double high = MOST;
        for (int i = 0; i < 200; i++) {
            double left = low + (high - low) / 3;
            double right = high - (high - low) / 3;
            if (f.applyAsDouble(left) <= f.applyAsDouble(right)) {
                high = right;
            } else {
                low = left;
            }
        }
        return (low + high) / 2;
    }
}
