package dev.credence.core.evidence;

/** The completion begins with a given text. */
record PromptEvidence(String beginning) implements Evidence {
    @Override
    public double logLikelihood(String prompt, String completion) {
        return completion.startsWith(beginning) ? 0 : Double.NEGATIVE_INFINITY;
    }

    @Override
    public String describe() {
        return "the text begins with '" + beginning + "'";
    }

    @Override
    public LogBounds bounds(String prompt, String prefix) {
        if (prefix.startsWith(beginning)) {
            return new LogBounds(0, 0);
        }
        return beginning.startsWith(prefix) ? LogBounds.PROBABILITY : LogBounds.EXCLUDED;
    }
}
