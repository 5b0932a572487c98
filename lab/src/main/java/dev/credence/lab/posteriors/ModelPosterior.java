package dev.credence.lab.posteriors;

import dev.credence.core.audit.Finding;
import dev.credence.data.rewards.AskedEvidence;
import java.util.Map;
import java.util.Optional;

/**
 * The posterior of a model's texts.
 *
 * @param asked the evidence
 * @param findings figures by id: means over the prompts, exact or certain intervals
 * @param table of all texts, where they are few enough to be listed
 * @param searched what a search came to, prompt by prompt: where there is no table, and for draws and next tokens
 */
public record ModelPosterior(
        AskedEvidence asked,
        Map<String, Finding> findings,
        Optional<PosteriorTable> table,
        Map<String, PromptSearch> searched) {}
