package dev.credence.app.options;

import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How texts are drawn. */
public final class SamplingOptions {
    @Option(
            names = "--max-new-tokens",
            paramLabel = "T",
            defaultValue = "64",
            description = "Tokens after which a text is cut (default 64).")
    private int maxNewTokens = 64;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "1",
            description = "Logits are divided by it (default 1).")
    private double temperature = 1;

    @Option(names = "--top-k", paramLabel = "K", description = "Only the K likeliest tokens.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Only the fewest likeliest tokens of mass P (default 1).")
    private double topP = 1;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description = "Only tokens at least P times as likely as the likeliest (default 0).")
    private double minP;

    /** For the parser, which fills the fields. */
    public SamplingOptions() {}

    /** {@return how texts are drawn} */
    public Sampling sampling() {
        require(maxNewTokens >= 1, "max-new-tokens", maxNewTokens, "it must be 1 or more");
        require(
                temperature > 0 && temperature < Double.POSITIVE_INFINITY,
                "temperature",
                temperature,
                "it must be finite and above 0");
        require(topK == null || topK >= 1, "top-k", String.valueOf(topK), "it must be 1 or more");
        require(topP > 0 && topP <= 1, "top-p", topP, "it must be above 0 and at most 1");
        require(minP >= 0 && minP <= 1, "min-p", minP, "it must be between 0 and 1");
        return new Sampling(maxNewTokens, temperature, topK == null ? Integer.MAX_VALUE : topK, topP, minP);
    }

    /**
     * What the provenance says of it.
     *
     * @param how texts were drawn
     * @param settings of the provenance, added to
     */
    public void describe(Sampling how, Map<String, String> settings) {
        settings.put("max-new-tokens", Integer.toString(how.maxNewTokens()));
        settings.put("temperature", Double.toString(how.temperature()));
        settings.put("top-k", topK == null ? "all" : Integer.toString(how.topK()));
        settings.put("top-p", Double.toString(how.topP()));
        settings.put("min-p", Double.toString(how.minP()));
    }

    private static void require(boolean good, String option, Object value, String rule) {
        if (!good) {
            throw InputException.ofSetting(option, String.valueOf(value), rule);
        }
    }
}
