package dev.credence.core.evidence;

/** λ copies of a reward, read as a log-likelihood. */
record TiltEvidence(RewardFunction reward, double lambda, RewardType type) implements Evidence {
    TiltEvidence {
        if (!(Math.abs(lambda) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lambda is " + lambda + "; copies must be a finite number");
        }
    }

    @Override
    public double logLikelihood(String prompt, String completion) {
        double r = reward.reward(prompt, completion);
        return r == Double.NEGATIVE_INFINITY ? r : lambda * r;
    }

    /** Several copies of a probability are none any more, nor of a logit. */
    @Override
    public RewardType rewardType() {
        boolean stays = lambda == 1 || (type == RewardType.LOG_PROBABILITY && lambda >= 0);
        return stays ? type : RewardType.SCORE;
    }

    @Override
    public String describe() {
        return RewardLikelihood.tilt(lambda).describe();
    }
}
