package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.Credence;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Audits of two small random models as a Java user asks for them: exact, drawn, and of logs that lack something. */
class ModelAuditTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final AuditRequest OF_REWARD = AuditRequest.standard().ofReward("0.5*count:[ae]");
    private static final AuditRequest REQUEST = OF_REWARD.atBeta(0.5);

    @TempDir
    private static Path models = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static ModelPair pair;
    private static Prompts prompts;

    private final List<String> told = new ArrayList<>();

    @BeforeAll
    static void openModels() throws IOException {
        pair = ModelPair.open(
                TinyCheckpoint.write(models.resolve("prior"), 1).toString(),
                TinyCheckpoint.write(models.resolve("policy"), 2).toString());
        Path file = models.resolve("prompts.jsonl");
        Files.writeString(file, "\"\"\n{\"prompt\": \"th\", \"prompt_weight\": 1}\n");
        prompts = Prompts.read(file.toString());
    }

    @AfterAll
    static void closeModels() {
        pair.close();
    }

    private ModelAudit audit(RolloutSettings settings) {
        return new ModelAudit(pair, settings, told::add);
    }

    private AuditReport drawn(AuditRequest request, RolloutSettings settings, Path log) throws IOException {
        return Credence.audit(request, audit(settings.maxNewTokens(4)).drawn(prompts, run -> log));
    }

    private static Finding finding(AuditReport report, String id) {
        return Objects.requireNonNull(report.last().findings().get(id), id);
    }

    @Test
    void anExactAuditIsWhatASampledOneEstimates() throws IOException {
        AuditReport truth =
                Credence.audit(REQUEST, audit(RolloutSettings.standard()).exact(prompts, 4));
        assertThat(finding(truth, "kl.policy_prior").grade()).isEqualTo(Grade.EXACT);
        assertThat(finding(truth, "kl.policy_prior").estimate())
                .isCloseTo(
                        finding(truth, "kl.explained").estimate()
                                + finding(truth, "kl.departure").estimate(),
                        within(1e-6));
        Path log = folder.resolve("drawn.parquet");
        AuditReport report = drawn(REQUEST, RolloutSettings.standard().samples(2000), log);
        for (String id : List.of(
                "kl.policy_prior",
                "kl.prior_policy",
                "bayes_fraction",
                "reward.prior",
                "reward.policy",
                "entropy.policy")) {
            Finding finding = finding(report, id);
            double margin = finding.upper() - finding.lower(); // 4 standard errors about
            assertThat(finding.estimate()).as(id).isCloseTo(finding(truth, id).estimate(), within(margin));
        }
        AuditReport kept = Credence.audit(AuditRequest.standard().atBeta(0.5), log.toString());
        assertThat(kept.last().findings())
                .as("the log that was kept")
                .hasToString(report.last().findings().toString());
    }

    /** What time left undone is no fault of the policy, nor of the samples that were asked for. */
    @Test
    void whereTheBudgetEndedTheDrawTheAdviceBeginsWithThat() throws IOException {
        AuditRequest far = OF_REWARD.atBeta(0.002);
        RolloutSettings few = RolloutSettings.standard().samples(128);
        String prior = models.resolve("prior").toString();
        AuditReport hasty;
        AuditReport whole;
        try (ModelPair unmoved =
                ModelPair.open(prior, prior)) { // of which no record can tell what it was conditioned on
            hasty = Credence.audit(
                    far,
                    new ModelAudit(unmoved, few.maxNewTokens(4).budget(1e-9), told::add)
                            .drawn(prompts, run -> folder.resolve("hasty.jsonl")));
            whole = Credence.audit(
                    far,
                    new ModelAudit(unmoved, few.maxNewTokens(4).draws(64), told::add)
                            .drawn(prompts, run -> folder.resolve("whole.jsonl")));
        }
        assertThat(hasty.last().verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
        assertThat(hasty.last().verdict().advice().get(0))
                .startsWith(
                        "Give the draw more time: the budget of 1E-9 seconds ended it before there were enough texts");
        assertThat(hasty.last().verdicts().get("stated")).isEqualTo(hasty.last().verdict());
        assertThat(whole.last().verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
        assertThat(whole.last().verdict().advice()).noneMatch(line -> line.startsWith("Give the draw more time"));
    }

    /** A verdict that stands does not hide that the time was too short for what is withdrawn beside it. */
    @Test
    void theAdviceBeginsWithTheBudgetWhereDrawsAreWantingToo() {
        Verdict not = new Verdict(Verdict.Label.NOT, "it is not", List.of("else"));
        for (Gate.Status status : List.of(Gate.Status.FAIL, Gate.Status.WARN)) {
            List<Gate> gates = List.of(new Gate("ess", status, 2, "few", List.of()));
            StepAudit step = new StepAudit(
                    null,
                    Map.of(),
                    List.of(),
                    gates,
                    List.of(),
                    not,
                    Map.of("stated", not),
                    new Plots(List.of(), 1, null, List.of()));
            AuditOutcome outcome = new AuditOutcome("t", "d", "r", List.of(step), List.of());
            assertThat(outcome.advised("more time").steps().get(0).verdict().advice())
                    .isEqualTo(status == Gate.Status.FAIL ? List.of("more time", "else") : List.of("else"));
        }
    }

    /** Without the begin token in front of the others too, the prompts of one audit are not asked alike. */
    @Test
    void whereTheEmptyPromptAloneGetsTheBeginTokenItIsSaid() throws IOException {
        String words = "warning: the begin token comes in front of the empty prompt alone";
        ModelAudit audit = audit(RolloutSettings.standard());
        Credence.audit(REQUEST, audit.exact(prompts, 2));
        assertThat(told).filteredOn(line -> line.startsWith(words)).hasSize(1);
        told.clear();
        Path log = Files.writeString(
                folder.resolve("log.jsonl"),
                "{\"prompt\": \"\", \"completion\": \"th\", \"source\": \"policy\"}\n".repeat(2)
                        + "{\"prompt\": \"th\", \"completion\": \"e\", \"source\": \"policy\"}\n".repeat(2));
        Credence.audit(
                REQUEST,
                audit.completed(
                        List.of(log.toString()),
                        InputStream.nullInputStream(),
                        LogReading.standard(),
                        folder.resolve("completed.jsonl")));
        assertThat(told).filteredOn(line -> line.startsWith(words)).hasSize(1);
        told.clear();
        Path plain = Files.writeString(folder.resolve("plain.txt"), "th\nha\n");
        Credence.audit(REQUEST, audit.exact(Prompts.read(plain.toString()), 2));
        assertThat(told).noneMatch(line -> line.startsWith(words));
    }

    @Test
    void drawingStopsAtTheWantedPrecision() throws IOException {
        RolloutSettings standard = RolloutSettings.standard();
        RolloutSettings settings =
                new RolloutSettings(100_000, null, null, null, List.of(), null, 0.3, standard.begin(), standard.end());
        Finding fraction = finding(drawn(REQUEST, settings, folder.resolve("drawn.jsonl")), "bayes_fraction");
        assertThat(String.join("\n", told)).contains("known to the wanted precision");
        assertThat(fraction.upper() - fraction.lower()).isLessThan(0.3);
    }

    @Test
    void aLogWithoutLogProbabilitiesOrPriorDrawsIsCompleted() throws IOException {
        Path whole = folder.resolve("drawn.jsonl");
        drawn(OF_REWARD, RolloutSettings.standard().samples(50), whole);
        List<String> bare = new ArrayList<>();
        List<JsonNode> policyDraws = new ArrayList<>();
        for (JsonNode record : records(whole)) {
            if (record.get("source").asText().equals("policy")) {
                policyDraws.add(record.deepCopy());
                ObjectNode rest = ((ObjectNode) record).put("note", "kept");
                rest.remove(List.of("logp_prior", "logp_policy", "ids", "reward"));
                bare.add(rest.toString());
            }
        }
        Path log = Files.writeString(folder.resolve("bare.jsonl"), String.join("\n", bare) + "\n");
        Path target = folder.resolve("bare.completed.jsonl");
        told.clear();
        Credence.audit(OF_REWARD, completed(log, target));
        assertThat(String.join("\n", told)).contains("computed 200 log-probabilities, drew 100 texts");
        List<JsonNode> completed = records(target);
        assertThat(completed).hasSize(200);
        for (int i = 0; i < policyDraws.size(); i++) {
            assertThat(completed.get(i).get("note").asText()).isEqualTo("kept");
            for (String field : List.of("logp_prior", "logp_policy")) {
                double expected = policyDraws.get(i).get(field).asDouble();
                assertThat(completed.get(i).get(field).asDouble()).as(field).isCloseTo(expected, within(1e-4));
            }
        }
        assertThat(completed.subList(100, 200))
                .allSatisfy(record -> assertThat(record.get("source").asText()).isEqualTo("prior"));
    }

    @Test
    void aTextThatNoTokensOfItsNumberSpellIsRefused() throws IOException {
        Path log = Files.writeString(
                folder.resolve("log.jsonl"),
                "{\"prompt\": \"t\", \"completion\": \"ae\", \"tokens\": 5, \"source\": \"prior\"}\n");
        assertThatThrownBy(() -> Credence.audit(REQUEST, completed(log, folder.resolve("completed.jsonl"))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("log.jsonl:1: field 'completion' is a text that no tokens of its model spell,"
                        + " or none of the number");
        assertThat(folder.resolve("completed.jsonl")).doesNotExist();
    }

    @Test
    void modelsOfOtherTokensAreRefused() throws IOException {
        Path other = TinyCheckpoint.write(folder.resolve("other"), 3);
        Path tokens = other.resolve("tokenizer.json");
        Files.writeString(tokens, Files.readString(tokens).replace("\"t\": 3, \"h\": 4", "\"h\": 3, \"t\": 4"));
        assertThatThrownBy(() -> ModelPair.open(models.resolve("prior").toString(), other.toString()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("prior and policy must have the same tokens; token 3 is not the prior's 't'");
    }

    private AuditSource completed(Path log, Path target) {
        return audit(RolloutSettings.standard())
                .completed(List.of(log.toString()), InputStream.nullInputStream(), LogReading.standard(), target);
    }

    private static List<JsonNode> records(Path file) throws IOException {
        List<JsonNode> records = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            records.add(MAPPER.readTree(line));
        }
        return records;
    }
}
