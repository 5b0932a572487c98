package dev.credence.core.posterior;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.TableModel;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a method converges to: the evidence its policy is conditioned on, in which divergence it gets there, or why it reaches
 * no posterior. Evidence about the reward alone comes as a {@link RewardLikelihood}, which tables and logs can both evaluate.
 *
 * @param evidence in words
 * @param divergence what is minimised on the way, in words
 * @param ofReward the evidence, where it is about the reward alone
 * @param ofText the evidence, where it is about the text
 * @param noPosterior why there is no posterior, else null
 * @param closedForm what is reached on a table instead, where it is known without running the method; else null
 * @serial exclude
 */
public record Aim(
        String evidence,
        String divergence,
        @Nullable RewardLikelihood ofReward,
        @Nullable Evidence ofText,
        @Nullable String noPosterior,
        @Nullable Limit closedForm)
        implements Serializable {
    /** What a method tends to on a table, computed without running it. */
    @FunctionalInterface
    public interface Limit {
        /**
         * The limit.
         *
         * @param prior the prior
         * @param reward the reward
         * @return the policy that is tended to
         */
        TableModel of(TableModel prior, RewardFunction reward);
    }

    /** Of methods whose draws are those of the posterior. */
    public static final String EXACT = "none: its draws are exact";
    /** Of methods that imitate draws of the posterior. */
    public static final String FORWARD = "KL(posterior‖policy): imitation of accepted draws";
    /** Of methods that ascend the KL-penalised reward. */
    public static final String REVERSE = "KL(policy‖posterior): the optimum of E r - beta KL(policy‖prior)";

    /**
     * An aim at a posterior given evidence about the reward.
     *
     * @param likelihood the evidence
     * @param divergence what is minimised on the way
     * @return the aim
     */
    public static Aim at(RewardLikelihood likelihood, String divergence) {
        return new Aim(likelihood.describe(), divergence, likelihood, null, null, null);
    }

    /**
     * An aim at a posterior given evidence about the text.
     *
     * @param evidence the evidence
     * @param divergence what is minimised on the way
     * @return the aim
     */
    public static Aim at(Evidence evidence, String divergence) {
        return new Aim(evidence.describe(), divergence, null, evidence, null, null);
    }

    /**
     * No posterior is aimed at.
     *
     * @param evidence what stands in its place, in words
     * @param divergence what is minimised on the way
     * @param why there is no posterior
     * @return the aim
     */
    public static Aim atNoPosterior(String evidence, String divergence, String why) {
        return new Aim(evidence, divergence, null, null, why, null);
    }

    /**
     * The same with the policy that is reached instead.
     *
     * @param limit in closed form
     * @return the aim
     */
    public Aim tendingTo(Limit limit) {
        return new Aim(evidence, divergence, ofReward, ofText, noPosterior, limit);
    }

    /** {@return whether the policy that is tended to is known on tables} */
    public boolean hasLimit() {
        return closedForm != null || noPosterior == null;
    }

    /**
     * The policy that is tended to, on a table: the posterior, or what is reached instead.
     *
     * @param prior the prior
     * @param reward the reward
     * @return the limit
     * @throws NoPosteriorException if none is known
     */
    public TableModel limit(TableModel prior, RewardFunction reward) {
        return closedForm != null
                ? closedForm.of(prior, reward)
                : posterior(prior, reward).model();
    }

    /**
     * The policy that is tended to, on a table, where evidence was asked.
     *
     * @param prior the prior
     * @param asked the evidence; its log-likelihood is the reward
     * @return the limit
     * @throws NoPosteriorException if none is known
     */
    public TableModel limit(TableModel prior, Evidence asked) {
        return limit(prior, (RewardFunction) asked::logLikelihood);
    }

    /**
     * The posterior aimed at, on a table.
     *
     * @param prior the prior
     * @param reward the reward
     * @return the exact posterior
     * @throws NoPosteriorException if the method aims at none, or the prior excludes the evidence
     */
    public TablePosterior posterior(TableModel prior, RewardFunction reward) {
        if (ofReward != null) {
            return TablePosterior.of(prior, reward, ofReward);
        }
        if (ofText != null) {
            return TablePosterior.of(prior, ofText);
        }
        throw new NoPosteriorException("the method aims at no posterior: " + noPosterior);
    }
}
