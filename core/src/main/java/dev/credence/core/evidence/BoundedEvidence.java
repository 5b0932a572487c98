package dev.credence.core.evidence;

import java.util.List;

/** Evidence with a promise on its log-likelihood. */
record BoundedEvidence(Evidence evidence, LogBounds promise) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        return kept(completion, evidence.logLikelihood(prompt, completion));
    }

    @Override
    public double logLikelihood(String prompt, String completion, int tokens) {
        return kept(completion, evidence.logLikelihood(prompt, completion, tokens));
    }

    private double kept(String completion, double logLikelihood) {
        if (!promise.contains(logLikelihood)) {
            throw broken(completion, logLikelihood);
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
        return within(evidence.bounds(prompt, prefix));
    }

    @Override
    public TokenEvidence on(TextTokens tokens, String prompt) {
        return new OnTokens(this, evidence.on(tokens, prompt), tokens);
    }

    private LogBounds within(LogBounds own) {
        if (own.upper() < promise.lower() || promise.upper() < own.lower()) {
            return own; // excluded already, or the promise is broken, which the complete text will show
        }
        return new LogBounds(Math.max(own.lower(), promise.lower()), Math.min(own.upper(), promise.upper()));
    }

    private IllegalStateException broken(String completion, double logLikelihood) {
        return new IllegalStateException("log-likelihood of completion '" + completion + "' is " + logLikelihood
                + "; it was promised to be in [" + promise.lower() + ", " + promise.upper() + "]");
    }

    /** The same on tokens. */
    private record OnTokens(BoundedEvidence promised, TokenEvidence evidence, TextTokens texts)
            implements TokenEvidence {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            double logLikelihood = evidence.logLikelihood(tokens, length, finished);
            if (!promised.promise.contains(logLikelihood)) {
                throw promised.broken(texts.decode(tokens, length), logLikelihood);
            }
            return logLikelihood;
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            return promised.within(evidence.bounds(tokens, length));
        }

        @Override
        public List<String> unfollowed() {
            return evidence.unfollowed();
        }
    }
}
