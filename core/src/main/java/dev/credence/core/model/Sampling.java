package dev.credence.core.model;

/**
 * How completions are drawn. Temperature comes first, then top-k, top-p and min-p on the tempered distribution, each
 * renormalised before the next.
 *
 * @param maxNewTokens horizon: a completion of so many tokens without an end is cut there
 * @param temperature τ &gt; 0: the logits are divided by it
 * @param topK only the k likeliest tokens; the vocabulary's size or more keeps all
 * @param topP the fewest likeliest tokens whose mass reaches p, in (0, 1]; 1 keeps all
 * @param minP only tokens with at least this share of the likeliest one's probability, in [0, 1]; 0 keeps all
 */
public record Sampling(int maxNewTokens, double temperature, int topK, double topP, double minP) {
    /**
     * Checks the settings.
     *
     * @param maxNewTokens as above
     * @param temperature as above
     * @param topK as above
     * @param topP as above
     * @param minP as above
     * @throws IllegalArgumentException naming the setting, its value and the rule
     */
    public Sampling {
        require(maxNewTokens > 0, "maxNewTokens", maxNewTokens, "at least 1");
        require(
                temperature > 0 && temperature < Double.POSITIVE_INFINITY,
                "temperature",
                temperature,
                "finite and > 0");
        require(topK > 0, "topK", topK, "at least 1");
        require(topP > 0 && topP <= 1, "topP", topP, "in (0, 1]");
        require(minP >= 0 && minP <= 1, "minP", minP, "in [0, 1]");
    }

    /**
     * Plain draws from the model.
     *
     * @param maxNewTokens the horizon
     * @return temperature 1, nothing truncated
     */
    public static Sampling upTo(int maxNewTokens) {
        return new Sampling(maxNewTokens, 1, Integer.MAX_VALUE, 1, 0);
    }

    /**
     * The same at another temperature.
     *
     * @param temperature τ
     * @return the changed settings
     */
    public Sampling withTemperature(double temperature) {
        return new Sampling(maxNewTokens, temperature, topK, topP, minP);
    }

    /**
     * The same among the k likeliest tokens.
     *
     * @param topK k
     * @return the changed settings
     */
    public Sampling withTopK(int topK) {
        return new Sampling(maxNewTokens, temperature, topK, topP, minP);
    }

    /**
     * The same within the nucleus of mass p.
     *
     * @param topP p
     * @return the changed settings
     */
    public Sampling withTopP(double topP) {
        return new Sampling(maxNewTokens, temperature, topK, topP, minP);
    }

    /**
     * The same without tokens far below the likeliest.
     *
     * @param minP the least share
     * @return the changed settings
     */
    public Sampling withMinP(double minP) {
        return new Sampling(maxNewTokens, temperature, topK, topP, minP);
    }

    /** {@return whether the draws are from the model's own distribution} */
    public boolean isPlain() {
        return temperature == 1 && !isTruncated();
    }

    /** {@return whether some tokens may be left out} */
    public boolean isTruncated() {
        return topK < Integer.MAX_VALUE || topP < 1 || minP > 0;
    }

    /**
     * Checks how many samples are asked for.
     *
     * @param n how many
     * @throws IllegalArgumentException if n is negative
     */
    public static void requireCount(int n) {
        if (!(n >= 0)) {
            throw new IllegalArgumentException("n is " + n + "; the number of samples must not be negative");
        }
    }

    private static void require(boolean good, String name, Object value, String rule) {
        if (!good) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
        }
    }
}
