package dev.credence.core.evidence;

/** Evidence with a promise on its log-likelihood. */
record BoundedEvidence(Evidence evidence, LogBounds promise) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        double logLikelihood = evidence.logLikelihood(prompt, completion);
        if (!promise.contains(logLikelihood)) {
            throw new IllegalStateException("log-likelihood of completion '" + completion + "' is " + logLikelihood
                    + "; it was promised to be in [" + promise.lower() + ", " + promise.upper() + "]");
        }
        return logLikelihood;
    }

    @Override
    public RewardType rewardType() {
        return evidence.rewardType();
    }

    @Override
    public String describe() {
        return evidence.describe();
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        LogBounds own = evidence.bounds(prompt, prefix);
        if (own.upper() < promise.lower()) {
            return own; // excluded already, or the promise is broken, which the complete text will show
        }
        return new LogBounds(Math.max(own.lower(), promise.lower()), Math.min(own.upper(), promise.upper()));
    }
}
