package dev.credence.data.audits;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.OmittedPrompts;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one audit, field by field in the contract's order. */
final class AuditWriter {
    private final JsonGenerator json;

    AuditWriter(JsonGenerator json) {
        this.json = json;
    }

    /** The word of an enum's constant, such as {@code log-probability}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    void write(AuditReport report) throws IOException {
        json.writeStartObject();
        json.writeStringField("schema", AuditJson.SCHEMA);
        json.writeStringField("credence", report.provenance().version());
        inputs(report.provenance().inputs());
        number("beta", report.beta() == null ? Double.NaN : report.beta());
        thresholds(report.thresholds());
        List<StepAudit> steps = report.steps();
        boolean single = steps.size() == 1 && steps.get(0).step() == null;
        if (single) {
            stepFields(steps.get(0));
        } else {
            json.writeArrayFieldStart("steps");
            for (StepAudit step : steps) {
                step(step);
            }
            json.writeEndArray();
        }
        json.writeStringField("reward", report.reward());
        json.writeStringField("reward_type", word(report.rewardType()));
        if (single) {
            stepExtras(steps.get(0));
        }
        provenance(report.provenance());
        json.writeEndObject();
    }

    private void inputs(List<Provenance.Input> inputs) throws IOException {
        json.writeArrayFieldStart("inputs");
        for (Provenance.Input input : inputs) {
            json.writeStartObject();
            json.writeStringField("name", input.name());
            json.writeNumberField("bytes", input.bytes());
            json.writeStringField("sha256", input.sha256());
            if (input.records() != null) {
                json.writeNumberField("records", input.records());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Only where there are some: an audit that was asked for none has no field. */
    private void thresholds(List<ThresholdOutcome> thresholds) throws IOException {
        if (thresholds.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("thresholds");
        for (ThresholdOutcome threshold : thresholds) {
            json.writeStartObject();
            json.writeStringField("id", threshold.id());
            number("limit", threshold.limit());
            json.writeStringField("side", word(threshold.side()));
            if (threshold.met() == null) {
                json.writeNullField("met");
            } else {
                json.writeBooleanField("met", threshold.met());
            }
            json.writeStringField("reason", threshold.reason());
            steps("missed_before", threshold.missedBefore());
            steps("withdrawn_before", threshold.withdrawnBefore());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void steps(String field, List<Long> steps) throws IOException {
        if (!steps.isEmpty()) {
            json.writeArrayFieldStart(field);
            for (long step : steps) {
                json.writeNumber(step);
            }
            json.writeEndArray();
        }
    }

    private void step(StepAudit step) throws IOException {
        json.writeStartObject();
        if (step.step() != null) {
            json.writeNumberField("step", step.step());
        }
        stepFields(step);
        stepExtras(step);
        json.writeEndObject();
    }

    private void stepFields(StepAudit step) throws IOException {
        findings(step.findings());
        json.writeObjectFieldStart("prompts");
        for (PromptAudit prompt : step.prompts()) {
            prompt(prompt);
        }
        json.writeEndObject();
        omitted(step.omitted());
        json.writeArrayFieldStart("gates");
        for (Gate gate : step.gates()) {
            gate(gate);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("candidates");
        for (Candidate candidate : step.candidates()) {
            candidate(candidate);
        }
        json.writeEndArray();
        verdict("verdict", step.verdict());
    }

    /** Only where prompts were left out. */
    private void omitted(@Nullable OmittedPrompts omitted) throws IOException {
        if (omitted == null) {
            return;
        }
        json.writeObjectFieldStart("prompts_omitted");
        json.writeNumberField("all", omitted.all());
        json.writeNumberField("departing", omitted.departing());
        json.writeNumberField("weakest", omitted.weakest());
        text("file", omitted.file());
        json.writeStringField("text", omitted.words());
        json.writeEndObject();
    }

    private void stepExtras(StepAudit step) throws IOException {
        json.writeObjectFieldStart("verdicts");
        for (Map.Entry<String, Verdict> verdict : step.verdicts().entrySet()) {
            verdict(verdict.getKey(), verdict.getValue());
        }
        json.writeEndObject();
        plots(step.plots());
    }

    private void findings(Map<String, Finding> findings) throws IOException {
        json.writeObjectFieldStart("findings");
        for (Map.Entry<String, Finding> entry : findings.entrySet()) {
            Finding finding = entry.getValue();
            json.writeObjectFieldStart(entry.getKey());
            json.writeStringField("question", finding.question());
            number("lower", finding.lower());
            number("estimate", finding.estimate());
            number("upper", finding.upper());
            json.writeStringField("grade", word(finding.grade()));
            json.writeStringField("unit", finding.unit());
            text("interval", finding.interval());
            text("reason", finding.reason());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void prompt(PromptAudit prompt) throws IOException {
        json.writeObjectFieldStart(prompt.prompt());
        number("weight", prompt.weight());
        json.writeNumberField("prior_records", prompt.priorRecords());
        json.writeNumberField("policy_records", prompt.policyRecords());
        findings(prompt.findings());
        json.writeEndObject();
    }

    private void gate(Gate gate) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", gate.id());
        json.writeStringField("status", word(gate.status()));
        number("figure", gate.figure());
        json.writeStringField("reason", gate.reason());
        texts("withdraws", gate.withdraws());
        json.writeEndObject();
    }

    private void candidate(Candidate candidate) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", candidate.name());
        number("copies", candidate.copies());
        number("departure", candidate.departure());
        number("bayesFraction", candidate.bayesFraction());
        number("samplesToSeparate", candidate.samplesToSeparate());
        texts("gates", candidate.gates());
        json.writeEndObject();
    }

    private void verdict(String name, Verdict verdict) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("label", verdict.label().words());
        json.writeStringField("text", verdict.text());
        texts("advice", verdict.advice());
        json.writeEndObject();
    }

    private void plots(Plots plots) throws IOException {
        json.writeObjectFieldStart("plots");
        number("fitted_slope", plots.fittedSlope());
        number("asked_slope", plots.askedSlope() == null ? Double.NaN : plots.askedSlope());
        json.writeArrayFieldStart("points");
        for (Plots.Point point : plots.points()) {
            json.writeStartObject();
            number("reward", point.reward());
            number("log_ratio", point.logRatio());
            json.writeStringField("source", point.source());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("bins");
        for (Plots.Bin bin : plots.bins()) {
            json.writeStartObject();
            number("low", bin.low());
            number("high", bin.high());
            number("prior", bin.prior());
            number("posterior", bin.posterior());
            number("policy", bin.policy());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void provenance(Provenance provenance) throws IOException {
        json.writeObjectFieldStart("provenance");
        json.writeStringField("command", provenance.command());
        json.writeNumberField("seed", provenance.seed());
        json.writeObjectFieldStart("settings");
        for (Map.Entry<String, String> setting : provenance.settings().entrySet()) {
            json.writeStringField(setting.getKey(), setting.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void texts(String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    private void text(String name, @Nullable String text) throws IOException {
        if (text == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, text);
        }
    }

    private void number(String name, double value) throws IOException {
        number(json, name, value);
    }

    /** A number; null where there is none, and infinities as texts. */
    static void number(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isNaN(value)) {
            json.writeNullField(name);
        } else if (Double.isInfinite(value)) {
            json.writeStringField(name, value > 0 ? "inf" : "-inf");
        } else {
            json.writeNumberField(name, value);
        }
    }
}
