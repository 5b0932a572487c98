package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher decides before Java starts: which audits are too short for the optimising compiler. */
class LauncherTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        size("small.jsonl", 1_000_000);
        size("middle.jsonl", 200_000_000);
        size("large.jsonl", 260_000_000);
        size("packed.jsonl.gz", 40_000_000);
        Files.createDirectory(folder.resolve("logs"));
    }

    /** A file without content takes no room on the disk. */
    private void size(String name, long bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
            file.setLength(bytes);
        }
    }

    private boolean isShort(String arguments) throws IOException, InterruptedException {
        String launcher = Files.readString(Path.of("..", "credence"));
        int from = launcher.indexOf("is_short_audit() {");
        int to = launcher.indexOf("\n}\n", from);
        assertThat(from).isPositive();
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "set -euo pipefail\n" + launcher.substring(from, to + 3)
                        + "if is_short_audit \"$@\"; then echo short; else echo long; fi",
                "credence"));
        command.addAll(List.of(arguments.split(" ")));
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String word = Files.readString(said).strip();
        assertThat(word).isIn("short", "long");
        return word.equals("short");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit small.jsonl --beta 0.05",
                "audit middle.jsonl small.jsonl --reward warm=length",
                "audit small.jsonl -o report.html --json a.json --drop-thin"
            })
    void fewBytesAreShort(String arguments) throws IOException, InterruptedException {
        assertThat(isShort(arguments)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit large.jsonl --beta 0.05",
                "audit middle.jsonl middle.jsonl",
                "audit packed.jsonl.gz",
                "audit none.jsonl",
                "audit -",
                "audit logs small.jsonl",
                "audit small.jsonl --prior base --policy tuned",
                "audit --follow=logs small.jsonl",
                "audit small.jsonl --config audit.yaml",
                "audit small.jsonl -m best-of-n",
                "audit small.jsonl --reward class:Mine",
                "audit",
                "train small.jsonl"
            })
    void manyBytesAndWhatMayTakeLongAreNot(String arguments) throws IOException, InterruptedException {
        assertThat(isShort(arguments)).isFalse();
    }

    @Test
    void noArgumentsAreNoAudit() throws IOException, InterruptedException {
        assertThat(isShort("")).isFalse();
    }
}
