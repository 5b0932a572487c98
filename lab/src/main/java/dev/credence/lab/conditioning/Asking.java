package dev.credence.lab.conditioning;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.data.rewards.EvidenceSpace;
import dev.credence.data.rewards.NamedReward;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.posteriors.PosteriorQuestion;
import org.jspecify.annotations.Nullable;

/**
 * What a model is conditioned on, in the user's words.
 *
 * @param reward of the texts; null where the evidence speaks of none
 * @param evidence one copy of it, about the reward or about what texts show; null for the reward itself
 * @param beta the KL coefficient, ≥ 0: 1/β copies are asked for
 * @param rewardType what the reward is
 */
public record Asking(@Nullable String reward, @Nullable String evidence, double beta, RewardType rewardType) {
    /**
     * Checks the coefficient.
     *
     * @param reward of the texts, or null
     * @param evidence about them, or null
     * @param beta the KL coefficient, ≥ 0
     * @param rewardType what the reward is
     * @throws InputException if β is negative, infinite or NaN
     */
    public Asking {
        ConditioningPlan.requireCoefficient(beta);
    }

    /** The same at another KL coefficient. */
    Asking atKl(double other) {
        return new Asking(reward, evidence, other, rewardType);
    }

    /** Evidence and reward as they are parsed. */
    PosteriorQuestion question() {
        EvidenceExpression once = evidence == null ? EvidenceExpression.ofReward() : EvidenceExpression.parse(evidence);
        return new PosteriorQuestion(once, reward);
    }

    /** Whether a reward alone is asked about, rather than what follows from one. */
    boolean isOfReward() {
        return evidence == null;
    }

    /** How the question is called: the reward's name, or the evidence as it was typed. */
    String name() {
        if (evidence != null) {
            return evidence;
        }
        return RewardName.of(typed()).name();
    }

    private String typed() {
        if (reward == null) {
            throw InputException.ofSetting("reward", "missing", "name a reward of the text, such as contains:TEXT");
        }
        return reward;
    }

    /**
     * Checks what can be checked before a model is loaded.
     *
     * @throws InputException if a reward is missing, or is none of texts that are scored many at a time
     */
    public void check() {
        if (evidence == null) {
            question().checkOfTextsTogether();
        } else {
            question().checkOfModel();
        }
    }

    /**
     * What is asked of each text by itself, seen as a reward; a program's or a server's too, best asked of many at a time.
     *
     * @return the reward, or the log-likelihood of the evidence
     * @throws InputException if it depends on the rewards of all texts, or breaks a rule
     */
    RewardExpression ofEachText() {
        if (evidence == null) {
            return RewardExpression.parseTogether(RewardName.of(typed()).text());
        }
        Evidence asked = evidenceOfEachText();
        return RewardExpression.of(
                evidence, text -> asked.logLikelihood(text.prompt(), text.completion(), text.tokens()));
    }

    /** What is asked of each text by itself, once; followed token by token where it can be. */
    Evidence evidenceOfEachText() {
        if (evidence == null) {
            return Evidence.reward(RewardExpression.parse(RewardName.of(typed()).text()), rewardType)
                    .times(1);
        }
        return asked().ofEachText();
    }

    private AskedEvidence asked() {
        return question().evidence().in(new Texts());
    }

    /** All copies of it, in words, where it is no reward. */
    @Nullable
    String words() {
        return evidence == null
                ? null
                : question().evidence().atKl(beta).in(new Texts()).words();
    }

    /** Whether texts are excluded for certain, so that no training on finite rewards can be asked for it. */
    boolean isEventInPart() {
        return evidence != null && question().evidence().isEventInPart();
    }

    /** A model's texts, of which there is no list. */
    private final class Texts implements EvidenceSpace {
        @Override
        public NamedReward reward(@Nullable String named) {
            RewardName known = RewardName.of(named == null ? typed() : named);
            return new NamedReward(known.name(), RewardExpression.parse(known.text()));
        }

        @Override
        public boolean isRewardChosen() {
            return reward != null;
        }

        @Override
        public String whyNotAllTexts() {
            return "it depends on the rewards of all texts, which only a table of them knows: choose a shorter horizon and a"
                    + " method that needs no training";
        }
    }

    /** Evidence that excludes every text drawn, or is about another kind of reward, is bad input. */
    static RuntimeException refusal(String method, RuntimeException cause) {
        return cause instanceof InputException || cause instanceof NoPosteriorException
                ? cause
                : InputException.ofSetting("method", method, String.valueOf(cause.getMessage()));
    }
}
