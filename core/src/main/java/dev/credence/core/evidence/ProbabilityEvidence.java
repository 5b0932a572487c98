package dev.credence.core.evidence;

/** One observation with a probability given each text. */
record ProbabilityEvidence(RewardFunction probability) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        double p = probability.reward(prompt, completion);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("probability of the observation given completion '" + completion
                    + "' is " + p + "; it must be in [0, 1]");
        }
        return Math.log(p);
    }

    @Override
    public String describe() {
        return "one observation, of the probability that each text gives it";
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        return LogBounds.PROBABILITY;
    }
}
