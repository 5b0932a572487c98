package dev.credence.lab.posteriors;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NextTokenPosterior;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a search for one prompt's posterior came to.
 *
 * @param findings its figures
 * @param certificate what was looked at, and what was left
 * @param stopped whether time was up before the interval was as narrow as asked
 * @param draws exact ones, where they were asked for
 * @param next the next token, where it was asked for
 */
public record PromptSearch(
        Map<String, Finding> findings,
        CertifiedSum certificate,
        boolean stopped,
        List<Draw> draws,
        @Nullable Next next) {
    private static final double ROUNDING = 1e-9; // nats

    /**
     * What was done for log Z.
     *
     * @param logPartition log Z, and what was seen and left
     * @param completions how many there are up to the horizon
     */
    public record CertifiedSum(LogPartition logPartition, double completions) {}

    /**
     * An exact draw.
     *
     * @param text its text
     * @param ids its tokens, the end among them
     * @param finished whether it ended
     * @param logPrior under the prior, nats
     * @param logPosterior under the posterior, nats: an interval where log Z is one
     * @param reward the reward that the question is about; NaN where it is about none
     */
    public record Draw(
            String text, int[] ids, boolean finished, double logPrior, LogBounds logPosterior, double reward) {}

    /** {@return why draws have no one log-probability under the posterior; null where they have} */
    public @Nullable String whyNoLogPosterior() {
        return draws.stream().allMatch(draw -> isOneNumber(draw.logPosterior))
                ? null
                : "log Z is only known within " + FigureFormat.inWords(certificate.logPartition.width())
                        + " nats, and with it the draws' log-probabilities under the posterior; the draws are exact";
    }

    /**
     * Whether an interval is the rounding of one number: models' log-probabilities have fewer digits.
     *
     * @param bounds nats
     * @return whether it is that narrow
     */
    public static boolean isOneNumber(LogBounds bounds) {
        return bounds.upper() - bounds.lower() <= ROUNDING;
    }

    /**
     * The next token.
     *
     * @param behind what stands between the prompt and it
     * @param tokens its distributions
     * @param texts of each token; "end" for one that ends
     */
    public record Next(String behind, NextTokenPosterior tokens, List<String> texts) {}
}
