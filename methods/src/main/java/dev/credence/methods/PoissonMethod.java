package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** Poisson approval: K ~ Poisson(1/β) yes/no judgements, accepted when all say yes. Needs no probability, only a judge. */
public final class PoissonMethod extends TableConditioner {
    /** Without state. */
    public PoissonMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "poisson",
                "draw until all of Poisson(1/beta) independent raters approve; the reward is the probability that one does",
                "docs/theory.md#reading-b",
                new MethodOption("beta", "1", "KL coefficient; the mean number of raters is 1/beta"));
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.poissonRaters(raters(options)), Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double raters = raters(options);
        double[] policy = new double[completions.size()];
        for (int i = 0; i < policy.length; i++) {
            policy[i] = completions.prior(i) * allApprove(raters, approval(completions, i));
        }
        return policy;
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        double accepted = 0;
        for (double joint : policy(completions, options)) {
            accepted += joint;
        }
        return OptionalDouble.of(1 / accepted);
    }

    /** Σ_k Poisson(k; λ) p^k, summed term by term: Poisson(k; λp)·e^{λ(p−1)} would be the claim that is to be tested. */
    private static double allApprove(double raters, double p) {
        double sum = 0;
        double logTerm = -raters;
        int most = (int) Math.ceil(raters + 40 * Math.sqrt(raters) + 40);
        for (int k = 0; k <= most; k++) {
            sum += Math.exp(logTerm);
            logTerm += Math.log(raters * p) - Math.log(k + 1.0);
        }
        return sum;
    }

    private static double approval(Completions completions, int i) {
        double p = completions.reward(i);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("reward of '" + completions.text(i) + "' is " + p
                    + "; Poisson raters need an approval probability in [0, 1]");
        }
        return p;
    }

    private static double raters(MethodOptions options) {
        double raters = options.copies(Options.BETA);
        if (!(raters <= 1e6)) {
            throw options.refuse(Options.BETA, "it must be at least 1e-6: a text would need " + raters + " raters");
        }
        return raters;
    }
}
