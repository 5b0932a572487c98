package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import org.hipparchus.special.Erf;

/**
 * How typical texts are of a prior: their mean surprise −log π0 against the prior's entropy, in standard errors of n draws of
 * the prior (docs/theory.md#typical-texts). It sees nothing of a change that leaves the mean surprise where it was.
 *
 * @param entropy H(π0), the prior's mean surprise, nats
 * @param deviation standard deviation of one draw's surprise under the prior, nats; 0 where all texts are equally likely
 */
public record Typicality(double entropy, double deviation) {
    /**
     * Of a distribution.
     *
     * @param prior its texts
     * @return entropy and deviation
     */
    public static Typicality of(Distribution prior) {
        return of(TableModel.of(prior));
    }

    /**
     * Of texts behind prompts: surprise is that of a text given its prompt, and each prompt has an entropy of its own.
     *
     * @param prior its texts, prompt by prompt
     * @return the means over prompts of entropy and of the surprise's variance, the latter's root
     */
    public static Typicality of(TableModel prior) {
        double entropy = 0;
        double variance = 0;
        for (String prompt : prior.prompts()) {
            Distribution texts = prior.given(prompt);
            double own = texts.entropy();
            double square = 0;
            for (int i = 0; i < texts.size(); i++) {
                if (texts.probability(i) > 0) {
                    double gap = -texts.logProbability(i) - own;
                    square += texts.probability(i) * gap * gap;
                }
            }
            entropy += prior.weight(prompt) * own;
            variance += prior.weight(prompt) * square;
        }
        return new Typicality(entropy, Math.sqrt(variance));
    }

    /**
     * The statistic.
     *
     * @param meanSurprise mean of −log π0 over the texts, nats
     * @param n texts
     * @return (mean − H)·√n/sd; about normal where the texts are the prior's
     */
    public double z(double meanSurprise, double n) {
        return (meanSurprise - entropy) * Math.sqrt(n) / deviation;
    }

    /**
     * How often a normal number is as far from 0 to either side.
     *
     * @param z any number, perhaps infinite
     * @return in [0, 1]
     */
    public static double pValue(double z) {
        return Math.abs(z) == Double.POSITIVE_INFINITY ? 0 : Erf.erfc(Math.abs(z) / Math.sqrt(2));
    }
}
