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
 * @param prompts by prompt; of many only those that tell most, where {@code omitted} says so
 * @param gates in the order they were tried
 * @param candidates rival conditionals, best first
 * @param verdict on the family with free λ
 * @param verdicts {@code stated} (the same), {@code asked} and {@code aimed} where they can be given
 * @param plots what the report draws
 * @param omitted what {@code prompts} is a choice of, or null where it has all
 */
public record StepAudit(
        @Nullable Long step,
        Map<String, Finding> findings,
        List<PromptAudit> prompts,
        List<Gate> gates,
        List<Candidate> candidates,
        Verdict verdict,
        Map<String, Verdict> verdicts,
        Plots plots,
        @Nullable OmittedPrompts omitted) {
    /**
     * An audit that has all of its prompts.
     *
     * @param step the step, or null where the log has none
     * @param findings overall, by id
     * @param prompts by prompt
     * @param gates in the order they were tried
     * @param candidates rival conditionals, best first
     * @param verdict on the family with free λ
     * @param verdicts by name
     * @param plots what the report draws
     */
    public StepAudit(
            @Nullable Long step,
            Map<String, Finding> findings,
            List<PromptAudit> prompts,
            List<Gate> gates,
            List<Candidate> candidates,
            Verdict verdict,
            Map<String, Verdict> verdicts,
            Plots plots) {
        this(step, findings, prompts, gates, candidates, verdict, verdicts, plots, null);
    }

    /** {@return how many prompts were audited, those included that are not at hand} */
    public int promptCount() {
        return omitted == null ? prompts.size() : omitted.all();
    }

    /**
     * The same with no more prompts than a reader can take in: up to {@link OmittedPrompts#MOST} all, else those that tell most.
     *
     * @param file where the figures of all are, or null where nobody keeps them
     * @return this audit, where it has few prompts or has left some out before
     */
    public StepAudit withTellingPrompts(@Nullable String file) {
        if (omitted != null || prompts.size() <= OmittedPrompts.MOST) {
            return this;
        }
        TellingPrompts telling = new TellingPrompts();
        prompts.forEach(telling);
        return new StepAudit(
                step, findings, telling.chosen(), gates, candidates, verdict, verdicts, plots, telling.omitted(file));
    }

    /**
     * The same with the place of the prompts that were left out.
     *
     * @param file where the figures of all are, or null where they were not kept
     * @return this audit, where it has all of its prompts
     */
    public StepAudit withPromptsIn(@Nullable String file) {
        if (omitted == null) {
            return this;
        }
        OmittedPrompts kept = new OmittedPrompts(omitted.all(), omitted.departing(), omitted.weakest(), file);
        return new StepAudit(step, findings, prompts, gates, candidates, verdict, verdicts, plots, kept);
    }

    /**
     * The same of a step.
     *
     * @param of the step, or null where there is none
     * @return this audit, numbered so
     */
    public StepAudit withStep(@Nullable Long of) {
        return new StepAudit(of, findings, prompts, gates, candidates, verdict, verdicts, plots, omitted);
    }

    /**
     * The same with other figures.
     *
     * @param others by id, in the order they print
     * @return this audit with them in the place of its own
     */
    public StepAudit withFindings(Map<String, Finding> others) {
        return new StepAudit(step, others, prompts, gates, candidates, verdict, verdicts, plots, omitted);
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
        return new StepAudit(step, findings, prompts, all, candidates, verdict, verdicts, plots, omitted);
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
        return new StepAudit(step, findings, prompts, gates, candidates, other, all, plots, omitted);
    }
}
