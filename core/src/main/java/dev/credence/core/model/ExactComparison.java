package dev.credence.core.model;

import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.posterior.ColumnPosterior;
import dev.credence.core.probability.Divergences;
import java.util.List;

/**
 * A policy against its prior and the prior's exact posterior, by sums over all completions of one prompt. All in nats.
 *
 * @param logPartition log Z of the evidence under the prior
 * @param policyFromPrior KL(policy ‖ prior)
 * @param priorFromPolicy KL(prior ‖ policy)
 * @param posteriorFromPrior KL(posterior ‖ prior)
 * @param policyFromPosterior KL(policy ‖ posterior); ∞ where the policy gives mass to what the evidence excludes
 * @param posteriorFromPolicy KL(posterior ‖ policy)
 */
public record ExactComparison(
        double logPartition,
        double policyFromPrior,
        double priorFromPolicy,
        double posteriorFromPrior,
        double policyFromPosterior,
        double posteriorFromPolicy) {
    /**
     * Compares the second model of the columns, the policy, with the first, the prior.
     *
     * @param all every completion
     * @return the divergences
     * @throws IllegalArgumentException unless there are two models, and the evidence allows a text
     */
    public static ExactComparison of(CompletionColumns all) {
        if (all.logProbs().length != 2) {
            throw new IllegalArgumentException(
                    "models are " + all.logProbs().length + "; a comparison needs two: prior, policy");
        }
        double[] prior = all.logProbs()[0];
        double[] policy = all.logProbs()[1];
        ColumnPosterior found = ColumnPosterior.of(prior, all.logLikelihood());
        double[] posterior = found.logProbs();
        return new ExactComparison(
                found.logPartition(),
                Divergences.kl(policy, prior),
                Divergences.kl(prior, policy),
                Divergences.kl(posterior, prior),
                Divergences.kl(policy, posterior),
                Divergences.kl(posterior, policy));
    }

    /**
     * Compares any two models, by asking both for every prefix of a text up to the horizon.
     *
     * @param prior the prior
     * @param policy the policy: a tuned model, another's posterior, whatever gives probabilities
     * @param evidence on their tokens
     * @param extent prompt and horizon
     * @return the divergences
     * @throws IllegalArgumentException if their vocabularies differ
     */
    public static ExactComparison of(
            PredictiveModel prior, PredictiveModel policy, TokenEvidence evidence, SoftValues.Extent extent) {
        CompletionColumns.Collector all = CompletionColumns.collector(evidence, 2);
        new NaiveTrie(List.of(prior, policy)).walk(extent.prompt(), extent.horizon(), all);
        return of(CompletionColumns.of(List.of(all)));
    }
}
