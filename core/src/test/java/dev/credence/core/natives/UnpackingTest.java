package dev.credence.core.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that unpack the same library at once do so one after the other. */
class UnpackingTest {
    @TempDir
    private static Path folder = Path.of("");

    /** Run as a process: unpacks a file piece by piece where it is not whole, as a library of its loader would. */
    static final class Unpacker {
        private Unpacker() {}

        public static void main(String[] args) {
            Path shared = Path.of(args[0]);
            Unpacking.once(shared, "tried-1", () -> {
                try {
                    unpack(shared.resolve("library"));
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        private static void unpack(Path file) throws IOException, InterruptedException {
            if (Files.exists(file)) {
                if (Files.size(file) != 3) {
                    throw new IllegalStateException("another has written " + Files.size(file) + " of 3");
                }
                return;
            }
            for (int i = 0; i < 3; i++) {
                Files.write(file, new byte[] {1}, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                Thread.sleep(100);
            }
        }
    }

    @Test
    void processesWaitForTheOneThatUnpacks() throws IOException, InterruptedException {
        Path shared = folder.resolve("new/cache");
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Unpacker.class.getName(),
                            shared.toString())
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process process : processes) {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        }
        assertThat(Files.size(shared.resolve("library"))).isEqualTo(3);
        assertThat(shared.resolve("tried-1.unpacked")).exists();
    }

    @Test
    void whatFailsIsTriedAgainAndAFolderThatCannotBeLockedHindersNobody() throws IOException {
        List<String> loaded = new ArrayList<>();
        assertThatThrownBy(() -> Unpacking.once(folder, "broken-1", () -> {
                    throw new UnsatisfiedLinkError("no such library");
                }))
                .isInstanceOf(UnsatisfiedLinkError.class);
        assertThat(folder.resolve("broken-1.unpacked")).doesNotExist();
        Unpacking.once(folder, "broken-1", () -> loaded.add("again"));
        Unpacking.once(folder, "broken-1", () -> loaded.add("once more"));
        assertThat(folder.resolve("broken-1.unpacked")).exists();

        Path file = Files.writeString(folder.resolve("file"), "no folder");
        Unpacking.once(file.resolve("below"), "other-1", () -> loaded.add("unlocked"));
        assertThat(loaded).containsExactly("again", "once more", "unlocked");
    }
}
