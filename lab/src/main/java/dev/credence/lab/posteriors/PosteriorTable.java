package dev.credence.lab.posteriors;

import dev.credence.core.audit.Finding;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.rewards.AskedEvidence;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The exact posterior of a table of outcomes.
 *
 * @param prior of all outcomes
 * @param asked the evidence
 * @param posterior given it
 * @param findings figures by id: means over the prompts, by weight
 * @param byPrompt the figures of each prompt
 */
public record PosteriorTable(
        TableModel prior,
        AskedEvidence asked,
        TablePosterior posterior,
        Map<String, Finding> findings,
        Map<String, Map<String, Finding>> byPrompt) {
    static PosteriorTable of(TableModel prior, AskedEvidence asked) {
        TablePosterior posterior = asked.posterior(prior);
        Map<String, Map<String, Finding>> byPrompt = PosteriorFindings.byPrompt(prior, asked, posterior);
        return new PosteriorTable(prior, asked, posterior, PosteriorFindings.overall(prior, byPrompt), byPrompt);
    }

    /**
     * The outcomes of a prompt with their posterior probabilities, in the prior's order.
     *
     * @param prompt one of the prior's
     * @return the posterior
     */
    public Distribution outcomes(String prompt) {
        return posterior.model().given(prompt);
    }

    /**
     * Draws an outcome, exactly.
     *
     * @param prompt one of the prior's
     * @param random source of randomness
     * @return an outcome
     */
    public String draw(String prompt, RandomGenerator random) {
        return posterior.sample(prompt, random);
    }
}
