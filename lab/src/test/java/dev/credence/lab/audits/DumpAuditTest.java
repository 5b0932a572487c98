package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.LogFormat;
import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import dev.credence.lab.Credence;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dumps of trainers, as they come, and logs of texts alone, completed by the models that drew them. */
class DumpAuditTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path CASES = Path.of("..", "..", "shared", "cases");

    @TempDir
    private Path folder = Path.of("");

    private final List<String> told = new ArrayList<>();

    private static Path cases(String name) {
        Path path = CASES.resolve(name);
        assumeTrue(Files.exists(path), "the shared cases are not there: " + name);
        return path;
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private static List<String> files(Path dump) throws IOException {
        try (Stream<Path> files = Files.list(dump)) {
            return files.map(Path::toString).sorted().toList();
        }
    }

    private AuditReport audit(
            String reward, List<String> dump, LogReading reading, DumpSteps steps, Path prior, @Nullable Path policy)
            throws IOException {
        return Credence.audit(
                AuditRequest.standard().ofReward(reward),
                new DumpAudit(
                        new DumpAudit.Dump(dump, reading, steps),
                        new DumpAudit.Models(prior.toString(), policy == null ? null : policy.toString()),
                        RolloutSettings.standard(),
                        folder.resolve("log.jsonl"),
                        told::add));
    }

    private static LogReading trl() {
        return LogReading.standard().with(LogFormat.of("trl").fields().with("reward=vowels"));
    }

    @ParameterizedTest
    @CsvSource({"plain,tea?", "chat,<|user|>tea?<|assistant|>"})
    void whatTrlWritesIsAudited(String kind, String prompt) throws IOException {
        Path dumps = cases("reports/trl-dumps");
        List<String> completions = files(dumps.resolve(kind).resolve("completions"));
        Path policy = dumps.resolve(kind).resolve("final");
        audit("count:[aeiou]", completions, trl(), new DumpSteps("last", null), dumps.resolve("base"), policy);
        assertThat(String.join("\n", told))
                .contains("assumed: step 3: 0 texts ended and 8 were cut at 6 tokens")
                .contains("trainers write a step's texts before its update")
                .doesNotContain("another than the log's own");
        List<JsonNode> records = lines(folder.resolve("log.jsonl"));
        assertThat(records).hasSize(16).allSatisfy(record -> {
            assertThat(record.path("prompt").asText()).isEqualTo(prompt);
            assertThat(record.path("step").asInt()).isEqualTo(3);
            assertThat(record.path("ids")).hasSizeLessThanOrEqualTo(6);
        });
        assertThatThrownBy(() -> audit("length", completions, trl(), DumpSteps.only(), dumps.resolve("base"), policy))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the log has 3 steps, 1 to 3, and a policy for each");
    }

    @Test
    void everyStepMeetsTheCheckpointThatDrewIt() throws IOException {
        Path dumps = cases("reports/trl-dumps");
        copy(dumps.resolve("base"), folder.resolve("run/checkpoint-1"));
        copy(dumps.resolve("plain/final"), folder.resolve("run/checkpoint-2"));
        AuditReport report = audit(
                "length",
                files(dumps.resolve("plain/completions")),
                LogReading.standard().with(LogFormat.of("trl").fields()),
                new DumpSteps(null, folder.resolve("run/checkpoint-*").toString()),
                dumps.resolve("base"),
                null);
        assertThat(report.steps()).hasSize(2);
        assertThat(report.steps().get(0).step()).isEqualTo(2);
        assertThat(Objects.requireNonNull(report.steps().get(0).findings().get("kl.policy_prior"))
                        .estimate())
                .as("checkpoint-1 is the base")
                .isCloseTo(0, within(1e-6));
        assertThat(String.join("\n", told))
                .contains("warning: left out 1 steps")
                .contains("by the checkpoint before");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    /** A log's texts alone gave 4.54 where 4.25 is right, all taken as ended, and 4.15 with their own tokenisation. */
    @Test
    void aLogFromTextsAloneIsTheLogItWas() throws IOException {
        List<JsonNode> whole = lines(cases("plays/rollouts/dpo-beta0.1.jsonl"));
        Map<String, Integer> counts = new HashMap<>();
        List<JsonNode> some = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        for (JsonNode record : whole) {
            String key = record.path("prompt").asText() + record.path("source").asText();
            if (counts.merge(key, 1, Integer::sum) <= 8) {
                some.add(record);
                ObjectNode text = ((ObjectNode) record.deepCopy());
                text.retain("prompt", "completion", "reward", "source");
                bare.add(text.toString());
            }
        }
        Path log = Files.write(folder.resolve("bare.jsonl"), bare);
        Path target = folder.resolve("completed.jsonl");
        RolloutSettings begun =
                new RolloutSettings(null, null, null, null, List.of(), null, null, BeginToken.YES, EndChoice.AUTO);
        try (ModelPair models = ModelPair.open(
                cases("plays/prior").toString(), cases("plays/dpo-beta0.1").toString())) {
            Credence.audit(
                    AuditRequest.standard(),
                    new ModelAudit(models, begun, told::add)
                            .completed(
                                    List.of(log.toString()),
                                    InputStream.nullInputStream(),
                                    LogReading.standard(),
                                    target));
        }
        assertThat(String.join("\n", told)).contains("were cut at 24 tokens, the limit that makes the texts likeliest");
        List<JsonNode> completed = lines(target);
        assertThat(completed).hasSameSizeAs(some);
        int wrong = 0;
        double apart = 0;
        for (int i = 0; i < some.size(); i++) {
            JsonNode was = some.get(i);
            JsonNode is = completed.get(find(completed, was, i));
            wrong += was.path("finished").asBoolean() == is.path("finished").asBoolean() ? 0 : 1;
            double sign = was.path("source").asText().equals("policy") ? 1 : 0;
            apart += sign * (ratio(is) - ratio(was)) / (some.size() / 2.0);
        }
        assertThat(wrong)
                .as("texts of %d of which it is not seen whether they ended", some.size())
                .isLessThan(some.size() * 3 / 100);
        assertThat(apart).as("nats of the mean log-ratio").isCloseTo(0, within(0.12));
    }

    private static int find(List<JsonNode> records, JsonNode wanted, int from) {
        for (int i = 0; i < records.size(); i++) {
            JsonNode record = records.get((from + i) % records.size());
            if (List.of("prompt", "completion", "source").stream()
                    .allMatch(field -> record.path(field).equals(wanted.path(field)))) {
                return (from + i) % records.size();
            }
        }
        throw new AssertionError("a record is gone: " + wanted);
    }

    private static double ratio(JsonNode record) {
        return record.path("logp_policy").asDouble() - record.path("logp_prior").asDouble();
    }

    @ParameterizedTest
    @CsvSource({"verl", "openrlhf"})
    void dumpsOfOtherTrainersAreAudited(String format) throws IOException {
        Path prior = TinyCheckpoint.write(folder.resolve("prior"), 1);
        Path policy = TinyCheckpoint.write(folder.resolve("policy"), 2);
        List<Sample> samples = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<String> dump = new ArrayList<>();
        try (OpenModel model = OpenModel.open(policy.toString())) {
            for (String prompt : List.of("th", "e")) {
                for (Sample sample :
                        model.draw(model.prompt(prompt, BeginToken.AUTO), 60, Sampling.upTo(4), prompt.length())) {
                    samples.add(sample);
                    ObjectNode record = MAPPER.createObjectNode();
                    record.put("input", prompt);
                    String text = model.texts().text(sample);
                    texts.add(text); // vLLM, as OpenRLHF asks it, leaves the end token in the text
                    boolean marked = format.equals("openrlhf") && sample.finished();
                    record.put("output", text + (marked ? "<|endoftext|>" : ""));
                    if (format.equals("verl")) { // its writer's columns
                        record.putNull("gts");
                        record.put("score", 0.5);
                        record.put("step", 7);
                        record.put("acc", 1.0);
                    }
                    dump.add(record.toString());
                }
            }
        }
        Path file = Files.write(folder.resolve("7.jsonl"), dump);
        LogReading reading = LogReading.standard().with(LogFormat.of(format).fields());
        audit("count:[ae]", List.of(file.toString()), reading, DumpSteps.only(), prior, policy);
        String lines = String.join("\n", told);
        assertThat(lines).contains("were cut at 4 tokens").contains("drew 120 texts");
        List<JsonNode> records = lines(folder.resolve("log.jsonl"));
        for (int i = 0; i < samples.size(); i++) {
            assertThat(MAPPER.convertValue(records.get(i).path("ids"), int[].class))
                    .isEqualTo(samples.get(i).tokens());
            assertThat(records.get(i).path("logp_policy").asDouble())
                    .isCloseTo(samples.get(i).logProb(), within(1e-4));
            assertThat(records.get(i).path("reward").path("count:[ae]").asInt(-1))
                    .isEqualTo(texts.get(i).replaceAll("[^ae]", "").length());
        }
        if (format.equals("verl")) {
            assertThat(lines).contains("the reward count:[ae] is another than the log's own on");
        }
        assertThat(Arrays.asList("prior", "policy"))
                .containsAll(records.stream()
                        .map(record -> record.path("source").asText())
                        .distinct()
                        .toList());
    }

    /** Each ended in a fault of the program, without the file. */
    @Test
    void aDumpThatIsEmptyOrLongerThanItsModelIsRefusedByItsPlace() throws IOException {
        Path prior = TinyCheckpoint.write(folder.resolve("prior"), 1);
        Path policy = TinyCheckpoint.write(folder.resolve("policy"), 2);
        LogReading reading = LogReading.standard().with(LogFormat.of("trl").fields());
        Path none = Files.writeString(folder.resolve("none.jsonl"), "\n");
        assertThatThrownBy(() -> audit("length", List.of(none.toString()), reading, DumpSteps.only(), prior, policy))
                .isInstanceOf(InputException.class)
                .hasMessage(none + ": empty; a dump has at least one record");
        String record = "{\"prompt\":\"th\",\"completion\":\"%s\"}\n";
        Path far = Files.writeString(
                folder.resolve("far.jsonl"), record.formatted("ae") + record.formatted("aeaeaeaeaeaeae"));
        assertThatThrownBy(() -> audit("length", List.of(far.toString()), reading, DumpSteps.only(), prior, policy))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(far + ":2: field 'completion' is too long; the text has ")
                .hasMessageContaining("the model's context window is 8");
        Path full =
                Files.writeString(folder.resolve("full.jsonl"), record.formatted("ae") + record.formatted("aeaeae"));
        audit("length", List.of(full.toString()), reading, DumpSteps.only(), prior, policy);
        assertThat(lines(folder.resolve("log.jsonl"))).hasSizeGreaterThan(2);
    }
}
