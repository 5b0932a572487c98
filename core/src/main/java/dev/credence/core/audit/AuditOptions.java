package dev.credence.core.audit;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of an audit.
 *
 * @param beta the KL coefficient of the run, ≥ 0 (0 asks for the argmax posterior), or null: asked figures are withdrawn
 * @param reward name of the reward that the policy was tuned for
 * @param rewardType what that reward is; decides words only
 * @param candidates names of the rewards to rank as rival conditionals, the audited one included
 * @param aim what the method that made the policy aims at, or null when no method is named; an aim that is no evidence about the
 *     reward gets no verdict
 * @param seed of the choice of plotted records
 * @param range within which the audited reward is known to lie, whatever the records show, or null: unbounded
 * @param dropThin whether prompts whose records are too thin are left out of the overall figures
 */
public record AuditOptions(
        @Nullable Double beta,
        String reward,
        RewardType rewardType,
        List<String> candidates,
        @Nullable Aim aim,
        long seed,
        @Nullable Range range,
        boolean dropThin) {
    /**
     * The limits of a bounded reward, both included.
     *
     * @param lowest the smallest reward that a text can have
     * @param highest the largest
     * @serial exclude
     */
    public record Range(double lowest, double highest) implements Serializable {
        /**
         * Checks the order.
         *
         * @param lowest the smallest reward
         * @param highest the largest
         * @throws IllegalArgumentException unless both are finite and lowest ≤ highest
         */
        public Range {
            if (!(lowest <= highest && lowest > Double.NEGATIVE_INFINITY && highest < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("range is " + lowest + ".." + highest
                        + "; both ends must be finite and the lowest reward not above the highest");
            }
        }
    }

    /**
     * Checks β and copies the list.
     *
     * @param beta the KL coefficient, or null
     * @param reward the audited reward's name
     * @param rewardType what it is
     * @param candidates names of rivals
     * @param aim the method's target, or null
     * @param seed of the plotted sample
     * @param range of the reward, or null
     * @param dropThin whether thin prompts are left out
     * @throws IllegalArgumentException if β is negative, infinite or NaN
     */
    public AuditOptions {
        if (beta != null && !(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("beta is " + beta + "; it must be a finite number, 0 or larger");
        }
        candidates = List.copyOf(candidates);
    }

    /**
     * Options for a reward of which no bounds are known, with every prompt audited.
     *
     * @param beta the KL coefficient, or null
     * @param reward the audited reward's name
     * @param rewardType what it is
     * @param candidates names of rivals
     * @param aim the method's target, or null
     * @param seed of the plotted sample
     * @throws IllegalArgumentException if β is negative, infinite or NaN
     */
    public AuditOptions(
            @Nullable Double beta,
            String reward,
            RewardType rewardType,
            List<String> candidates,
            @Nullable Aim aim,
            long seed) {
        this(beta, reward, rewardType, candidates, aim, seed, null, false);
    }

    /**
     * The same for a reward that is bounded.
     *
     * @param bounds its limits, or null for none
     * @return the options
     */
    public AuditOptions within(@Nullable Range bounds) {
        return new AuditOptions(beta, reward, rewardType, candidates, aim, seed, bounds, dropThin);
    }

    /**
     * The same with thin prompts left out of the overall figures, or not.
     *
     * @param drop whether they are
     * @return the options
     */
    public AuditOptions droppingThin(boolean drop) {
        return new AuditOptions(beta, reward, rewardType, candidates, aim, seed, range, drop);
    }

    /**
     * An audit of one reward at one KL coefficient, with nothing else asked.
     *
     * @param reward name of the reward
     * @param beta the KL coefficient of the run, ≥ 0
     * @return the options
     */
    public static AuditOptions atBeta(String reward, double beta) {
        return new AuditOptions(beta, reward, RewardType.SCORE, List.of(reward), null, 0);
    }

    /** {@return λ = 1/β: infinite at β = 0, NaN without β} */
    double askedCopies() {
        return beta == null ? Double.NaN : 1 / beta;
    }
}
