package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
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
        Plots plots) {
    /**
     * The same of a step.
     *
     * @param of the step, or null where there is none
     * @return this audit, numbered so
     */
    public StepAudit withStep(@Nullable Long of) {
        return new StepAudit(of, findings, prompts, gates, candidates, verdict, verdicts, plots);
    }

    /**
     * The same with other figures.
     *
     * @param others by id, in the order they print
     * @return this audit with them in the place of its own
     */
    public StepAudit withFindings(Map<String, Finding> others) {
        return new StepAudit(step, others, prompts, gates, candidates, verdict, verdicts, plots);
    }

    /**
     * The same with a further gate.
     *
     * @param further tried after those that there are
     * @return this audit with it
     */
    public StepAudit withGate(Gate further) {
        List<Gate> all = new ArrayList<>(gates);
        all.add(further);
        return new StepAudit(step, findings, prompts, all, candidates, verdict, verdicts, plots);
    }

    /**
     * The same with another verdict on the family with free λ; what was asked and aimed keeps its own.
     *
     * @param other the verdict, which is {@code stated} too
     * @return this audit with it
     */
    public StepAudit withVerdict(Verdict other) {
        Map<String, Verdict> all = new LinkedHashMap<>(verdicts);
        all.put("stated", other);
        return new StepAudit(step, findings, prompts, gates, candidates, other, all, plots);
    }
}
