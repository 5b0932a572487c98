package dev.credence.core.audit;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the report draws beside its figures.
 *
 * @param points a sample of records (at most 2,000), log-ratio shifted by its prompt's log Z at the fitted λ, so that an
 *     exact conditional lies on the line λ·r
 * @param fittedSlope λ of the fitted line, copies (NaN when withdrawn)
 * @param askedSlope 1/β of the line that was asked, or null without β
 * @param bins reward histograms of prior, posterior (fitted λ) and policy: a bar a reward where they are few, else equal ranges
 */
public record Plots(
        List<Point> points, double fittedSlope, @Nullable Double askedSlope, List<Bin> bins) {
    /**
     * One record.
     *
     * @param reward its reward
     * @param logRatio ln π/π0 + log Z_c(λ), nats
     * @param source {@code prior}, {@code policy} or another source's name
     * @serial exclude
     */
    public record Point(double reward, double logRatio, String source) implements Serializable {}

    /**
     * One bar of the reward densities.
     *
     * @param low lower edge, included
     * @param high upper edge, excluded but in the last bin; the lower one where the bar is of a single reward
     * @param prior mass under the prior
     * @param posterior mass under the fitted posterior π*_λ
     * @param policy mass under the policy
     */
    public record Bin(double low, double high, double prior, double posterior, double policy) {}
}
