package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.probability.LogSum;
import java.util.Arrays;
import java.util.List;

/**
 * The next token of the posterior behind one prefix, beside the prior's: intervals where soft values are.
 *
 * @param logPrior (V) log-probability under the prior, nats
 * @param logSoftValues (V) log ψ behind each token, nats
 * @param lower (V) posterior probability at least
 * @param upper (V) posterior probability at most
 */
public record NextTokenPosterior(double[] logPrior, LogBounds[] logSoftValues, double[] lower, double[] upper) {
    /**
     * Behind a prefix.
     *
     * @param prior the model
     * @param evidence on its tokens
     * @param extent prompt and horizon
     * @param values soft values of these
     * @param tokens what follows the prompt, shorter than the horizon and without an end
     * @return the next token
     * @throws IllegalArgumentException if there is no next token, or the evidence has no bound behind one
     */
    public static NextTokenPosterior of(
            PredictiveModel prior, TokenEvidence evidence, SoftValues.Extent extent, SoftValues values, int... tokens) {
        if (!(tokens.length < extent.horizon())) {
            throw new IllegalArgumentException(
                    "prefix has " + tokens.length + " tokens; texts are cut at " + extent.horizon());
        }
        for (int i = 0; i < tokens.length; i++) {
            if (prior.vocabulary().isEnd(tokens[i])) {
                throw new IllegalArgumentException(
                        "token " + i + " behind the prompt is the end " + tokens[i] + "; nothing comes behind an end");
            }
        }
        Foresight foresight = new Foresight(prior.vocabulary(), evidence, extent.horizon(), values);
        double[] next = prior.nextLogProbs(List.of(new Continuation(extent.prompt(), tokens).whole()))[0];
        int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
        LogBounds[] soft = new LogBounds[next.length];
        LogSum least = new LogSum();
        LogSum most = new LogSum();
        for (int v = 0; v < next.length; v++) {
            soft[v] = foresight.after(longer, tokens.length, v);
            least.add(next[v] + soft[v].lower());
            most.add(next[v] + soft[v].upper());
        }
        double[] lower = new double[next.length];
        double[] upper = new double[next.length];
        double scale = most.value();
        if (!(scale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a soft value is unbounded; the next token needs bounds on all of them");
        }
        double allMost = 1;
        double allLeast = Math.exp(least.value() - scale);
        for (int v = 0; v < next.length; v++) {
            double low = Math.exp(next[v] + soft[v].lower() - scale);
            double high = Math.exp(next[v] + soft[v].upper() - scale);
            lower[v] = low > 0 ? low / (low + Math.max(0, allMost - high)) : 0;
            upper[v] = high > 0 ? high / (high + Math.max(0, allLeast - low)) : 0;
        }
        return new NextTokenPosterior(next, soft, lower, upper);
    }
}
