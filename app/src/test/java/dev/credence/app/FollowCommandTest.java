package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.lab.audits.RecordedLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that is followed: exit codes, what is kept, what is refused. */
class FollowCommandTest {
    private static final String RUN = "follow-command-test";

    @TempDir
    private Path folder = Path.of("");

    private void write(int step, double[] policy) throws IOException {
        Files.writeString(
                folder.resolve("step-" + step + ".jsonl"), RecordedLogs.log(policy, 60, ", \"step\": " + step));
    }

    private Cli follow(String... more) {
        List<String> given = List.of(
                "audit",
                "--follow",
                folder.toString(),
                "--run",
                RUN,
                "--beta",
                "1",
                "--settled",
                ".05",
                "--idle",
                ".5");
        return Cli.run(Stream.concat(given.stream(), Stream.of(more)).toArray(String[]::new));
    }

    @AfterEach
    void remove() throws IOException {
        Path run = Path.of("runs", RUN);
        if (Files.exists(run)) {
            try (Stream<Path> files = Files.walk(run)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void theFirstStepThatMissesALimitEndsItWithItsExitCode() throws IOException {
        write(1, RecordedLogs.tilt(1));
        write(2, new double[] {.05, .10, .60, .25});
        write(3, RecordedLogs.tilt(1));
        Cli ended = follow("--fail-under", "bayes_fraction=0.9", "--json").exits(4);
        assertThat(ended.json("credence.audit/1").path("steps")).hasSize(2);
        assertThat(ended.err())
                .contains("step 1: ", "step 2: ", "not met: bayes_fraction has lower end")
                .doesNotContain("step 3");
        Cli all = follow("--json").exits(0);
        assertThat(all.json("credence.audit/1").path("steps")).hasSize(3);
        assertThat(all.err()).contains("going on: 2 steps").doesNotContain("step 2: ");
        assertThat(Path.of("runs", RUN, "audit.json")).isRegularFile();
    }

    @Test
    void aRunKeptForAnotherQuestionIsRefusedWithBoth() throws IOException {
        write(1, RecordedLogs.tilt(1));
        Path other = Files.createDirectories(Path.of("runs", RUN, "figures"));
        assertThat(follow().exits(2).err()).contains("there is such a run, which keeps no followed audits");
        Files.delete(other);
        Files.delete(other.getParent());
        follow("--reward-type", "logit").exits(0);
        assertThat(follow("--candidate", "length").exits(2).err())
                .contains("that run keeps the audits of " + folder.toAbsolutePath())
                .contains("reward type logit; asked is now ")
                .contains("candidates length. Ask as then to go on with it, or name another run");
    }

    @Test
    void whatDoesNotGoWithItIsRefused() throws IOException {
        write(1, RecordedLogs.tilt(1));
        assertThat(follow("--engine", "spark").exits(2).err())
                .contains("option --settled is 0.05; an engine takes a file once, as soon as it is there");
        assertThat(Cli.run("audit", "--follow", folder.toString(), "--engine", "spark")
                        .exits(2)
                        .err())
                .contains("not on the class path");
        assertThat(follow("log.jsonl").exits(2).err()).contains("name no other input");
        assertThat(Cli.run("audit", "--follow", folder.toString(), "--idle", "0.01")
                        .exits(2)
                        .err())
                .contains("--idle is 0.01; it is longer than");
        String log = folder.resolve("step-1.jsonl").toString();
        assertThat(Cli.run("audit", log, "--idle", "3").exits(2).err()).contains("--idle is 3.0; it is for a folder");
        assertThat(Cli.run("audit", log, "--engine", "spark").exits(2).err()).contains("not on the class path");
        assertThat(Cli.run("audit", log, "--master", "yarn").exits(2).err()).contains("--master is yarn");
        assertThat(Path.of("runs", RUN)).doesNotExist();
    }
}
