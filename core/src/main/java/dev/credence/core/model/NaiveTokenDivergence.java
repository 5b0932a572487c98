package dev.credence.core.model;

import dev.credence.core.diagnostics.RaoBlackwellKl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The oracle: asks both models anew for every prefix. Obviously right and slow; the fast one is tested against it. */
public final class NaiveTokenDivergence implements TokenDivergence {
    private final PredictiveModel prior;
    private final PredictiveModel policy;

    /**
     * A comparison of two models.
     *
     * @param prior π0
     * @param policy π
     * @throws IllegalArgumentException if their vocabularies differ
     */
    public NaiveTokenDivergence(PredictiveModel prior, PredictiveModel policy) {
        NaiveTrie.common(List.of(prior, policy));
        this.prior = prior;
        this.policy = policy;
    }

    @Override
    public List<Of> of(List<Continuation> texts) {
        return texts.stream().map(this::of).toList();
    }

    private Of of(Continuation text) {
        int[] whole = text.whole();
        List<int[]> prefixes = new ArrayList<>();
        for (int t = 0; t < text.tokens().length; t++) {
            prefixes.add(Arrays.copyOf(whole, text.prompt().length + t));
        }
        double[][] underPrior = prior.nextLogProbs(prefixes);
        double[][] underPolicy = policy.nextLogProbs(prefixes);
        double logPrior = 0;
        double logPolicy = 0;
        double kl = 0;
        for (int t = 0; t < text.tokens().length; t++) {
            int token = text.tokens()[t];
            logPrior += underPrior[t][token];
            logPolicy += underPolicy[t][token];
            kl += RaoBlackwellKl.klOfStep(underPolicy[t], underPrior[t], 0, underPolicy[t].length);
        }
        return new Of(logPrior, logPolicy, kl);
    }
}
