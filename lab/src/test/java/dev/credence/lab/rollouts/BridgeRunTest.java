package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import dev.credence.lab.models.BridgeModel;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Draws of three models, from small ones whose every text can be enumerated. */
@SuppressWarnings("NullAway.Init")
class BridgeRunTest {
    private static final String REWARD = "count:[a]";
    private static final int HORIZON = 6;
    private static final AuditOptions QUESTION = AuditOptions.atBeta(REWARD, 0.6);

    @TempDir
    private Path folder;

    private ModelPair models;
    private BridgeModel bridge;

    @BeforeEach
    void openModels() throws IOException {
        models = ModelPair.open(
                TinyCheckpoint.write(folder.resolve("prior"), 1).toString(),
                TinyCheckpoint.write(folder.resolve("policy"), 2).toString());
        bridge = bridge("halfway");
    }

    private BridgeModel bridge(String name) throws IOException {
        return BridgeModel.open(TinyCheckpoint.write(folder.resolve(name), 5).toString(), models, EndChoice.AUTO);
    }

    @AfterEach
    void closeModels() {
        bridge.close();
        models.close();
    }

    private RolloutRun run(DrawnModels drawn, int samples, int draws) {
        return new RolloutRun(
                drawn,
                Map.of("t", 1.0, "he", 2.0),
                Map.of(REWARD, RewardExpression.parse(REWARD)),
                QUESTION,
                new RolloutRun.Limits(samples, draws, HORIZON, Double.POSITIVE_INFINITY, 0, BeginToken.NO));
    }

    private RolloutRun bridged(int samples, int draws) {
        return run(new DrawnModels(models, bridge, List.of()), samples, draws);
    }

    private Path draw(String name, RolloutRun run) throws IOException {
        Path log = folder.resolve(name);
        run.draw(log, line -> {});
        return log;
    }

