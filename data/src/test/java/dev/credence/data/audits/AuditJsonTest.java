package dev.credence.data.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditJsonTest {
    private static Finding finding(String id, double lower, double estimate, double upper, Grade grade) {
        boolean interval = grade == Grade.ESTIMATED;
        return new Finding(
                id,
                "How far?",
                lower,
                estimate,
                upper,
                grade,
                "nats",
                interval ? "influence" : null,
                interval ? null : "because \"é\"\n");
    }

    private static StepAudit step(@Nullable Long number) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        findings.put("log_z", finding("log_z", 1.25, Double.POSITIVE_INFINITY, Double.NaN, Grade.WITHDRAWN));
        findings.put("kl.policy_prior", finding("kl.policy_prior", 0.1, 1 / 3.0, 0.7, Grade.ESTIMATED));
        findings.put(
                "copies.moment_match",
                finding("copies.moment_match", Double.NEGATIVE_INFINITY, -0.0, 4.9e-324, Grade.EXACT));
        Verdict verdict = new Verdict(Verdict.Label.CANNOT_TELL, "No.", List.of("more records"));
        return new StepAudit(
                number,
                findings,
                List.of(
                        new PromptAudit("ROMEO:\n", 0.5, 7, 8, Map.of("log_z", findings.get("log_z"))),
                        new PromptAudit("", 0.5, 0, 0, Map.of())),
                List.of(
                        new Gate("ess", Gate.Status.FAIL, 3.5, "few", List.of("kl.departure")),
                        new Gate("finished", Gate.Status.PASS, Double.NaN, "", List.of())),
                List.of(
                        new Candidate("reward", 2, 0.1, 0.9, Double.POSITIVE_INFINITY),
                        new Candidate("rival", 2, Double.NaN, Double.NaN, Double.NaN, List.of("khat", "unseen"))),
                verdict,
                Map.of("stated", verdict),
                new Plots(
                        List.of(
                                new Plots.Point(1, -2.5, "policy"),
                                new Plots.Point(0, Double.NEGATIVE_INFINITY, "prior")),
                        Double.NaN,
                        number == null ? 20.0 : null,
                        List.of(new Plots.Bin(0, 1, 0.5, 0.25, 0.125))));
    }

    private static AuditReport report(@Nullable Double beta, List<StepAudit> steps) {
        Provenance provenance = new Provenance(
                "0.1.0",
                "credence audit log.jsonl",
                -7,
                Map.of("beta", "0.05"),
                List.of(new Provenance.Input("log.jsonl", 12, "ab")));
        return new AuditReport(beta, "reward", RewardType.LOG_PROBABILITY, steps, provenance);
    }

    @Test
    void aReportIsReadBackTheSame() {
        AuditReport single = report(0.05, List.of(step(null)));
        assertThat(AuditJson.read("x", AuditJson.toString(single))).isEqualTo(single);
        AuditReport several = report(null, List.of(step(10L), step(20L)));
        assertThat(AuditJson.read("x", AuditJson.toString(several))).isEqualTo(several);
        AuditReport one = report(0.0, List.of(step(10L)));
        assertThat(AuditJson.read("x", AuditJson.toString(one))).isEqualTo(one);
    }

    @Test
    void theFieldsAreTheContractsInItsOrder() throws IOException {
        JsonNode root = new ObjectMapper().readTree(AuditJson.toString(report(0.05, List.of(step(null)))));
        assertThat(names(root))
                .containsExactly(
                        "schema",
                        "credence",
                        "inputs",
                        "beta",
                        "findings",
                        "prompts",
                        "gates",
                        "candidates",
                        "verdict",
                        "reward",
                        "reward_type",
                        "verdicts",
                        "plots",
                        "provenance");
        assertThat(root.get("schema").asText()).isEqualTo("credence.audit/1");
        assertThat(names(root.get("findings"))).containsExactly("log_z", "kl.policy_prior", "copies.moment_match");
        JsonNode finding = root.get("findings").get("log_z");
        assertThat(names(finding))
                .containsExactly("question", "lower", "estimate", "upper", "grade", "unit", "interval", "reason");
        assertThat(finding.get("estimate").asText()).isEqualTo("inf");
        assertThat(finding.get("upper").isNull()).isTrue();
        assertThat(finding.get("grade").asText()).isEqualTo("withdrawn");
        assertThat(names(root.get("prompts"))).containsExactly("ROMEO:\n", "");
        assertThat(root.get("gates").get(0).get("status").asText()).isEqualTo("fail");
        assertThat(root.get("candidates").get(0).get("samplesToSeparate").asText())
                .isEqualTo("inf");
        assertThat(root.get("verdict").get("label").asText()).isEqualTo("cannot tell");
        assertThat(root.get("reward_type").asText()).isEqualTo("log-probability");
        assertThat(root.get("inputs").get(0).get("sha256").asText()).isEqualTo("ab");
    }

    @Test
    void stepsTakeThePlaceOfTheTopFields() throws IOException {
        JsonNode root = new ObjectMapper().readTree(AuditJson.toString(report(null, List.of(step(10L), step(20L)))));
        assertThat(names(root))
                .containsExactly(
                        "schema", "credence", "inputs", "beta", "steps", "reward", "reward_type", "provenance");
        assertThat(names(root.get("steps").get(1)))
                .startsWith("step", "findings", "prompts", "gates", "candidates", "verdict");
        assertThat(root.get("steps").get(1).get("step").asLong()).isEqualTo(20);
        assertThat(root.get("beta").isNull()).isTrue();
    }

    private static final List<ThresholdOutcome> THRESHOLDS = List.of(
            new ThresholdOutcome("a", 0.8, ThresholdOutcome.Side.UNDER, true, "kept"),
            new ThresholdOutcome("b", Double.POSITIVE_INFINITY, ThresholdOutcome.Side.OVER, false, "missed"),
            new ThresholdOutcome("c", -1, ThresholdOutcome.Side.OVER, null, "withdrawn \"because\"\n"),
            new ThresholdOutcome("d", 1, ThresholdOutcome.Side.UNDER, true, "kept")
                    .after(List.of(1L, 7L), List.of(3L)));

    @Test
    void thresholdsAndTheirOutcomeAreReadBackTheSame() throws IOException {
        for (List<StepAudit> steps : List.of(List.of(step(null)), List.of(step(10L), step(20L)))) {
            AuditReport held = report(0.05, steps).withThresholds(THRESHOLDS);
            String json = AuditJson.toString(held);
            assertThat(AuditJson.read("x", json)).isEqualTo(held).isNotEqualTo(report(0.05, steps));
            JsonNode thresholds = new ObjectMapper().readTree(json).get("thresholds");
            assertThat(names(thresholds.get(0))).containsExactly("id", "limit", "side", "met", "reason");
            assertThat(thresholds.get(0).get("side").asText()).isEqualTo("under");
            assertThat(thresholds.get(1).get("side").asText()).isEqualTo("over");
            assertThat(thresholds.get(1).get("limit").asText()).isEqualTo("inf");
            assertThat(thresholds.get(1).get("met").isBoolean()).isTrue();
            assertThat(thresholds.get(2).get("met").isNull()).isTrue();
        }
    }

    @Test
    void anOutcomeThatIsNoTruthValueIsNamed() {
        String json = AuditJson.toString(report(0.05, List.of(step(null))).withThresholds(THRESHOLDS));
        assertThatThrownBy(() -> AuditJson.read("a.json", json.replace("\"met\" : true", "\"met\" : \"yes\"")))
                .hasMessageContaining("field 'met' is \"yes\"; it must be true, false or null");
    }

    @Test
    void howManyRecordsAnInputHadIsReadBack() {
        AuditReport report = report(0.05, List.of(step(null)));
        Provenance from = report.provenance();
        Provenance counted = new Provenance(
                from.version(),
                from.command(),
                from.seed(),
                from.settings(),
                List.of(from.inputs().get(0).withRecords(7), from.inputs().get(0)));
        AuditReport told = new AuditReport(0.05, "r", RewardType.SCORE, report.steps(), counted);
        assertThat(AuditJson.read("x", AuditJson.toString(told)).provenance().inputs())
                .extracting(Provenance.Input::records)
                .containsExactly(7L, null);
    }

    private static List<String> names(JsonNode node) {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }

    @TempDir
    private Path folder = Path.of("");

    @Test
    void filesAreWrittenAndRead() {
        AuditReport report = report(0.05, List.of(step(null)));
        Path file = folder.resolve("audit.json");
        AuditJson.write(report, file);
        assertThat(AuditJson.read(file)).isEqualTo(report);
        assertThatThrownBy(() -> AuditJson.write(report, folder.resolve("no/file")))
                .hasMessageStartingWith("cannot write ");
        assertThatThrownBy(() -> AuditJson.read(folder.resolve("none"))).hasMessageStartingWith("cannot read ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            credence.audit/1      | credence.audit/2      | field 'schema' is credence.audit/2; it must be credence.audit/1
            "beta" : 0.05         | "beta" : "low"        | field 'beta' is "low"; it must be a number, null, "inf" or "-inf"
            "grade" : "estimated" | "grade" : "guessed"   | field 'grade' is guessed; it must be one of exact, bounded, estimated, withdrawn
            "unit"                | "units"               | field 'unit' is missing; an audit has unit
            "reward" : "reward"   | "reward" : 3          | field 'reward' is 3; it must be a text
            "label"               | "question" : 1, "x    | no JSON
            "beta" : 0.05         | "beta" : 0.05, "beta" : 1 | Duplicate
            """)
    void whatIsNoAuditIsNamed(String part, String replacement, String message) {
        String json = AuditJson.toString(report(0.05, List.of(step(null))));
        assertThat(json).contains(part);
        assertThatThrownBy(() -> AuditJson.read("a.json", json.replace(part, replacement)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("a.json:")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"``", "3", "{}", "{} {}"})
    void otherJsonIsNoAudit(String json) {
        assertThatThrownBy(() -> AuditJson.read("a.json", json)).isInstanceOf(InputException.class);
    }
}
