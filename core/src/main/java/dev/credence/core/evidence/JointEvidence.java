package dev.credence.core.evidence;

/** Two independent pieces of evidence. */
record JointEvidence(Evidence first, Evidence second) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        return first.logLikelihood(prompt, completion) + second.logLikelihood(prompt, completion);
    }

    @Override
    public RewardType rewardType() {
        boolean probabilities =
                first.rewardType() == RewardType.LOG_PROBABILITY && second.rewardType() == RewardType.LOG_PROBABILITY;
        return probabilities ? RewardType.LOG_PROBABILITY : RewardType.SCORE;
    }

    @Override
    public String describe() {
        return first.describe() + ", and " + second.describe();
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        return first.bounds(prompt, prefix).plus(second.bounds(prompt, prefix));
    }
}
