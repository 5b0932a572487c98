package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.Cases;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Other tools' records: places, words, messages. */
class DumpsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private static ReadOptions options(FieldMap fields) {
        return Logs.options().withFields(fields);
    }

    private static RolloutLog only(LogRead read) {
        assertThat(read.steps()).hasSize(1);
        return read.steps().get(0).log();
    }

    private static List<ObjectNode> given(Path file, FieldMap fields) throws IOException {
        List<ObjectNode> all = new ArrayList<>();
        try (RawRecords records = RawRecords.open(file.toString(), InputStream.nullInputStream())) {
            for (ObjectNode record = records.next(); record != null; record = records.next()) {
                ContractRecords.give(record, fields);
                all.add(record);
            }
        }
        return all;
    }

    private Path resource(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = DumpsTest.class.getResourceAsStream("/dumps/" + name)) {
            Files.copy(java.util.Objects.requireNonNull(in), file);
        }
        return file;
    }

    /** The same records as lines and as Parquet. */
    private RolloutLog both(FieldMap fields, String... lines) throws IOException, SQLException {
        Path json = folder.resolve("rows.jsonl");
        Path parquet = folder.resolve("rows.parquet");
        Files.writeString(json, String.join("\n", lines));
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * FROM read_json('" + json + "')) TO '" + parquet + "' (FORMAT parquet)");
        }
        RolloutLog ofLines = only(read(fields, json));
        RolloutLogReaderTest.assertSameRecords(only(read(fields, parquet)), ofLines);
        return ofLines;
    }

    private static LogRead read(FieldMap fields, Path file) {
        return new RolloutLogReader(options(fields), InputStream.nullInputStream()).read(List.of(file.toString()));
    }

    @Test
    void placesMayBeInArraysAndWordsMayBeMapped() throws IOException, SQLException {
        String line =
                "{\"question\":\"q\",\"choices\":[{\"text\":\"yes\",\"finish_reason\":\"length\"},{\"text\":\"no\"}],"
                        + "\"scores\":[0.5,0.25],\"logp_prior\":-1,\"logp_policy\":-2,\"who\":\"ref\"}";
        FieldMap fields = FieldMap.standard()
                .with("prompt=question")
                .with("completion=choices.0.text")
                .with("finished=choices.0.finish_reason")
                .with("reward=scores.1")
                .with("source=who")
                .withValues("ref=prior,pi=policy");
        String other = line.replace("\"ref\"", "\"pi\"").replace("length", "stop");
        RolloutLog log = both(fields, line, other, line);
        assertThat(log.columns().source()).containsExactly(0, 1, 0);
        assertThat(log.columns().rewards()[0]).containsExactly(0.25, 0.25, 0.25);
        assertThat(log.prompts().get(0).cut()).isEqualTo(2);
        assertThat(log.prompts().get(0).policyTexts()).containsExactly("yes");
    }

    @Test
    void wordsMayBeTruthValuesAndNumbers() throws IOException, SQLException {
        String line = Logs.PRIOR.replace("\"source\":\"prior\"", "\"tuned\":false,\"over\":1");
        FieldMap fields = FieldMap.standard()
                .with("source=tuned")
                .with("finished=over")
                .withValues("true=policy,false=prior")
                .withValues("finished:1=stop,0=length");
        RolloutLog log = both(fields, line, line.replace("false", "true").replace("\"over\":1", "\"over\":0"));
        assertThat(log.columns().source()).containsExactly(0, 1);
        assertThat(log.prompts().get(0).cut()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "finished, true, 0",
        "finished, false, 1",
        "finished, \"length\", 1",
        "finished, \"eos\", 0",
        "finish_reason, \"length\", 1",
        "finish_reason, \"stop\", 0",
        "finish_reason, \"MAX_TOKENS\", 1",
        "truncated, true, 1",
        "truncated, false, 0",
        "truncated, \"true\", 1",
        "finish_reason, null, 0"
    })
    void endsAreReadFromWhatSaysThem(String field, String value, int cut) throws IOException {
        String line = Logs.PRIOR.replace("\"source\"", "\"" + field + "\":" + value + ",\"source\"");
        assertThat(only(Logs.read(line, line)).prompts().get(0).cut()).isEqualTo(2 * cut);
        ObjectNode record = (ObjectNode) MAPPER.readTree(line);
        ContractRecords.give(record, FieldMap.standard());
        assertThat(record.path("finished").asBoolean(true)).isEqualTo(cut == 0);
    }

    @Test
    void anUnknownWordIsAnError() {
        assertThatThrownBy(() -> Logs.read(Logs.PRIOR.replace("\"source\"", "\"finish_reason\":\"odd\",\"source\"")))
                .hasMessageStartingWith(
                        "-:1: field 'finished' is \"odd\"; it must be true or false, or a word such as");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "prior", "=prior", "ref=", "ref=prior,", "prior=policy"})
    void malformedWordsAreRefused(String words) {
        assertThatThrownBy(() -> FieldMap.standard().withValues(words)).isInstanceOf(InputException.class);
    }

    @Test
    void messagesAreOnePromptHoweverTheyAreWritten() throws IOException, SQLException {
        String prompt = "[{\"role\":\"user\",\"content\":\"tea?\"}]";
        String line = Logs.PRIOR
                .replace("\"p\"", prompt)
                .replace("\"a\"", "[{\"role\":\"assistant\",\"content\":\"yes \\u00e9\"}]");
        String other = line.replace(prompt, "[ {\"content\" : \"te\\u0061?\", \"role\":\"user\",\"name\":null} ]");
        RolloutLog log = both(FieldMap.standard(), line, other);
        assertThat(log.prompts())
                .singleElement()
                .extracting(RolloutLog.Prompt::text)
                .isEqualTo(prompt);
        assertThat(log.prompts().get(0).priorTexts()).containsOnly("yes é");
        String tool = "[{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"b\":1,\"a\":null}]}]";
        assertThat(Messages.completion(MAPPER.readTree(tool)))
                .isEqualTo("[{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"b\":1}]}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[1]",
                "[\"a\"]",
                "[{\"role\":\"user\"}]",
                "[{\"content\":\"x\"}]",
                "[{\"role\":1,\"content\":\"\"}]"
            })
    void otherListsAreNoMessages(String prompt) {
        assertThatThrownBy(() -> Logs.read(Logs.PRIOR.replace("\"p\"", prompt)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("-:1: field 'prompt' is ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chat"})
    void theCompletionsOfTrlAreRead(String kind) throws IOException {
        Path file = Cases.file(Path.of("reports", "trl-dumps", kind, "completions", "completions_00001.parquet"));
        FieldMap fields = LogFormat.TRL.fields();
        List<ObjectNode> records = given(file, fields);
        assertThat(records).isNotEmpty().allSatisfy(record -> {
            assertThat(record.path("source").asText()).isEqualTo("policy");
            assertThat(record.path("step").asInt()).isEqualTo(1);
            assertThat(record.path("reward").has("vowels")).isTrue();
            assertThat(record.path("reward").has("tea_only")).isTrue();
        });
        assertThatThrownBy(() -> read(fields, file))
                .hasMessageContaining("'logp_prior' is missing")
                .hasMessageContaining("TRL's completions log has no log-probabilities");
    }

    @Test
    void theDumpOfVerlIsRead() throws IOException {
        List<ObjectNode> records = given(resource("verl-20.jsonl"), LogFormat.VERL.fields());
        assertThat(records).hasSize(3);
        ObjectNode second = records.get(1);
        assertThat(second.path("prompt").asText()).isEqualTo("user\nWhat is 2+2?\nassistant\n");
        assertThat(second.path("completion").asText()).isEqualTo("vier é");
        assertThat(second.path("reward").asDouble(-1)).isZero();
        assertThat(second.path("step").asInt()).isEqualTo(20);
        assertThat(second.path("source").asText()).isEqualTo("policy");
    }

    @Test
    void theBatchesOfOpenRlhfAreRead() throws IOException {
        List<ObjectNode> records = given(resource("openrlhf.jsonl"), LogFormat.OPENRLHF.fields());
        assertThat(records)
                .extracting(record -> record.path("reward").asDouble())
                .containsExactly(0.53125, -1.75);
        assertThat(records.get(0).path("completion").asText()).isEqualTo("hello</s>");
        assertThat(records.get(0).path("source").asText()).isEqualTo("policy");
    }

    /** Of texts that a small model drew, by verl 0.9.1's and OpenRLHF 0.8.11's own code (bench/peers/dumps.py). */
    @Test
    void whatTheWritersOfOtherTrainersWriteIsRead() throws IOException {
        List<ObjectNode> verl = given(resource("verl-0.9-writer.jsonl"), LogFormat.VERL.fields());
        List<ObjectNode> openRlhf = given(resource("openrlhf-0.8-writer.jsonl"), LogFormat.OPENRLHF.fields());
        assertThat(verl).hasSize(6).allSatisfy(record -> {
            assertThat(record.path("reward").asDouble(-1))
                    .isEqualTo(record.path("vowels").asDouble(-2));
            assertThat(record.path("step").asInt()).isEqualTo(200);
        });
        assertThat(openRlhf).hasSize(6).allSatisfy(record -> {
            assertThat(record.path("prompt").asText()).startsWith("<|endoftext|>");
            assertThat(record.has("reward")).isFalse();
        });
        // the same draws: verl leaves the marks out, vLLM as OpenRLHF asks it leaves them in
        for (int i = 0; i < verl.size(); i++) {
            assertThat(openRlhf.get(i).path("completion").asText().replace("<|endoftext|>", ""))
                    .isEqualTo(verl.get(i).path("completion").asText());
        }
    }

    @Test
    void aMappedPlaceGoesBeforeTheContractsName() throws IOException {
        ObjectNode record = (ObjectNode) MAPPER.readTree("{\"reward\":1,\"score\":2,\"a\":{\"b.c\":[3]}}");
        ContractRecords.give(record, FieldMap.standard().with("reward=score").with("tokens=a.b.c.0"));
        assertThat(record.path("reward").asInt()).isEqualTo(2);
        assertThat(record.path("tokens").asInt()).isEqualTo(3);
    }

    @Test
    void halfASurrogatePairIsNotScored() throws IOException {
        Path file = Cases.file(Path.of("reports", "lone-surrogates", "score.jsonl"));
        try (RawRecords records = RawRecords.open(file.toString(), InputStream.nullInputStream())) {
            ObjectNode first = java.util.Objects.requireNonNull(records.next());
            assertThat(records.whole("prompt", first.path("prompt").asText())).isEqualTo("the lamp");
            assertThatThrownBy(() ->
                            records.whole("completion", first.path("completion").asText()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(":1: field 'completion' is half a surrogate pair (\\ud83d at position 4)");
            assertThat(records.whole("x", "😀")).isEqualTo("😀");
        }
    }
}
