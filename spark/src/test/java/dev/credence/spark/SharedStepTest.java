package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.AuditWords;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.engines.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step whose prompts are shared out among tasks has the figures that it has on one machine, to the last digit. */
class SharedStepTest {
    private static final Path CASES = Path.of("../../shared/cases");
    private static final AuditRequest REQUEST = AuditRequest.standard().atBeta(0.05);

    @TempDir
    private static Path folder = Path.of("");

    private static Engine.@Nullable Session started;

    @BeforeAll
    static void start() {
        System.setProperty(SparkAudit.MOST_RECORDS, "500");
        started = Engine.of("spark").open("local[3]");
    }

    @AfterAll
    static void stop() {
        session().close();
        System.clearProperty(SparkAudit.MOST_RECORDS);
    }

    @AfterEach
    void most() {
        SparkContext.getOrCreate().conf().set(SparkAudit.MOST_RECORDS, "500");
    }

    private static Engine.Session session() {
        return Objects.requireNonNull(started);
    }

    private static void isTheSame(AuditRequest request, String... files) throws IOException {
        List<String> named = List.of(files);
        assertThat(AuditWords.of(request, warnings -> session().audit(named, LogReading.standard(), true, warnings)))
                .isEqualTo(AuditWords.ofLog(request, named, LogReading.standard()));
    }

    /** How many jobs have run. */
    private static long jobs() {
        return SparkContext.getOrCreate().statusTracker().getJobIdsForGroup(null).length;
    }

    @Test
    void stepsOverFilesAndACaseAreSharedOut() throws IOException {
        String log = RecordedLogs.spread(folder.resolve("spread"), 5, 2, 40).toString();
        long before = jobs();
        isTheSame(REQUEST.atBeta(1), log);
        assertThat(jobs() - before)
                .as("jobs: one for the parts, and one a step")
                .isEqualTo(3);
        isTheSame(REQUEST, CASES.resolve("plays/rollouts/rloo-beta0.05.jsonl").toString());
    }

    @Test
    void ofMorePromptsThanAnAuditHoldsThoseAreAskedForThatTellMost() throws IOException {
        List<String> lines = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 8 * 1100; i++) {
            String source = i % 8 < 4 ? "prior" : "policy";
            lines.add(RecordedLogs.record("q" + i / 8, source, random.nextInt(4), RecordedLogs.tilt(1), ""));
        }
        Path log = Files.write(folder.resolve("many.jsonl"), lines);
        List<String> named = List.of(log.toString());
        String local = AuditWords.of(
                REQUEST,
                warnings -> new LogAudit(named, InputStream.nullInputStream(), LogReading.standard(), warnings)
                        .withPromptsFile(null));
        assertThat(local).contains("\"prompts\"", "1100");
        assertThat(AuditWords.of(REQUEST, warnings -> session().audit(named, LogReading.standard(), false, warnings)))
                .isEqualTo(local);
    }

    @Test
    void whatCannotBeSharedOutIsAuditedWhole() throws IOException {
        long before = jobs();
        isTheSame(REQUEST, CASES.resolve("plays/thinned/rloo-beta0.05.jsonl.gz").toString());
        assertThat(jobs() - before)
                .as("jobs: one for the parts, and one for the step")
                .isEqualTo(2);
    }

    @Test
    void whatBreaksARuleIsRefusedAsOnOneMachine() throws IOException {
        Path log = RecordedLogs.spread(folder.resolve("range"), 2, 1, 300);
        isTheSame(REQUEST.within(0, 2), log.toString());
        Path weights = Files.createDirectories(folder.resolve("weights"));
        Files.writeString(
                weights.resolve("a.jsonl"), RecordedLogs.log(RecordedLogs.tilt(1), 200, ", \"prompt_weight\": 1"));
        Files.writeString(weights.resolve("b.jsonl"), RecordedLogs.log(RecordedLogs.tilt(1), 200));
        isTheSame(REQUEST, weights.toString());
    }

    @Test
    void theLimitIsANumber() {
        SparkContext.getOrCreate().conf().set(SparkAudit.MOST_RECORDS, "many");
        List<String> files =
                List.of(CASES.resolve("attack/constant-weights.jsonl").toString());
        assertThatThrownBy(() -> session()
                        .audit(files, LogReading.standard(), true, line -> {})
                        .audit(REQUEST))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("spark.credence.records")
                .hasMessageContaining("many");
    }
}
