package dev.credence.lab.audits;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.OmittedPrompts;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.PromptsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What came of an audit.
 *
 * @param title what was audited, as short as a file's name
 * @param described how many records of what, in words
 * @param reward name of the audited reward
 * @param steps one audit a step
 * @param inputs all that was read, with hashes
 * @param facts what the inputs say that bears on the figures, by name, such as the tokens that end a text
 * @param assumed what the figures rest on and nothing says, a line each
 */
public record AuditOutcome(
        String title,
        String described,
        String reward,
        List<StepAudit> steps,
        List<Provenance.Input> inputs,
        Map<String, String> facts,
        List<String> assumed) {
    private static final Set<String> OF_DRAWS = Set.of("ess", "khat", "unseen");

    /**
     * Copies the lists.
     *
     * @param title as above
     * @param described as above
     * @param reward as above
     * @param steps as above
     * @param inputs as above
     * @param facts as above
     * @param assumed as above
     */
    public AuditOutcome {
        steps = List.copyOf(steps);
        inputs = List.copyOf(inputs);
        facts = new TreeMap<>(facts);
        assumed = List.copyOf(assumed);
    }

    AuditOutcome(String title, String described, String reward, List<StepAudit> steps, List<Provenance.Input> inputs) {
        this(title, described, reward, steps, inputs, Map.of(), List.of());
    }

    /**
     * The same under another title.
     *
     * @param other what was audited, as short as a file's name
     * @return the same figures
     */
    public AuditOutcome titled(String other) {
        return new AuditOutcome(other, described, reward, steps, inputs, facts, assumed);
    }

    /** With further inputs behind those that there are. */
    AuditOutcome with(List<Provenance.Input> further) {
        List<Provenance.Input> all = new ArrayList<>(inputs);
        all.addAll(further);
        return new AuditOutcome(title, described, reward, steps, all, facts, assumed);
    }

    AuditOutcome gated(Gate gate) {
        return of(step -> step.withGate(gate));
    }

    AuditOutcome assuming(List<String> lines) {
        return new AuditOutcome(title, described, reward, steps, inputs, facts, lines);
    }

    AuditOutcome of(Map<String, String> further) {
        Map<String, String> all = new LinkedHashMap<>(facts);
        all.putAll(further);
        return new AuditOutcome(title, described, reward, steps, inputs, all, assumed);
    }

    /** With a first advice where gates kept a step from an answer, or withdrew figures for want of draws. */
    AuditOutcome advised(String first) {
        return of(step -> {
            Verdict verdict = step.verdict();
            boolean isShort = step.gates().stream()
                    .anyMatch(gate -> gate.status() == Gate.Status.FAIL && OF_DRAWS.contains(gate.id()));
            if (verdict.label() != Verdict.Label.CANNOT_TELL && !isShort) {
                return step;
            }
            List<String> advice = new ArrayList<>(List.of(first));
            advice.addAll(verdict.advice());
            return step.withVerdict(new Verdict(verdict.label(), verdict.text(), advice));
        });
    }

    /**
     * With no more prompts than {@link OmittedPrompts#MOST} a step; where there are more, those that tell most.
     *
     * @param file where the figures of all prompts go, whole or not at all, a name that ends in {@code .jsonl} or {@code .parquet}; null
     *     for none
     * @return this outcome, whose steps say what they leave out
     */
    public AuditOutcome withPromptsFile(@Nullable Path file) {
        if (file != null) {
            PromptsFile.write(
                    file, sink -> steps.forEach(step -> step.prompts().forEach(own -> sink.add(step.step(), own))));
        }
        return of(step -> step.withTellingPrompts(file == null ? null : file.toString()));
    }

    private AuditOutcome of(UnaryOperator<StepAudit> changed) {
        List<StepAudit> all = steps.stream().map(changed).toList();
        return new AuditOutcome(title, described, reward, all, inputs, facts, assumed);
    }

    /** {@return the audit that counts: the last step's} */
    public StepAudit last() {
        return steps.get(steps.size() - 1);
    }

    /**
     * The report, to be written or drawn.
     *
     * @param request what was asked
     * @param provenance how it was made
     * @return figures with where they come from
     */
    public AuditReport report(AuditRequest request, Provenance provenance) {
        return new AuditReport(request.beta(), reward, request.rewardType(), steps, provenance);
    }
}
