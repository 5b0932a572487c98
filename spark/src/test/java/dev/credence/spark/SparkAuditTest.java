package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.AuditWords;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.engines.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Audits on Spark are those of one machine, to the last digit. */
class SparkAuditTest {
    private static final Path CASES = Path.of("../../shared/cases");
    private static final AuditRequest REQUEST = AuditRequest.standard().atBeta(0.05);

    @TempDir
    private static Path folder = Path.of("");

    private static Engine.@Nullable Session started;

    @BeforeAll
    static void start() {
        started = Engine.of("spark").open("local[2]");
    }

    private static Engine.Session session() {
        return Objects.requireNonNull(started);
    }

    @AfterAll
    static void stop() {
        session().close();
    }

    private static void isTheSame(AuditRequest request, String... files) throws IOException {
        List<String> named = List.of(files);
        assertThat(AuditWords.of(request, warnings -> session().audit(named, LogReading.standard(), true, warnings)))
                .isEqualTo(AuditWords.ofLog(request, named, LogReading.standard()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plays/rollouts/dpo-beta0.1.jsonl",
                "plays/rollouts/filtered-sft.jsonl",
                "plays/rollouts/grpo-beta0.jsonl",
                "plays/rollouts/rloo-beta0.05.jsonl",
                "plays/thinned/dpo-beta0.1.jsonl.gz",
                "plays/thinned/rloo-beta0.05.jsonl.gz",
                "attack/constant-weights.jsonl",
                "attack/heldout-policy-only.jsonl",
                "attack/nothing-is-conditioning.jsonl",
                "attack/quantilizer-10.jsonl",
                "attack/rare-conditional.jsonl",
                "attack/unseen-family.jsonl",
                "reports/byte-order-marks/bom-inside.jsonl",
                "reports/degenerate-groups/flat.jsonl",
                "reports/degenerate-groups/one-draw.jsonl",
                "reports/folder-names/sweep/step=100/rollouts.parquet",
                "reports/gzip-members/all.jsonl.gz",
                "reports/lone-surrogates/completions.jsonl",
                "reports/means-for-sums/means.jsonl",
                "reports/null-in-token-arrays/null.parquet",
                "reports/other-rewards-null/names-differ.jsonl",
                "reports/other-rewards-null/null-part.jsonl",
                "reports/sampled-otherwise/top-4.jsonl",
                "reports/sentinel-9999/sentinel.jsonl",
                "reports/sums-disagree/sum-disagrees.jsonl",
            })
    void aCaseGivesTheFiguresOfOneMachine(String log) throws IOException {
        isTheSame(REQUEST, CASES.resolve(log).toString());
    }

    @Test
    void stepsOverFilesAndFilesOverSteps() throws IOException {
        isTheSame(
                REQUEST.atBeta(1),
                RecordedLogs.spread(folder.resolve("spread"), 7, 5, 40).toString());
    }

    @Test
    void foldersBelowAndNamesWithTheirStoreAreFound() throws IOException {
        Path log = RecordedLogs.spread(folder.resolve("deep/below"), 2, 2, 30);
        String local = AuditWords.ofLog(REQUEST, List.of(log.toString()), LogReading.standard());
        List<String> deep = List.of(folder.resolve("deep").toUri().toString());
        String shared =
                AuditWords.of(REQUEST, warnings -> session().audit(deep, LogReading.standard(), true, warnings));
        assertThat(shared.replaceAll("file:/+", "/")).contains("\"bayes_fraction\"");
        assertThat(AuditWords.steps(shared)).isEqualTo(AuditWords.steps(local));
    }

    @Test
    void whatBreaksARuleIsRefusedAsOnOneMachine() throws IOException {
        Path log = RecordedLogs.spread(folder.resolve("broken"), 2, 3, 30);
        Files.writeString(log.resolve("part-1.jsonl"), "{\"prompt\": 1}\n");
        isTheSame(REQUEST, log.toString());
        List<String> none = List.of(folder.resolve("none.jsonl").toString());
        assertThatThrownBy(() -> session()
                        .audit(none, LogReading.standard(), true, line -> {})
                        .audit(REQUEST))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> session()
                        .audit(List.of("-"), LogReading.standard(), true, line -> {})
                        .audit(REQUEST))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("standard input");
    }
}
