package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyNamesTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({
        "rollouts/rloo-beta0.05.jsonl, rollouts/dpo-beta0.1.jsonl, true",
        "beta0.1.jsonl, beta0.2.jsonl, true",
        "step-100.jsonl, step-200.jsonl, true",
        "checkpoint-100/log.parquet, checkpoint-200/log.parquet, true",
        "seed1/log.jsonl, seed2/log.jsonl, true",
        "best-of-4.jsonl, best-of-16.jsonl, true",
        "rollouts-0001.jsonl, rollouts-0002.jsonl, false",
        "part0.gz, part1.gz, false",
        "rloo.rank3.jsonl, rloo.rank4.jsonl, false",
        "log-00001-of-00008.parquet, log-00002-of-00008.parquet, false",
        "log.jsonl, log.jsonl.gz, false",
        "run-a/log.jsonl, run-b/log.jsonl, true"
    })
    void namesTellPoliciesApart(String first, String second, boolean differ) {
        assertThat(PolicyNames.differ(List.of(first, second))).isEqualTo(differ);
    }

    private String write(String name, String... lines) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, String.join("\n", lines));
        return file.toString();
    }

    private static LogRead read(String... files) {
        return new RolloutLogReader(Logs.options(), InputStream.nullInputStream()).read(List.of(files));
    }

    @Test
    void pooledPoliciesAreRecognised() throws IOException {
        String prior = write("prior.jsonl", Logs.PRIOR, Logs.PRIOR);
        String rloo = write("rloo-beta0.05.jsonl", Logs.PRIOR, Logs.POLICY);
        String dpo = write("dpo-beta0.1.jsonl", Logs.POLICY, Logs.POLICY, Logs.POLICY);
        String elsewhere = write("elsewhere.jsonl", Logs.POLICY.replace("\"p\"", "\"q\""));
        LogRead read = read(prior, rloo, dpo, elsewhere);
        assertThat(read.differentPolicies()).containsExactly(rloo, dpo);
        assertThat(read.files())
                .containsExactly(
                        new LogRead.FileRecords(prior, 2, 0, 0, false),
                        new LogRead.FileRecords(rloo, 1, 1, 0, true),
                        new LogRead.FileRecords(dpo, 0, 3, 0, true),
                        new LogRead.FileRecords(elsewhere, 0, 1, 0, false));
        assertThat(read(prior, rloo).differentPolicies()).isEmpty();
        assertThat(read(rloo, elsewhere).differentPolicies()).isEmpty();
    }

    @Test
    void policiesOfDifferentStepsAreNotPooled() throws IOException {
        String one =
                write("one.jsonl", Logs.POLICY.replace("}", ",\"step\":1}"), Logs.PRIOR.replace("}", ",\"step\":1}"));
        String two =
                write("two.jsonl", Logs.POLICY.replace("}", ",\"step\":2}"), Logs.PRIOR.replace("}", ",\"step\":2}"));
        assertThat(read(one, two).differentPolicies()).isEmpty();
    }
}
