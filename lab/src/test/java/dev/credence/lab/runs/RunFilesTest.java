package dev.credence.lab.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.RunLock;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who works on a run is alone with it, and one that took no step is taken back. */
class RunFilesTest {
    @TempDir
    private Path folder = Path.of("");

    private StoredRun run;

    @BeforeEach
    void begin() {
        Provenance asked = new Provenance("test", "java", 1, Map.of(), List.of());
        run = StoredRun.begin(
                folder.resolve("run"), new RunRecord("train", List.of(), asked, Map.of(), "2026-01-01T00:00:00Z"));
    }

    private static <T> RunFiles.Work<T> refused() {
        return () -> {
            throw InputException.ofSetting("reward", "x", "it is another");
        };
    }

    @Test
    void aRunThatAnotherWorksOnIsLeftAsItIs() throws IOException {
        try (RunLock lock = RunLock.take(run.path())) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> RunFiles.alone(run, () -> "never"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("in use: another process writes to this run");
            assertThat(run.path().resolve(".lock")).exists();
        }
        assertThat(StoredRun.isThere(run.path())).isTrue();
        assertThat(RunFiles.alone(run, () -> "done")).isEqualTo("done");
        assertThat(run.path().resolve(".lock")).doesNotExist();
    }

    @Test
    void oneThatTookNoStepIsTakenBackAndOneThatDidGoesOn() throws IOException {
        try (Metrics.Appender metrics = run.metrics().append()) {
            metrics.log(new Metrics.Point(1, Map.of("loss", 2.0)));
        }
        assertThatThrownBy(() -> RunFiles.alone(run, refused())).hasMessageContaining("it is another");
        assertThat(StoredRun.isThere(run.path())).isTrue();
        try (Metrics.Appender metrics = run.metrics().append()) {
            metrics.resumed(0);
        }
        assertThatThrownBy(() -> RunFiles.alone(run, refused())).hasMessageContaining("it is another");
        assertThat(run.path()).doesNotExist();
    }
}
