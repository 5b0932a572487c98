package dev.credence.core.audit;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The audit of one training step (or of a log or table without steps).
 *
 * @param step the step, or null where the log has none
 * @param findings overall, by id, in the order they print
 * @param prompts by prompt
 * @param gates in the order they were tried
 * @param candidates rival conditionals, best first
 * @param verdict on the family with free λ
 * @param verdicts {@code stated} (the same), {@code asked} and {@code aimed} where they can be given
 * @param plots what the report draws
 */
public record StepAudit(
        @Nullable Long step,
        Map<String, Finding> findings,
        List<PromptAudit> prompts,
        List<Gate> gates,
        List<Candidate> candidates,
        Verdict verdict,
        Map<String, Verdict> verdicts,
        Plots plots) {}
