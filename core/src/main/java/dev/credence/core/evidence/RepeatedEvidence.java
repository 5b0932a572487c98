package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;
import java.util.List;

/** n copies of one piece of evidence. */
record RepeatedEvidence(Evidence one, double n) implements Evidence {
    RepeatedEvidence {
        if (!(Math.abs(n) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("n is " + n + "; copies must be a finite number");
        }
    }

    @Override
    public double logLikelihood(String prompt, String completion) {
        return n == 0 ? 0 : n * one.logLikelihood(prompt, completion); // 0 · −∞ would be NaN
    }

    @Override
    public double logLikelihood(String prompt, String completion, int tokens) {
        return n == 0 ? 0 : n * one.logLikelihood(prompt, completion, tokens);
    }

    @Override
    public RewardType rewardType() {
        boolean probability = one.rewardType() == RewardType.LOG_PROBABILITY && n >= 0;
        return n == 1 ? one.rewardType() : probability ? RewardType.LOG_PROBABILITY : RewardType.SCORE;
    }

    @Override
    public String describe() {
        return FigureFormat.inWords(n) + " independent copies of: " + one.describe();
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        return one.bounds(prompt, prefix).times(n);
    }

    @Override
    public TokenEvidence on(TextTokens tokens, String prompt) {
        return new OnTokens(one.on(tokens, prompt), n);
    }

    /** The same on tokens. */
    record OnTokens(TokenEvidence one, double n) implements TokenEvidence {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return n == 0 ? 0 : n * one.logLikelihood(tokens, length, finished);
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            return n == 0 ? LogBounds.NOTHING : one.bounds(tokens, length).times(n);
        }

        @Override
        public List<String> unfollowed() {
            return n == 0 ? List.of() : one.unfollowed();
        }
    }
}
