package dev.credence.data.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRunTest {
    @TempDir
    private Path folder;

    private static RunRecord asked() {
        Provenance provenance = new Provenance(
                "1.0", "credence train x", 7, Map.of("steps", "10"), List.of(new Provenance.Input("x", 3, "ab")));
        return new RunRecord("train", List.of("x"), provenance, Map.of("java", "17"), "2026-01-01T00:00:00Z");
    }

    @Test
    void aRunIsFoundAgainAsItWasAsked() throws IOException {
        StoredRun run = StoredRun.begin(folder.resolve("runs/one"), asked());
        assertThat(StoredRun.open(run.path()).asked()).isEqualTo(asked());
        assertThat(run.isDone()).isFalse();
        run.finish(out -> out.write('x'));
        assertThat(run.isDone()).isTrue();
        Files.createDirectory(folder.resolve("runs/other"));
        assertThat(StoredRun.in(folder.resolve("runs"))).hasSize(1);
        assertThat(StoredRun.in(folder.resolve("none"))).isEmpty();
        StoredRun.begin(folder.resolve("runs/two/rloo"), asked());
        StoredRun.begin(folder.resolve("runs/two/deeper/than/that"), asked());
        assertThat(StoredRun.folders(folder.resolve("runs")))
                .as("of several methods in one folder too")
                .containsExactly(folder.resolve("runs/one"), folder.resolve("runs/two/rloo"));
        StoredRun all = StoredRun.begin(folder.resolve("runs/three"), asked().with("method", "rloo,ppo"));
        StoredRun part = StoredRun.begin(folder.resolve("runs/three/ppo"), asked());
        assertThat(StoredRun.folders(folder.resolve("runs"))).contains(all.path(), part.path());
        assertThat(part.whole()).isEqualTo(all.path());
        assertThat(all.whole()).isEqualTo(all.path());
        assertThat(all.asked().provenance().settings()).containsEntry("method", "rloo,ppo");
    }

    /** One that was just made may be another process's, which has not written into it yet. */
    @Test
    void aFolderInWhichNoRunBeganIsFreeAfterAMinute() throws IOException {
        Path made = Files.createDirectory(folder.resolve("made"));
        Path left = Files.createDirectory(folder.resolve("left"));
        Files.writeString(left.resolve(".run.json.0123abcd-0123-4567-89ab-0123456789ab.tmp"), "half");
        FileTime before = FileTime.from(Instant.now().minusSeconds(61));
        Files.setLastModifiedTime(left, before);
        assertThat(StoredRun.takeAbandoned(made)).isFalse();
        assertThat(StoredRun.takeAbandoned(left)).isTrue();
        assertThat(StoredRun.takeAbandoned(left)).as("taken").isFalse();
        StoredRun.begin(left, asked());
        Files.setLastModifiedTime(left, before);
        assertThat(StoredRun.takeAbandoned(left)).as("a run").isFalse();
        assertThat(StoredRun.takeAbandoned(folder.resolve("none"))).isFalse();
    }

    @Test
    void whereResultsGoIsKeptUntilTheRunIsTakenBack() throws IOException {
        StoredRun run = StoredRun.begin(folder.resolve("run"), asked());
        assertThat(run.outputs()).isEmpty();
        run.keepOutputs(Map.of("json", "a.json"));
        assertThat(StoredRun.open(run.path()).outputs()).isEqualTo(Map.of("json", "a.json"));
        run.keepOutputs(Map.of());
        assertThat(run.outputs()).isEmpty();
        Path file = run.path().resolve("outputs.json");
        Files.writeString(file, "{");
        assertThatThrownBy(run::outputs).hasMessageContaining(file + ": broken JSON");
        Files.writeString(file, "{\"schema\": \"credence.audit/1\"}");
        assertThatThrownBy(run::outputs).hasMessageContaining("a run's outputs are credence.outputs/1");
        Files.writeString(run.processLog(1), "it said so");
        Files.writeString(run.processLog(2), "and so");
        Files.createFile(run.path().resolve("metrics.jsonl"));
        run.discard();
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void whereTuningDataComesFromIsKept() throws IOException {
        RecordOrigins origins =
                new RecordOrigins(5, Map.of("left", 3L, "right", 2L), Map.of("raters", 4L), Map.of("small", 1L));
        Provenance provenance = new Provenance(
                "1.0",
                "credence train x",
                7,
                Map.of(),
                List.of(new Provenance.Input("x", 3, "ab").withOrigins(origins)));
        RunRecord asked = new RunRecord("train", List.of("x"), provenance, Map.of(), "2026-01-01T00:00:00Z");
        StoredRun run = StoredRun.begin(folder.resolve("one"), asked);
        assertThat(StoredRun.open(run.path()).asked()).isEqualTo(asked);
        assertThat(Files.readString(run.path().resolve("run.json")))
                .contains("\"generated_by\" : {\n      \"small\" : 1");
    }

    @Test
    void noRunIsWrittenOver() throws IOException {
        StoredRun run = StoredRun.begin(folder.resolve("one"), asked());
        assertThatThrownBy(() -> StoredRun.begin(run.path(), asked()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("one: not empty; a run is never written over");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> StoredRun.begin(file, asked()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("file: a file; a run needs a folder");
        assertThatThrownBy(() -> StoredRun.begin(file.resolve("below"), asked()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("below: not writable (");
        run.discard();
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void aDiskThatFailsIsNoRefusalOfTheFolder() {
        AtomicFile.Writer full = out -> {
            throw new FileSystemException("corpus", null, "No space left on device");
        };
        assertThatThrownBy(() -> StoredRun.begin(folder.resolve("run"), asked(), Map.of("corpus", full)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("corpus: No space left on device");
        assertThat(StoredRun.begin(folder.resolve("run"), asked(), Map.of()).asked())
                .isEqualTo(asked());
    }

    @Test
    void aRecordByItsFormerNameIsRead() throws IOException {
        StoredRun.begin(folder.resolve("run"), asked(), Map.of());
        Path record = folder.resolve("run").resolve("run.json");
        String written = Files.readString(record);
        assertThat(written).contains("\"credence.run-record/1\"");
        Files.writeString(record, written.replace("credence.run-record/1", "credence.run/1"));
        assertThat(StoredRun.open(folder.resolve("run")).asked()).isEqualTo(asked());
    }

    @Test
    void whatIsNoRunIsRefused() throws IOException {
        assertThatThrownBy(() -> StoredRun.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no run; a run's folder holds run.json");
        Files.writeString(folder.resolve("run.json"), "{\"schema\": \"other/1\"}");
        assertThatThrownBy(() -> StoredRun.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field 'schema' is 'other/1'; a run's record is credence.run-record/1");
        Files.writeString(folder.resolve("run.json"), "{");
        assertThatThrownBy(() -> StoredRun.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("run.json: broken JSON");
    }

    @Test
    void aCheckpointIsWholeOrNotThere() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder.resolve("checkpoints"));
        assertThat(checkpoints.last()).isEmpty();
        checkpoints.write(5, into -> Files.writeString(into.resolve("a"), "five"));
        assertThatThrownBy(() -> checkpoints.write(10, into -> {
                    Files.writeString(into.resolve("a"), "half");
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage(checkpoints.path(10) + ": No space left on device");
        assertThatThrownBy(() -> checkpoints.write(10, into -> {
                    throw new UncheckedIOException("cannot write", new IOException("No space left on device"));
                }))
                .isInstanceOf(IOException.class)
                .hasMessage(checkpoints.path(10) + ": No space left on device");
        assertThat(checkpoints.steps()).containsExactly(5L);
        assertThat(checkpoints.path(5).resolve("a")).hasContent("five");
        try (var left = Files.list(folder.resolve("checkpoints"))) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void whatAKillLeavesIsNeverRead() throws IOException {
        Path parent = Files.createDirectories(folder.resolve("checkpoints/.writing"));
        Files.writeString(parent.resolve("a"), "torn");
        Checkpoints checkpoints = new Checkpoints(folder.resolve("checkpoints"));
        assertThat(checkpoints.last()).isEmpty();
        for (long step : new long[] {900, 1000, 20}) {
            checkpoints.write(step, into -> Files.writeString(into.resolve("b"), "whole"));
        }
        assertThat(checkpoints.path(20).resolve("a")).doesNotExist();
        assertThat(checkpoints.steps()).containsExactly(20L, 900L, 1000L);
        assertThat(checkpoints.last()).hasValue(1000);
        checkpoints.prune(2);
        assertThat(checkpoints.steps()).containsExactly(900L, 1000L);
    }

    @Test
    void aTornLastLineIsNoLine() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Metrics metrics = new Metrics(file);
        try (Metrics.Appender appender = metrics.append()) {
            appender.log(new Metrics.Point(1, Map.of("loss", 2.5)));
            appender.log(new Metrics.Point(2, Map.of("loss", Double.NaN)));
        }
        Files.writeString(file, "{\"step\":3,\"lo", StandardOpenOption.APPEND);
        assertThat(metrics.read()).hasSize(2);
        try (Metrics.Appender appender = metrics.append()) {
            appender.resumed(2);
            appender.log(new Metrics.Point(3, Map.of("loss", 1.5)));
            appender.force();
        }
        assertThat(Files.readString(file)).isEqualTo("""
                        {"step":1,"loss":2.5}
                        {"step":2,"loss":null}
                        {"resumed":2}
                        {"step":3,"loss":1.5}
                        """);
        assertThat(metrics.read().get(1).values().get("loss")).isNaN();
        assertThat(metrics.read().get(2)).isEqualTo(new Metrics.Point(3, Map.of("loss", 1.5)));
    }

    @Test
    void stepsBeyondTheCheckpointAreMeasuredAgain() throws IOException {
        Metrics metrics = new Metrics(folder.resolve("metrics.jsonl"));
        try (Metrics.Appender appender = metrics.append()) {
            for (long step = 1; step <= 4; step++) {
                appender.log(new Metrics.Point(step, Map.of("loss", 1.0)));
            }
            appender.resumed(2);
            appender.log(new Metrics.Point(3, Map.of("loss", 9.0)));
        }
        assertThat(metrics.read()).extracting(Metrics.Point::step).containsExactly(1L, 2L, 3L);
        assertThat(metrics.read().get(2).values()).containsEntry("loss", 9.0);
        Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\":1}\n{x\n{\"step\":2}\n");
        assertThatThrownBy(metrics::read)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("metrics.jsonl:2: broken JSON");
    }

    @Test
    void metricsThatAreNoTextAreNamedByTheirLine() throws IOException {
        StoredRun run = StoredRun.begin(folder.resolve("bytes"), asked());
        byte[] broken = "{\"step\":1,\"loss\":2}\n{\"step\":2,\"x\":\"?\"}\n".getBytes(StandardCharsets.UTF_8);
        broken[broken.length - 4] = (byte) 0xff;
        Files.write(run.path().resolve("metrics.jsonl"), broken);
        assertThatThrownBy(() -> run.metrics().read())
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("metrics.jsonl:2: no UTF-8; a run writes one object a line");
        broken[broken.length - 4] = (byte) 0xe4; // the beginning of a character that is not there
        Files.write(run.path().resolve("metrics.jsonl"), broken);
        assertThatThrownBy(() -> run.metrics().read()).hasMessageContaining("metrics.jsonl:2: no UTF-8");
    }

    @Test
    void aFolderWithALockAndWhatAKillLeftIsFree() throws IOException {
        Path left = Files.createDirectories(folder.resolve("left"));
        Files.createFile(left.resolve(".lock"));
        Files.createFile(left.resolve(".run.json.12345678-1234-1234-1234-123456789abc.tmp"));
        StoredRun.requireFree(left);
        assertThat(StoredRun.begin(left, asked()).isDone()).isFalse();
    }
}
