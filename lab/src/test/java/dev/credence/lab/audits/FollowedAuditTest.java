package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome.Side;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder is audited step by step while it is written; killed and begun again, nothing is audited twice. */
class FollowedAuditTest {
    private static final double[] DEPARTED = {.05, .10, .60, .25};
    private static final AuditRequest REQUEST = AuditRequest.standard().atBeta(1);
    private static final FollowedAudit.Pace PACE =
            new FollowedAudit.Pace(Duration.ofMillis(10), Duration.ofMillis(60), Duration.ofMillis(400));

    @TempDir
    private Path folder = Path.of("");

    private Path dumps = Path.of("");
    private Path kept = Path.of("");

    @BeforeEach
    void folders() throws IOException {
        dumps = Files.createDirectory(folder.resolve("dumps"));
        kept = folder.resolve("kept");
    }

    private static String step(int step, double[] policy) {
        return RecordedLogs.log(policy, 60, ", \"step\": " + step);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(dumps.resolve(name), text);
    }

    private static final LogReading TOGETHER = new LogReading(
            LogReading.standard().fields(), LogReading.standard().badRecords(), LogReading.Pooling.TOGETHER);

    private FollowedAudit.Ended follow(AuditRequest request, Predicate<StepAudit> fails, Listener progress)
            throws IOException {
        return follow(LogReading.standard(), request, fails, progress);
    }

    private FollowedAudit.Ended follow(
            LogReading reading, AuditRequest request, Predicate<StepAudit> fails, Listener progress)
            throws IOException {
        return new FollowedAudit(dumps.toString(), reading, kept, PACE, progress).follow(request, fails, outcome -> {});
    }

    private FollowedAudit.Ended follow(Listener progress) throws IOException {
        return follow(REQUEST, step -> false, progress);
    }

    /** Does something when a line begins so, once. */
    private static Listener on(String begin, List<String> lines, Consumer<String> task) {
        return line -> {
            lines.add(line);
            if (line.startsWith(begin)) {
                task.accept(line);
            }
        };
    }

