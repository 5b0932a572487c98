package dev.credence.lab.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.provenance.Provenance;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that takes part in a run ends when its work is done, and when the first has gone. */
class RunProcessTest {
    @TempDir
    private Path folder = Path.of("");

    /** Takes part for so long. */
    public static final class Waiting {
        private Waiting() {}

        public static void main(String[] args) throws IOException {
            RunProcess.take(args, (run, place) -> {
                try {
                    Files.createFile(run.path().resolve("here"));
                    Thread.sleep(TimeUnit.SECONDS.toMillis(place.size()));
                    Files.createFile(run.path().resolve("done"));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    private Process start(int seconds) throws IOException, InterruptedException {
        Provenance asked = new Provenance("test", "java", 1, Map.of(), List.of());
        Path run = StoredRun.begin(
                        folder.resolve("run"),
                        new RunRecord("train", List.of(), asked, Map.of(), "2026-01-01T00:00:00Z"))
                .path();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Waiting.class.getName(),
                        run.toString(),
                        "1",
                        Integer.toString(seconds),
                        "1",
                        "nowhere",
                        "127.0.0.1",
                        "0")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        while (process.isAlive() && !Files.exists(run.resolve("here"))) {
            Thread.sleep(10);
        }
        return process;
    }

    @Test
    void itGoesWithTheFirstWhateverItWaitsFor() throws IOException, InterruptedException {
        Process process = start(60);
        try {
            process.getOutputStream().write(RunProcess.BEGUN);
            process.getOutputStream().flush();
            assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
            process.getOutputStream().close();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("run/done")).doesNotExist();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void anInputThatIsNotTheFirstsSaysNothing() throws IOException, InterruptedException {
        Process process = start(1);
        try {
            process.getOutputStream().close(); // as of `ssh -n`
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("run/done")).exists();
        } finally {
            process.destroyForcibly();
        }
    }
}
