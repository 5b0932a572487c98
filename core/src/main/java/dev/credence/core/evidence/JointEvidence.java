package dev.credence.core.evidence;

import java.util.List;
import java.util.stream.Stream;

/** Two independent pieces of evidence. */
record JointEvidence(Evidence first, Evidence second) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        return sum(first.logLikelihood(prompt, completion), second.logLikelihood(prompt, completion));
    }

    @Override
    public double logLikelihood(String prompt, String completion, int tokens) {
        return sum(first.logLikelihood(prompt, completion, tokens), second.logLikelihood(prompt, completion, tokens));
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

    @Override
    public TokenEvidence on(TextTokens tokens, String prompt) {
        return new OnTokens(first.on(tokens, prompt), second.on(tokens, prompt));
    }

    /** What one excludes no other brings back, not even a negative copy of what excludes it too. */
    private static double sum(double a, double b) {
        boolean excluded = (a == Double.NEGATIVE_INFINITY && b == Double.POSITIVE_INFINITY)
                || (a == Double.POSITIVE_INFINITY && b == Double.NEGATIVE_INFINITY);
        return excluded ? Double.NEGATIVE_INFINITY : a + b;
    }

    /** The same on tokens. */
    private record OnTokens(TokenEvidence first, TokenEvidence second) implements TokenEvidence {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return sum(first.logLikelihood(tokens, length, finished), second.logLikelihood(tokens, length, finished));
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            return first.bounds(tokens, length).plus(second.bounds(tokens, length));
        }

        @Override
        public List<String> unfollowed() {
            return Stream.concat(first.unfollowed().stream(), second.unfollowed().stream())
                    .distinct()
                    .toList();
        }
    }
}
