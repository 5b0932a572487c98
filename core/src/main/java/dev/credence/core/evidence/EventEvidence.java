package dev.credence.core.evidence;

import java.util.function.BiPredicate;

/** An event that a complete text fulfils or does not. */
record EventEvidence(String name, BiPredicate<String, String> event) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        return event.test(prompt, completion) ? 0 : Double.NEGATIVE_INFINITY;
    }

    @Override
    public String describe() {
        return name;
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        return LogBounds.PROBABILITY;
    }

    @Override
    public TokenEvidence on(TextTokens tokens, String prompt) {
        return TextOnTokens.unfollowed(this, tokens, prompt);
    }
}
