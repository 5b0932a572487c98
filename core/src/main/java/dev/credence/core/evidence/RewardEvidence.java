package dev.credence.core.evidence;

import java.util.List;

/** Evidence about the reward that each text's own reward decides; on tokens, as far as the reward is followed there. */
record RewardEvidence(PointwiseLikelihood likelihood, RewardFunction reward, String describe, RewardType rewardType)
        implements Evidence {
    RewardEvidence(PointwiseLikelihood likelihood, RewardFunction reward) {
        this(
                likelihood,
                reward,
                likelihood.describe(),
                likelihood.isProbability() ? RewardType.LOG_PROBABILITY : RewardType.SCORE);
    }

    @Override
    public double logLikelihood(String prompt, String completion) {
        return of(completion, reward.reward(prompt, completion));
    }

    @Override
    public double logLikelihood(String prompt, String completion, int tokens) {
        return of(completion, reward.reward(prompt, completion, tokens));
    }

    private double of(String completion, double r) {
        if (!likelihood.allows(r)) {
            throw refused(completion, r);
        }
        return likelihood.of(r);
    }

    private IllegalArgumentException refused(String completion, double r) {
        return new IllegalArgumentException(
                "reward of completion '" + completion + "' is " + r + "; " + likelihood.rule());
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        return likelihood.of(reward.range());
    }

    @Override
    public TokenEvidence on(TextTokens tokens, String prompt) {
        return new OnTokens(this, reward.on(tokens, prompt), tokens);
    }

    /** The same on tokens. */
    private record OnTokens(RewardEvidence of, TokenReward reward, TextTokens tokens) implements TokenEvidence {
        @Override
        public double logLikelihood(int[] ids, int length, boolean finished) {
            double r = reward.reward(ids, length, finished);
            if (!of.likelihood.allows(r)) {
                throw of.refused(tokens.decode(ids, length), r);
            }
            return of.likelihood.of(r);
        }

        @Override
        public LogBounds bounds(int[] ids, int length) {
            return of.likelihood.of(reward.bounds(ids, length));
        }

        @Override
        public List<String> unfollowed() {
            return reward.unfollowed();
        }
    }
}
