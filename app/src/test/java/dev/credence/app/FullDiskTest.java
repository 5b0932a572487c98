package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.app.console.CheckedOutput;
import dev.credence.app.console.Console;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Standard output that takes so many bytes and no more. */
class FullDiskTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static final class Full extends OutputStream {
        private long left;

        Full(long left) {
            this.left = left;
        }

        @Override
        public void write(int b) throws IOException {
            if (--left < 0) {
                throw new IOException("No space left on device");
            }
        }
    }

    private int run(long room, String... args) {
        CheckedOutput checked = new CheckedOutput(new Full(room));
        Console console = new Console(
                InputStream.nullInputStream(),
                new PrintStream(checked, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Console.Face.PLAIN_FILE);
        return Main.run(args, console, checked);
    }

    private String world() throws IOException {
        Path file = folder.resolve("w.yaml");
        Files.writeString(file, "prior: {a: 0.5, b: 0.5}\nreward: {a: 0, b: 1}\n");
        return file.toString();
    }

    @ParameterizedTest
    @CsvSource({"0", "10", "500"})
    void aCutResultIsAFailure(long room) throws IOException {
        assertThat(run(room, "posterior", world(), "--beta", "1", "--json")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("credence: standard output is cut: No space left on device\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "methods", "completion bash", "help audit", "worlds --json"})
    void soIsACutText(String command) {
        assertThat(run(5, command.split(" "))).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("credence: standard output is cut: No space left on device\n");
    }

    /** What was drawn is not lost for a result that could not be written, and it is said where it is. */
    @Test
    void anAuditOfModelsWhoseResultIsCutKeepsItsLog() throws IOException, InterruptedException {
        Path refuses = Path.of("/proc"); // root may write there, and cannot
        assumeTrue(Files.isWritable(refuses), "no folder that seems to be writable and is not");
        String prior = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        String policy = TinyCheckpoint.write(folder.resolve("policy"), 2).toString();
        String prompts = Files.writeString(folder.resolve("prompts.txt"), "t\n").toString();
        Path said = folder.resolve("said");
        String[] command = {
            "audit",
            "--prior",
            prior,
            "--policy",
            policy,
            "--prompts",
            prompts,
            "--reward",
            "count:[ae]",
            "--max-new-tokens",
            "3",
            "--samples",
            "20",
            "--run",
            "drawn",
            "-o",
            refuses.resolve("a.html").toString()
        };
        Process process = Cli.process(said, command).directory(folder.toFile()).start();
        assertThat(process.waitFor()).as(Files.readString(said)).isEqualTo(1);
        assertThat(said)
                .content()
                .contains(
                        "the log is whole: audit runs/drawn/rollouts.parquet in the place of the models",
                        "credence: /proc/a.html: ");
        assertThat(folder.resolve("runs/drawn/rollouts.parquet")).exists();
    }

    @Test
    void whatFitsIsDone() throws IOException {
        assertThat(run(100_000, "posterior", world(), "--beta", "1", "--json")).isZero();
        assertThat(err.size()).isZero();
    }
}
