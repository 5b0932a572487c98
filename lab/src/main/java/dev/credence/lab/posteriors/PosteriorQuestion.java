package dev.credence.lab.posteriors;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.data.rewards.NamedReward;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.inputs.RewardName;
import org.jspecify.annotations.Nullable;

/**
 * What was observed.
 *
 * @param evidence the evidence, as often as it was seen
 * @param reward the reward that it is about, as a user names it; null for a world's only one, or where none is needed
 */
public record PosteriorQuestion(
        EvidenceExpression evidence, @Nullable String reward) {
    /**
     * A reward under a KL coefficient: what KL-penalised RL conditions on.
     *
     * @param reward as a user names it: one of a world's, or an expression
     * @param beta the coefficient, 0 (the best texts alone) or larger
     * @return 1/β copies of the reward
     * @throws InputException unless beta is finite and not negative
     */
    public static PosteriorQuestion of(String reward, double beta) {
        if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
        return new PosteriorQuestion(EvidenceExpression.ofReward().times(1 / beta), reward);
    }

    /**
     * Any evidence that Java code has made.
     *
     * @param evidence on texts
     * @return the evidence, once
     */
    public static PosteriorQuestion of(Evidence evidence) {
        return new PosteriorQuestion(EvidenceExpression.of(evidence), null);
    }

    /**
     * Checks what can be checked before a model is loaded.
     *
     * @throws InputException if a reward is missing, or is none of texts
     */
    public void checkOfModel() {
        if (reward != null || evidence.asksTheReward()) {
            ofModel(null);
        }
        checkRewardsOfEvidence();
    }

    /**
     * The same where texts are drawn and scored many at a time, by a program or a server too.
     *
     * @throws InputException if a reward is missing, or is none of texts
     */
    public void checkOfTextsTogether() {
        if (reward != null || evidence.asksTheReward()) {
            RewardExpression.parseTogether(RewardName.of(named(null)).text());
        }
        checkRewardsOfEvidence();
    }

    private void checkRewardsOfEvidence() {
        evidence.rewards().forEach(this::ofModel);
    }

    /** A reward of a model's texts: an expression. */
    NamedReward ofModel(@Nullable String typed) {
        RewardName named = RewardName.of(named(typed));
        return new NamedReward(named.name(), RewardExpression.parse(named.text()));
    }

    private String named(@Nullable String typed) {
        String text = typed == null ? reward : typed;
        if (text == null) {
            throw InputException.ofSetting("reward", "missing", "name a reward of the text, such as contains:TEXT");
        }
        return text;
    }
}