    private static List<JsonNode> records(Path log) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> records = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            records.add(mapper.readTree(line));
        }
        return records;
    }

    @Test
    void everyRecordIsScoredUnderAllThree() throws IOException {
        List<JsonNode> records = records(draw("bridged.jsonl", bridged(70, 70)));
        for (String source : List.of("prior", "policy", "halfway")) {
            assertThat(records)
                    .filteredOn(record -> record.get("source").asText().equals(source))
                    .as(source)
                    .hasSize(140);
        }
        for (JsonNode record : records) {
            int[] prompt = models.prompt(record.get("prompt").asText(), BeginToken.NO, HORIZON);
            int[] ids = new ObjectMapper().convertValue(record.get("ids"), int[].class);
            Continuation text = new Continuation(prompt, ids);
            assertThat(record.get("logp_prior").asDouble())
                    .isCloseTo(logProb(models.prior().transformer().logProbs(List.of(text))), within(1e-4));
            assertThat(record.get("logp_policy").asDouble())
                    .isCloseTo(logProb(models.policy().transformer().logProbs(List.of(text))), within(1e-4));
            assertThat(record.get("logp_source").asDouble())
                    .isCloseTo(logProb(bridge.model().transformer().logProbs(List.of(text))), within(1e-4));
        }
    }

    private static double logProb(double[][] tokens) {
        return Arrays.stream(tokens[0]).sum();
    }

    @Test
    void theTextsOfTheTwoAreTheSameWithItAndWithout() throws IOException {
        List<JsonNode> with = records(draw("with.jsonl", bridged(70, 70)));
        List<JsonNode> without = records(draw("without.jsonl", run(DrawnModels.of(models), 70, 70)));
        assertThat(with.stream()
                        .filter(record -> !record.get("source").asText().equals("halfway"))
                        .map(record -> record.get("ids")))
                .containsExactlyElementsOf(
                        without.stream().map(record -> record.get("ids")).toList());
        assertThat(without)
                .allSatisfy(record -> assertThat(record.has("logp_source")).isFalse());
    }

    @Test
    void theAuditKnowsMoreOfThePosterior() throws IOException {
        AuditOptions gentle = AuditOptions.atBeta(REWARD, 2); // no text of weight is too rare for 400 draws to show it
        List<ExactPrompt> exact = new ArrayList<>();
        Map<String, Double> weights = Map.of("t", 1.0 / 3, "he", 2.0 / 3);
        for (Map.Entry<String, Double> prompt : weights.entrySet()) {
            int[] ids = models.prompt(prompt.getKey(), BeginToken.NO, HORIZON);
            exact.add(new ExactCompletions(
                            2,
                            List.of(RewardExpression.parse(REWARD)),
                            models.prior().texts().tokenizer())
                    .of(models.transformers(), prompt.getKey(), ids, HORIZON)
                    .audited(prompt.getKey(), prompt.getValue()));
        }
        Map<String, Finding> truth = Audit.of(exact, List.of(REWARD), gentle).findings();
        RolloutRun bridged = bridged(400, 400);
        draw("with.jsonl", bridged);
        RolloutRun plain = run(DrawnModels.of(models), 400, 400);
        draw("without.jsonl", plain);
        Map<String, Finding> with = bridged.audit(gentle).findings();
        Map<String, Finding> without = plain.audit(gentle).findings();
        for (String id : List.of("log_z", "kl.policy_prior", "kl.policy_asked", "kl.departure")) {
            Finding found = with.get(id);
            assertThat(found.estimate())
                    .as(id)
                    .isCloseTo(truth.get(id).estimate(), within(found.upper() - found.lower()));
        }
        assertThat(with.get("ess.asked").estimate())
                .isGreaterThan(1.2 * without.get("ess.asked").estimate());
    }

    @Test
    void aThinnedLogIsReadBackAsItWasDrawn() throws IOException {
        RolloutRun run = bridged(100, 3000);
        Path log = draw("thinned.parquet", run);
        RolloutLog read = new RolloutLogReader(ReadOptions.standard(1), InputStream.nullInputStream())
                .read(List.of(log.toString()))
                .steps()
                .get(0)
                .log();
        assertThat(read.sources()).containsExactly("prior", "policy", "halfway");
        Map<String, Finding> written = Audit.of(read, QUESTION).findings();
        run.audit(QUESTION)
                .findings()
                .forEach((id, drawn) -> assertThat(written.get(id).estimate())
                        .as(id)
                        .isCloseTo(drawn.estimate(), within(1e-9 * Math.max(1, Math.abs(drawn.estimate())))));
    }

    @Test
    void whatWasBrokenOffGoesOnWithTheSameBridgeOnly() throws IOException {
        Path whole = draw("whole.jsonl", bridged(300, 300));
        Path cut = folder.resolve("cut.jsonl");
        AtomicInteger rounds = new AtomicInteger();
        assertThatThrownBy(() -> bridged(300, 300).draw(cut, line -> {
                    if (rounds.incrementAndGet() == 2) {
                        throw new IllegalStateException("killed");
                    }
                }))
                .hasMessage("killed");
        assertThat(run(DrawnModels.of(models), 300, 300).continues(cut)).isFalse();
        assertThatThrownBy(() -> draw("cut.jsonl", run(DrawnModels.of(models), 300, 300)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("bridge");
        draw("cut.jsonl", bridged(300, 300));
        assertThat(cut).hasSameTextualContentAs(whole);
    }

    @ParameterizedTest
    @CsvSource({"between, between", "sub/prior, bridge", "sub/policy, bridge", "tilt, bridge", "tilt 2, bridge"})
    void itsDrawsAreNeverTakenForThoseOfAnotherSource(String name, String source) throws IOException {
        try (BridgeModel named = bridge(name)) {
            assertThat(named.name()).isEqualTo(source);
        }
    }

    @Test
    void aBridgeOfOtherTokensIsRefused() throws IOException {
        Path other = TinyCheckpoint.write(folder.resolve("other"), 3);
        Path tokens = other.resolve("tokenizer.json");
        Files.writeString(tokens, Files.readString(tokens).replace("\"t\": 3, \"h\": 4", "\"h\": 3, \"t\": 4"));
        assertThatThrownBy(() -> BridgeModel.open(other.toString(), models, EndChoice.AUTO))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("prior and bridge must have the same tokens; token 3 is not the prior's 't'");
    }
}
