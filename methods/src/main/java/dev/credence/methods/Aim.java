package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
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
 */
public record Aim(
        String evidence,
        String divergence,
        @Nullable RewardLikelihood ofReward,
        @Nullable Evidence ofText,
        @Nullable String noPosterior) {
    static final String EXACT = "none: its draws are exact";
    static final String FORWARD = "KL(posterior‖policy): imitation of accepted draws";
    static final String REVERSE = "KL(policy‖posterior): the optimum of E r - beta KL(policy‖prior)";

    static Aim at(RewardLikelihood likelihood, String divergence) {
        return new Aim(likelihood.describe(), divergence, likelihood, null, null);
    }

    static Aim at(Evidence evidence, String divergence) {
        return new Aim(evidence.describe(), divergence, null, evidence, null);
    }

    static Aim atNoPosterior(String evidence, String divergence, String why) {
        return new Aim(evidence, divergence, null, null, why);
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
