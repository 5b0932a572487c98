package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.RolloutLog;
import dev.credence.data.files.AtomicFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RolloutLogWriterTest {
    private static final String ODD = "a\n\"q\" \\ \t é 漢 \uD83D\uDE00 \uFFFD \u0001 'x'";
    private static final String REWARD = "0.5*count:[\"'aeiou.]";

    @TempDir
    private Path folder = Path.of("");

    private static DrawnRecord record(String source, double logPrior, double logPolicy) {
        Map<String, Double> rewards = Map.of(REWARD, 1.0 / 3);
        double kl = source.equals("policy") ? 0.1 + 0.2 : Double.NaN;
        return new DrawnRecord("p " + ODD, ODD, new int[] {3, 0}, true, source, rewards, logPrior, logPolicy, kl, 2);
    }

    private Path write(String name) throws IOException {
        Path file = folder.resolve(name);
        RolloutLogWriter.write(
                file, List.of(record("policy", -1.0 / 7, -2), record("prior", -3, Double.NEGATIVE_INFINITY)));
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"log.jsonl", "log.parquet", "it's.PARQUET"})
    void whatIsWrittenIsRead(String name) throws IOException {
        Path file = write(name);
        InputStream none = InputStream.nullInputStream();
        RolloutLog log = new RolloutLogReader(ReadOptions.standard(1), none)
                .read(List.of(file.toString()))
                .steps()
                .get(0)
                .log();
        assertThat(log.rewardNames()).containsExactly(REWARD);
        assertThat(log.prompts()).hasSize(1);
        assertThat(log.prompts().get(0).text()).isEqualTo("p " + ODD);
        assertThat(log.prompts().get(0).policyTexts()).containsExactly(ODD);
        assertThat(log.columns().logPrior()).containsExactlyInAnyOrder(-1.0 / 7, -3);
        assertThat(log.columns().logPolicy()).containsExactlyInAnyOrder(-2, Double.NEGATIVE_INFINITY);
        assertThat(log.columns().rewards()[0]).containsExactly(1.0 / 3, 1.0 / 3);
        assertThat(log.columns().tokens()).containsExactly(2, 2);
        assertThat(log.columns().tokenKl()).containsExactlyInAnyOrder(0.1 + 0.2, Double.NaN);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).as("nothing is left behind").containsExactly(file);
        }
    }

    /** What lies there in the middle is what the next writer would remove: all of a killed one. */
    @ParameterizedTest
    @ValueSource(strings = {"log.jsonl", "log.parquet"})
    void whatAKilledWriterLeavesIsRemovedByTheNext(String name) throws IOException {
        Path left = Files.createFile(folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp"));
        List<String> during = new ArrayList<>();
        RolloutLogWriter.write(folder.resolve(name), List.of(REWARD), to -> {
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> during.add(String.valueOf(file.getFileName())));
            }
            to.add(record("policy", -1, -2));
        });
        assertThat(left).doesNotExist();
        assertThat(during).isNotEmpty().allMatch(AtomicFile::isLeftOver);
    }

    @ParameterizedTest
    @ValueSource(strings = {"log.jsonl", "log.parquet"})
    void rawRecordsKeepEverything(String name) throws IOException {
        try (RawRecords records = RawRecords.open(write(name).toString(), InputStream.nullInputStream())) {
            ObjectNode first = records.next();
            assertThat(first).isNotNull();
            assertThat(first.path("completion").asText()).isEqualTo(ODD);
            assertThat(first.path("ids").toString()).isEqualTo("[3,0]");
            assertThat(first.path("prompt_weight").asDouble()).isEqualTo(2);
            ObjectNode second = records.next();
            assertThat(second).isNotNull();
            assertThat(second.path("logp_policy").asText()).isEqualTo("-inf");
            assertThat(records.line()).isEqualTo(2);
            assertThat(records.next()).isNull();
        }
    }

    @Test
    void aFolderNamedLikeAColumnGivesItNoValues() throws IOException {
        Files.createDirectory(folder.resolve("prompt_weight=7"));
        try (RawRecords records =
                RawRecords.open(write("prompt_weight=7/log.parquet").toString(), InputStream.nullInputStream())) {
            ObjectNode first = records.next();
            assertThat(first).isNotNull();
            assertThat(first.path("prompt_weight").asDouble()).isEqualTo(2);
        }
    }

    @Test
    void rawRecordsNameTheLine() throws IOException {
        byte[] text = "\n{\"a\": 1}\nnonsense\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (RawRecords records = RawRecords.open("-", new ByteArrayInputStream(text))) {
            records.next();
            assertThatThrownBy(records::next)
                    .hasMessageStartingWith("standard input:3: broken JSON")
                    .hasMessageEndingWith("a line is one JSON object");
        }
    }

    @Test
    void anEmptyLogIsNone() {
        assertThatThrownBy(() -> RolloutLogWriter.write(folder.resolve("x.jsonl"), List.of()))
                .hasMessage("records is empty; a log has at least one");
    }
}