    private void writeLater(String name, String text) {
        try {
            write(name, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String figures(AuditOutcome outcome) {
        Provenance none = new Provenance("v", "c", 1, Map.of("described", outcome.described()), outcome.inputs());
        return AuditJson.toString(outcome.report(REQUEST, none));
    }

    @Test
    void stepsComeWhileItIsWatchedAndAreThoseOfTheWholeLog() throws IOException {
        write("step-01.jsonl", step(1, RecordedLogs.tilt(0.5)));
        List<String> lines = new ArrayList<>();
        Listener trainer = on("step 1:", lines, line -> {
            writeLater("step-02-a.jsonl", step(2, DEPARTED));
            writeLater("step-02-b.jsonl", step(2, DEPARTED));
        });
        AuditOutcome followed =
                follow(TOGETHER, REQUEST, step -> false, trainer).outcome();
        assertThat(lines).filteredOn(line -> line.startsWith("step ")).hasSize(2);
        AuditOutcome whole = new LogAudit(
                        List.of(dumps.toString()), InputStream.nullInputStream(), TOGETHER, line -> {})
                .audit(REQUEST);
        assertThat(figures(followed)).isEqualTo(figures(whole));
    }

    /** As on a full disk: a step whose audit could not be kept is audited when the following is begun again. */
    @Test
    void aStepThatCouldNotBeKeptIsAuditedLater() throws IOException {
        write("step-1.jsonl", step(1, RecordedLogs.tilt(1)));
        write("step-2.jsonl", step(2, DEPARTED));
        Path inTheWay = Files.createDirectories(kept.resolve("steps/000000000000001.kept/in the way"));
        assertThatThrownBy(() -> follow(Listener.silent())).hasMessageContaining("000000000000001.kept");
        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        assertThat(follow(Listener.silent()).outcome().steps())
                .extracting(StepAudit::step)
                .containsExactly(1L, 2L);
    }

    /** As the whole log's audit does: figures of two policies' draws are those of none. */
    @Test
    void filesOfDifferentPoliciesInOneStepAreRefusedUnlessTheyGoTogether() throws IOException {
        write("step-1.jsonl", step(1, RecordedLogs.tilt(1)));
        write("rloo-step-2.jsonl", step(2, RecordedLogs.tilt(1)));
        write("dpo-step-2.jsonl", step(2, DEPARTED));
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() -> follow(lines::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("their names say different policies");
        assertThat(lines).anyMatch(line -> line.startsWith("warning: step 2 is not audited as yet"));
        kept = folder.resolve("together");
        assertThat(follow(TOGETHER, REQUEST, step -> false, Listener.silent())
                        .outcome()
                        .steps())
                .hasSize(2);
    }

    /** A file that is written over with another step's records leaves none of the step that it held. */
    @Test
    void aStepWhoseRecordsWereWrittenOverIsGone() throws IOException {
        write("latest.jsonl", step(1, RecordedLogs.tilt(1)));
        List<String> lines = new ArrayList<>();
        Listener trainer = on("step 1:", lines, line -> writeLater("latest.jsonl", step(2, DEPARTED)));
        AuditOutcome followed = follow(trainer).outcome();
        assertThat(followed.steps()).extracting(StepAudit::step).containsExactly(2L);
        assertThat(lines).anyMatch(line -> line.startsWith("step 1 is gone"));
        AuditOutcome whole = new LogAudit(
                        List.of(dumps.toString()), InputStream.nullInputStream(), LogReading.standard(), line -> {})
                .audit(REQUEST);
        assertThat(figures(followed)).isEqualTo(figures(whole));
        assertThat(follow(Listener.silent()).outcome().steps())
                .extracting(StepAudit::step)
                .containsExactly(2L);
    }

    @Test
    void aFileThatIsRenamedIsTheSameFile() throws IOException {
        write("step-1.jsonl", step(1, RecordedLogs.tilt(0.5)));
        List<String> lines = new ArrayList<>();
        AuditOutcome followed = follow(on("step 1:", lines, line -> {
                    try {
                        Files.move(dumps.resolve("step-1.jsonl"), dumps.resolve("done-1.jsonl"));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .outcome();
        assertThat(lines).filteredOn(line -> line.startsWith("step 1:")).hasSize(1);
        assertThat(lines).noneMatch(line -> line.contains("is gone"));
        AuditOutcome whole = new LogAudit(
                        List.of(dumps.toString()), InputStream.nullInputStream(), LogReading.standard(), line -> {})
                .audit(REQUEST);
        assertThat(followed.inputs()).isEqualTo(whole.inputs());
        assertThat(followed.last().findings()).isEqualTo(whole.last().findings());
    }

    @Test
    void begunAgainItReadsWhatIsNewAlone() throws IOException {
        write("step-01.jsonl", step(1, RecordedLogs.tilt(0.5)));
        write("step-02.jsonl", step(2, RecordedLogs.tilt(1)));
        String before = figures(follow(Listener.silent()).outcome());
        List<String> lines = new ArrayList<>();
        assertThat(figures(follow(lines::add).outcome())).isEqualTo(before);
        assertThat(lines).containsExactly("going on: 2 steps are audited, the last is 2");
        write("step-03.jsonl", step(3, DEPARTED));
        Files.writeString(dumps.resolve("step-02.jsonl"), step(4, DEPARTED), StandardOpenOption.APPEND);
        lines.clear();
        assertThat(follow(lines::add).outcome().steps())
                .extracting(StepAudit::step)
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("step "))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("step 3:"),
                        line -> assertThat(line).startsWith("step 4:"));
        assertThatThrownBy(() -> follow(REQUEST.atBeta(2), step -> false, Listener.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("another question");
    }

    @Test
    void aStoppedOneGoesOn() throws IOException {
        for (int step = 1; step <= 4; step++) {
            write("step-" + step + ".jsonl", step(step, DEPARTED));
        }
        List<String> lines = new ArrayList<>();
        Listener killer = new Listener() {
            @Override
            public void accept(String line) {
                lines.add(line);
            }

            @Override
            public boolean isStopped() {
                return lines.stream().anyMatch(line -> line.startsWith("step 2:"));
            }
        };
        assertThatThrownBy(() -> follow(killer)).isInstanceOf(InterruptedRunException.class);
        List<String> again = new ArrayList<>();
        assertThat(follow(again::add).outcome().steps()).hasSize(4);
        assertThat(again)
                .filteredOn(line -> line.startsWith("step "))
                .extracting(line -> line.substring(0, 7))
                .containsExactly("step 3:", "step 4:");
    }

    @Test
    void theFirstStepThatFailsEndsIt() throws IOException {
        write("step-1.jsonl", step(1, RecordedLogs.tilt(1)));
        write("step-2.jsonl", step(2, DEPARTED));
        write("step-3.jsonl", step(3, RecordedLogs.tilt(1)));
        Threshold least = Threshold.of(Side.UNDER, "bayes_fraction=0.9");
        Predicate<StepAudit> fails = step -> least.outcome(step).isMissed();
        FollowedAudit.Ended ended = follow(REQUEST.within(0, 3), fails, Listener.silent());
        assertThat(ended.held().step()).isEqualTo(2);
        assertThat(ended.outcome().steps()).hasSize(2);
        // without the limit the third is audited, which the end had kept from its turn
        assertThat(follow(REQUEST.within(0, 3), step -> false, Listener.silent())
                        .outcome()
                        .steps())
                .hasSize(3);
    }

    @Test
    void aFileThatIsHalfWrittenIsWaitedForAndABrokenOneIsRefusedInTheEnd() throws IOException {
        String whole = step(2, DEPARTED);
        write("step-1.jsonl", step(1, DEPARTED));
        write("step-2.jsonl", whole.substring(0, whole.length() - 30));
        List<String> lines = new ArrayList<>();
        Listener trainer = on("warning: left out until it changes", lines, line -> writeLater("step-2.jsonl", whole));
        assertThat(follow(trainer).outcome().steps()).hasSize(2);
        write("step-3.parquet", "PAR1");
        assertThatThrownBy(() -> follow(Listener.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("step-3.parquet");
        Files.delete(dumps.resolve("step-3.parquet"));
        assertThat(follow(Listener.silent()).outcome().steps()).hasSize(2);
    }

    @Test
    void recordsWithoutAStepAndEmptyFoldersAreRefused() throws IOException {
        assertThatThrownBy(() -> follow(Listener.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no log found");
        write("log.jsonl", RecordedLogs.log(DEPARTED, 10));
        assertThatThrownBy(() -> follow(Listener.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field 'step' is missing");
    }
}
