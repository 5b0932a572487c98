package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The contract's JSON of audits, by name, as a test reads it. */
final class ExampleJson {
    private ExampleJson() {}

    static String of(List<NamedAudit> audits) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        for (NamedAudit named : audits) {
            ObjectNode audit = all.putObject(named.name());
            List<StepAudit> steps = named.audit().steps();
            if (steps.size() == 1) {
                step(audit, steps.get(0));
            } else {
                ArrayNode list = audit.putArray("steps");
                for (StepAudit step : steps) {
                    step(list.addObject().put("step", step.step()), step);
                }
            }
        }
        return all.toPrettyString();
    }

    private static void step(ObjectNode out, StepAudit step) {
        findings(out, step.findings());
        ObjectNode prompts = out.putObject("prompts");
        for (PromptAudit prompt : step.prompts()) {
            findings(prompts.putObject(prompt.prompt()), prompt.findings());
        }
        ArrayNode gates = out.putArray("gates");
        for (Gate gate : step.gates()) {
            number(gates.addObject().put("id", gate.id()), "figure", gate.figure());
        }
        ArrayNode candidates = out.putArray("candidates");
        for (Candidate candidate : step.candidates()) {
            ObjectNode node = candidates.addObject().put("name", candidate.name());
            number(node, "copies", candidate.copies());
            number(node, "departure", candidate.departure());
            number(node, "bayesFraction", candidate.bayesFraction());
            number(node, "samplesToSeparate", candidate.samplesToSeparate());
        }
        out.putObject("verdict").put("label", step.verdict().label().words());
    }

    private static void findings(ObjectNode out, Map<String, Finding> findings) {
        ObjectNode all = out.putObject("findings");
        for (Finding finding : findings.values()) {
            ObjectNode node = all.putObject(finding.id());
            number(node, "lower", finding.lower());
            number(node, "estimate", finding.estimate());
            number(node, "upper", finding.upper());
            node.put("grade", finding.grade().name().toLowerCase(Locale.ROOT));
        }
    }

    private static void number(ObjectNode out, String field, double number) {
        if (Double.isNaN(number)) {
            out.putNull(field);
        } else if (Double.isInfinite(number)) {
            out.put(field, number > 0 ? "inf" : "-inf");
        } else {
            out.put(field, number);
        }
    }
}
