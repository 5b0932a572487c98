package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.StepAudit;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.FollowedAudit;
import dev.credence.lab.audits.FollowedFolder;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.engines.Engine;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder followed by Structured Streaming: the figures are those of the local follower, whatever comes when. */
class SparkFolderTest {
    private static final AuditRequest REQUEST = AuditRequest.standard().atBeta(1);
    private static final double[] DEPARTED = {.05, .10, .60, .25};
    private static final LogReading TOGETHER = new LogReading(
            LogReading.standard().fields(), LogReading.standard().badRecords(), LogReading.Pooling.TOGETHER);
    private static final FollowedAudit.Pace PACE =
            new FollowedAudit.Pace(Duration.ofMillis(100), Duration.ofMillis(50), Duration.ofSeconds(4));

    private static Engine.@Nullable Session started;

    @TempDir
    private Path folder = Path.of("");

    private Path dumps = Path.of("");

    @BeforeAll
    static void start() {
        started = Engine.of("spark").open("local[2]");
    }

    @AfterAll
    static void stop() {
        Objects.requireNonNull(started).close();
    }

    @BeforeEach
    void dumps() throws IOException {
        dumps = Files.createDirectory(folder.resolve("dumps"));
    }

    /** As trainers should: written elsewhere, and put there whole. */
    private void put(String name, int step, double[] policy) {
        try {
            Path whole = Files.writeString(folder.resolve(name), RecordedLogs.log(policy, 60, ", \"step\": " + step));
            Files.move(whole, dumps.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FollowedAudit.Ended follow(String kept, Predicate<StepAudit> fails, Listener progress) throws IOException {
        Path run = Files.createDirectories(folder.resolve(kept));
        FollowedAudit audit = new FollowedAudit(dumps.toString(), TOGETHER, run, PACE, progress);
        try (FollowedFolder shared =
                Objects.requireNonNull(started).follow(new Engine.Followed(dumps.toString(), PACE))) {
            return audit.follow(REQUEST, shared, fails, outcome -> {});
        }
    }

    private AuditOutcome here() throws IOException {
        return new FollowedAudit(dumps.toString(), TOGETHER, folder.resolve("here"), PACE, Listener.silent())
                .follow(REQUEST, step -> false, outcome -> {})
                .outcome();
    }

    private static String figures(AuditOutcome outcome) {
        Provenance none = new Provenance("v", "c", 1, Map.of("described", outcome.described()), outcome.inputs());
        return AuditJson.toString(outcome.report(REQUEST, none));
    }

    /** A step's second file comes a batch later: the step is audited again, on the records of both. */
    @Test
    void batchesGiveTheFiguresOfTheLocalFollower() throws IOException {
        put("step-1-a.jsonl", 1, RecordedLogs.tilt(0.5));
        List<String> lines = new ArrayList<>();
        AuditOutcome shared = follow("shared", step -> false, line -> {
                    lines.add(line);
                    if (line.startsWith("step 1:") && lines.size() == 1) {
                        put("step-1-b.jsonl", 1, RecordedLogs.tilt(0.7));
                        put("step-2.jsonl", 2, DEPARTED);
                    }
                })
                .outcome();
        assertThat(lines).filteredOn(line -> line.startsWith("step 1:")).hasSize(2);
        assertThat(figures(shared)).isEqualTo(figures(here()));
        lines.clear();
        assertThat(figures(follow("shared", step -> false, lines::add).outcome()))
                .as("begun again, nothing is read")
                .isEqualTo(figures(shared));
        assertThat(lines).hasSize(1).first().asString().startsWith("going on: 2 steps are audited");
    }

    /** What was not come to when a step ended it comes again. */
    @Test
    void aStepThatFailsEndsItAndTheRestIsAuditedLater() throws IOException {
        put("step-1.jsonl", 1, DEPARTED);
        put("step-2.jsonl", 2, RecordedLogs.tilt(1));
        FollowedAudit.Ended ended = follow("failing", step -> true, Listener.silent());
        assertThat(ended.held().step()).isEqualTo(1);
        assertThat(ended.outcome().steps()).hasSize(1);
        assertThat(figures(follow("failing", step -> false, Listener.silent()).outcome()))
                .isEqualTo(figures(here()));
    }

    @Test
    void whatBreaksARuleIsLeftOutAndRefusedInTheEnd() throws IOException {
        put("step-1.jsonl", 1, RecordedLogs.tilt(1));
        Files.writeString(dumps.resolve("step-2.jsonl"), "{\"prompt\": 1}\n");
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() -> follow("broken", step -> false, lines::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("step-2.jsonl");
        assertThat(lines).anyMatch(line -> line.startsWith("step 1:"));
    }
}
