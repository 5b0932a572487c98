package dev.credence.data.audits;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.OmittedPrompts;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what {@link AuditWriter} writes; unknown fields are ignored. */
final class AuditReader {
    private final String file;

    AuditReader(String file) {
        this.file = file;
    }

    AuditReport read(JsonNode root) {
        String schema = root.path("schema").asText("missing");
        if (!schema.equals(AuditJson.SCHEMA)) {
            throw new InputException(file, 0, "schema", schema, "it must be " + AuditJson.SCHEMA);
        }
        double beta = number(root, "beta");
        List<StepAudit> steps = root.has("steps") ? list(root, "steps", this::step) : List.of(step(root));
        return new AuditReport(
                Double.isNaN(beta) ? null : beta,
                text(root, "reward"),
                constant(root, "reward_type", RewardType.values(), AuditWriter::word),
                steps,
                provenance(root),
                root.has("thresholds") ? list(root, "thresholds", this::threshold) : List.of());
    }

    private ThresholdOutcome threshold(JsonNode node) {
        JsonNode met = field(node, "met");
        if (!met.isNull() && !met.isBoolean()) {
            throw new InputException(file, 0, "met", met.toString(), "it must be true, false or null");
        }
        return new ThresholdOutcome(
                text(node, "id"),
                number(node, "limit"),
                constant(node, "side", ThresholdOutcome.Side.values(), AuditWriter::word),
                met.isNull() ? null : met.asBoolean(),
                text(node, "reason"),
                steps(node, "missed_before"),
                steps(node, "withdrawn_before"));
    }

    private List<Long> steps(JsonNode node, String name) {
        return node.has(name) ? list(node, name, this::stepNumber) : List.of();
    }

    private Long stepNumber(JsonNode node) {
        if (!node.isIntegralNumber()) {
            throw new InputException(file, 0, "thresholds", node.toString(), "a step is a whole number");
        }
        return node.longValue();
    }

    private StepAudit step(JsonNode node) {
        return new StepAudit(
                node.has("step") ? node.get("step").asLong() : null,
                findings(node),
                prompts(field(node, "prompts")),
                list(node, "gates", this::gate),
                list(node, "candidates", this::candidate),
                verdict(field(node, "verdict")),
                entries(field(node, "verdicts"), (name, verdict) -> verdict(verdict)),
                plots(field(node, "plots")),
                node.has("prompts_omitted") ? omitted(node.get("prompts_omitted")) : null);
    }

    private OmittedPrompts omitted(JsonNode node) {
        return new OmittedPrompts(
                field(node, "all").asInt(),
                field(node, "departing").asInt(),
                field(node, "weakest").asInt(),
                optionalText(node, "file"));
    }

    private interface Named<T> {
        T read(String name, JsonNode node);
    }

    private static <T> Map<String, T> entries(JsonNode object, Named<T> reader) {
        Map<String, T> entries = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> entries.put(entry.getKey(), reader.read(entry.getKey(), entry.getValue())));
        return entries;
    }

    private Map<String, Finding> findings(JsonNode node) {
        return entries(
                field(node, "findings"),
                (id, finding) -> new Finding(
                        id,
                        text(finding, "question"),
                        number(finding, "lower"),
                        number(finding, "estimate"),
                        number(finding, "upper"),
                        constant(finding, "grade", Grade.values(), AuditWriter::word),
                        text(finding, "unit"),
                        optionalText(finding, "interval"),
                        optionalText(finding, "reason")));
    }

    private List<PromptAudit> prompts(JsonNode node) {
        Map<String, PromptAudit> prompts = entries(
                node,
                (name, prompt) -> new PromptAudit(
                        name,
                        number(prompt, "weight"),
                        field(prompt, "prior_records").asInt(),
                        field(prompt, "policy_records").asInt(),
                        findings(prompt)));
        return List.copyOf(prompts.values());
    }

    private Gate gate(JsonNode node) {
        return new Gate(
                text(node, "id"),
                constant(node, "status", Gate.Status.values(), AuditWriter::word),
                number(node, "figure"),
                text(node, "reason"),
                list(node, "withdraws", JsonNode::asText));
    }

    private Candidate candidate(JsonNode node) {
        return new Candidate(
                text(node, "name"),
                number(node, "copies"),
                number(node, "departure"),
                number(node, "bayesFraction"),
                number(node, "samplesToSeparate"),
                node.has("gates") ? list(node, "gates", JsonNode::asText) : List.of());
    }

    private Verdict verdict(JsonNode node) {
        return new Verdict(
                constant(node, "label", Verdict.Label.values(), Verdict.Label::words),
                text(node, "text"),
                list(node, "advice", JsonNode::asText));
    }

    private Plots plots(JsonNode node) {
        double asked = number(node, "asked_slope");
        return new Plots(
                list(node, "points", this::point),
                number(node, "fitted_slope"),
                Double.isNaN(asked) ? null : asked,
                list(node, "bins", this::bin));
    }

    private Plots.Point point(JsonNode node) {
        return new Plots.Point(number(node, "reward"), number(node, "log_ratio"), text(node, "source"));
    }

    private Plots.Bin bin(JsonNode node) {
        return new Plots.Bin(
                number(node, "low"),
                number(node, "high"),
                number(node, "prior"),
                number(node, "posterior"),
                number(node, "policy"));
    }

    private Provenance provenance(JsonNode root) {
        JsonNode node = field(root, "provenance");
        return new Provenance(
                text(root, "credence"),
                text(node, "command"),
                field(node, "seed").asLong(),
                entries(field(node, "settings"), (name, value) -> value.asText()),
                list(root, "inputs", this::input));
    }

    private Provenance.Input input(JsonNode node) {
        return new Provenance.Input(
                text(node, "name"),
                field(node, "bytes").asLong(),
                text(node, "sha256"),
                node.hasNonNull("records") ? node.get("records").asLong() : null);
    }

    private <T> List<T> list(JsonNode node, String name, Function<JsonNode, T> reader) {
        List<T> list = new ArrayList<>();
        field(node, name).forEach(element -> list.add(reader.apply(element)));
        return List.copyOf(list);
    }

    private <E extends Enum<E>> E constant(JsonNode node, String name, E[] constants, Function<E, String> word) {
        String found = text(node, name);
        for (E constant : constants) {
            if (word.apply(constant).equals(found)) {
                return constant;
            }
        }
        String known = String.join(", ", Arrays.stream(constants).map(word).toList());
        throw new InputException(file, 0, name, found, "it must be one of " + known);
    }

    private double number(JsonNode node, String name) {
        JsonNode value = field(node, name);
        if (value.isNull()) {
            return Double.NaN;
        }
        if (value.isNumber()) {
            return value.asDouble();
        }
        return switch (value.asText()) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default ->
                throw new InputException(
                        file, 0, name, value.toString(), "it must be a number, null, \"inf\" or \"-inf\"");
        };
    }

    private String text(JsonNode node, String name) {
        JsonNode value = field(node, name);
        if (!value.isTextual()) {
            throw new InputException(file, 0, name, value.toString(), "it must be a text");
        }
        return value.asText();
    }

    private @Nullable String optionalText(JsonNode node, String name) {
        return node.hasNonNull(name) ? text(node, name) : null;
    }

    private JsonNode field(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new InputException(file, 0, name, "missing", "an audit has " + name);
        }
        return value;
    }
}
