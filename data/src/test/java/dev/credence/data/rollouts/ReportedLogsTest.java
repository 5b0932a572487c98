package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.Cases;
import dev.credence.data.rewards.RewardExpression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people reported of logs, each with its right value. */
class ReportedLogsTest {
    private static Path report(String name) {
        return Cases.file(Path.of("reports").resolve(name));
    }

    private static LogRead read(ReadOptions options, Path... files) {
        return new RolloutLogReader(options, InputStream.nullInputStream())
                .read(List.of(files).stream().map(Path::toString).toList());
    }

    private static LogRead read(String... names) {
        return read(
                Logs.options(),
                List.of(names).stream().map(ReportedLogsTest::report).toArray(Path[]::new));
    }

    private static RolloutLog log(LogRead read) {
        assertThat(read.steps()).hasSize(1);
        return read.steps().get(0).log();
    }

    @Test
    void aSumThatContradictsItsTermsIsRefused() {
        assertThatThrownBy(() -> read("sums-disagree/sum-disagrees.jsonl"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("sum-disagrees.jsonl:1: field 'logp_policy' is -2.2308000395052137;")
                .hasMessageEndingWith("it is the sum of token_logp_policy, which is -1.1154000197526068");
        assertThat(read("sums-disagree/good.jsonl").records()).isEqualTo(1_600);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null.jsonl", "null.parquet"})
    void nullInAnArrayIsRefusedAlike(String name) {
        assertThatThrownBy(() -> read("null-in-token-arrays/" + name))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(name + ":1: field 'token_logp_p")
                .hasMessageContaining("is null at position 0; every token of the completion has a log-probability");
    }

    @Test
    void minus9999IsMinusInfinity() {
        LogRead read = read("sentinel-9999/sentinel.jsonl");
        RolloutLog expected = log(read("sentinel-9999/inf.jsonl"));
        RolloutLogReaderTest.assertSameRecords(log(read), expected);
        assertThat(read.oddities().sentinels().count()).isEqualTo(457);
        assertThat(read.oddities().sentinels().first())
                .endsWith("sentinel.jsonl:1: field 'logp_policy' is or holds -9999.0");
        assertThat(read.warnings()).singleElement().asString().startsWith("457 log-probabilities such as -9999");
        assertThat(read("sentinel-9999/inf.jsonl").warnings()).isEmpty();
    }

    @Test
    void allMembersOfAGzipFileAreRead() {
        assertThat(read("gzip-members/all.jsonl.gz").records()).isEqualTo(8_000);
    }

    @Test
    void allMembersAreReadThroughAPipeThatPauses() throws IOException {
        byte[][] parts = new byte[4][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Files.readAllBytes(report("gzip-members/part" + i + ".gz"));
        }
        try (PipedOutputStream out = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(out, 1 << 16)) {
            Thread writer = new Thread(() -> {
                try (out) {
                    for (byte[] part : parts) {
                        out.write(part);
                        out.flush();
                        Thread.sleep(150);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            writer.start();
            assertThat(new RolloutLogReader(Logs.options(), in)
                            .read(List.of("-"))
                            .records())
                    .isEqualTo(8_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reward=2", "step=100"})
    void namesOfFoldersAreNoColumns(String folder) {
        LogRead plain = read("folder-names/sweep/plain/rollouts.parquet");
        LogRead found = read("folder-names/sweep/" + folder + "/rollouts.parquet");
        assertThat(found.steps().get(0).step()).isEqualTo(plain.steps().get(0).step());
        RolloutLogReaderTest.assertSameRecords(log(found), log(plain));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bom.jsonl", "bom-inside.jsonl", "crlf.jsonl"})
    void byteOrderMarksAreSkippedWhereverALineBegins(String name) throws IOException {
        long lines;
        try (var all = Files.lines(report("byte-order-marks/" + name))) {
            lines = all.filter(line -> !line.isBlank()).count();
        }
        assertThat(read("byte-order-marks/" + name).records()).isEqualTo(lines);
        try (RawRecords records =
                RawRecords.open(report("byte-order-marks/" + name).toString(), InputStream.nullInputStream())) {
            while (records.next() != null) {
                lines--;
            }
        }
        assertThat(lines).isZero();
    }

    /** Python's writer of JSON spells them so, and the reader of logs takes them too. */
    @Test
    void theRecordsOfALogThatIsAddedToMayHoldWhatIsNoFiniteNumber(@TempDir Path folder) throws IOException {
        Path log = Files.writeString(
                folder.resolve("log.jsonl"), "{\"logp_policy\": -Infinity, \"other\": NaN, \"most\": Infinity}\n");
        try (RawRecords records = RawRecords.open(log.toString(), InputStream.nullInputStream())) {
            ObjectNode record = records.next();
            assertThat(record.get("logp_policy").asText()).isEqualTo("-inf");
            assertThat(record.get("most").asText()).isEqualTo("inf");
            assertThat(record.get("other").asDouble()).isNaN();
        }
    }

    @Test
    void onlyTheRewardThatIsAskedForMatters() {
        LogRead read = read("other-rewards-null/null-part.jsonl");
        assertThat(log(read).rewardNames()).containsExactly("total");
        assertThat(read.oddities().partialRewards()).containsOnlyKeys("helpful");
        assertThat(read.oddities().partialRewards().get("helpful")).endsWith("null-part.jsonl:2");
        assertThat(read.warnings()).singleElement().asString().contains("helpful", "null-part.jsonl:2");
        LogRead names = read("other-rewards-null/names-differ.jsonl");
        assertThat(log(names).rewardNames()).containsExactly("a");
        assertThat(names.oddities().partialRewards()).containsOnlyKeys("b");
    }

    @Test
    void aRewardThatIsAskedForMustBeThere() {
        ReadOptions options = Logs.options().withRewards(Map.of("asked", RewardExpression.parse("field:helpful")));
        assertThatThrownBy(() -> read(options, report("other-rewards-null/null-part.jsonl")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("null-part.jsonl:2: ")
                .hasMessageContaining("every record has a number named helpful");
        ReadOptions total = Logs.options().withRewards(Map.of("asked", RewardExpression.parse("field:total")));
        assertThat(log(read(total, report("other-rewards-null/null-part.jsonl")))
                        .rewardNames())
                .containsExactly("total", "asked");
    }

    @ParameterizedTest
    @CsvSource({"reward=metrics.reward/total, 0", "reward=metrics.a.b.c, 1"})
    void namesMayHaveDotsAndSlashes(String field, double first) {
        ReadOptions options = Logs.options().withFields(FieldMap.standard().with(field));
        RolloutLog log = log(read(options, report("other-rewards-null/dots-and-slashes.jsonl")));
        assertThat(log.rewardNames()).containsExactly("reward");
        assertThat(log.columns().rewards()[0]).startsWith(first);
    }

    @Test
    void degenerateGroupsAreRead() {
        RolloutLog one = log(read("degenerate-groups/one-draw.jsonl"));
        assertThat(one.prompts().stream()
                        .mapToInt(RolloutLog.Prompt::size)
                        .min()
                        .orElseThrow())
                .isLessThanOrEqualTo(2);
        assertThat(log(read("degenerate-groups/flat.jsonl")).columns().rewards()[0])
                .containsOnly(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompts.jsonl", "completions.jsonl"})
    void halfASurrogatePairIsATextOfItsOwn(String name) {
        RolloutLog log = log(read("lone-surrogates/" + name));
        assertThat(log.size()).isPositive();
        long[] text = java.util.Objects.requireNonNull(log.columns().text());
        assertThat(java.util.Arrays.stream(text).distinct().count()).isGreaterThan(1);
    }

    @Test
    void aPackedFileThatIsCutOrDamagedNamesItsByte() throws IOException {
        byte[] all = Files.readAllBytes(report("gzip-members/all.jsonl.gz"));
        int second = (int) Files.size(report("gzip-members/part0.gz"));
        byte[] damaged = all.clone();
        damaged[second + 1000] ^= 0x55;
        assertThatThrownBy(() -> readBytes(damaged))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("compressed data broken or cut at byte ")
                .hasMessageContaining("; part 2 of the file begins at byte " + second + ")");
        assertThatThrownBy(() -> readBytes(java.util.Arrays.copyOf(all, second + 100)))
                .hasMessageContaining("cut at byte " + (second + 100) + " (it ends inside a member; part 2");
        byte[] tail = java.util.Arrays.copyOf(all, all.length + 3);
        assertThat(readBytes(tail).records()).as("zeros at the end").isEqualTo(8_000);
        tail[all.length] = 'x';
        assertThatThrownBy(() -> readBytes(tail)).hasMessageContaining("no gzip member begins here");
    }

    private static LogRead readBytes(byte[] bytes) {
        return new RolloutLogReader(Logs.options(), new ByteArrayInputStream(bytes)).read(List.of("-"));
    }
}
