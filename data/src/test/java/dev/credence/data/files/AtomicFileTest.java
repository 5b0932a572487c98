package dev.credence.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder = Path.of("");

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void aFileIsWrittenAndReplaced() throws IOException {
        Path file = folder.resolve("a.json");
        AtomicFile.write(file, out -> out.write("one".getBytes(StandardCharsets.UTF_8)));
        AtomicFile.write(file, out -> out.write("two".getBytes(StandardCharsets.UTF_8)));
        assertThat(file).hasContent("two");
        assertThat(names()).containsExactly("a.json");
    }

    @Test
    void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "old");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    out.write("half".getBytes(StandardCharsets.UTF_8));
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("a.json");
    }

    /** A name may have 255 bytes, and the temporary one none more. */
    @Test
    void theLongestNameIsWritten() throws IOException {
        for (String name : List.of("n".repeat(255), "é".repeat(127), "\uD83D\uDE00".repeat(63))) {
            Path file = folder.resolve(name);
            AtomicFile.write(file, out -> out.write(1));
            assertThat(file).hasSize(1);
        }
    }

    /** Of another process none is at hand here: files without a lock stand for those of one that was killed. */
    @Test
    void whatAKilledProcessLeftIsRemovedAndNothingElse() throws IOException {
        Path file = folder.resolve("a.json");
        String left = ".a.json.0123abcd-0123-4567-89ab-0123456789ab.tmp";
        List<String> others = List.of(
                ".b.json.0123abcd-0123-4567-89ab-0123456789ab.tmp", ".a.json.tmp", "a.json.0123abcd.tmp", "a.json");
        for (String name : others) {
            Files.writeString(folder.resolve(name), "x");
        }
        try (ScratchFile held = ScratchFile.beside(file)) {
            Files.writeString(folder.resolve(left), "half");
            ScratchFile.sweep(file);
            assertThat(names())
                    .containsAll(others)
                    .contains(held.path().getFileName().toString())
                    .doesNotContain(left);
        }
        assertThat(names()).containsExactlyInAnyOrderElementsOf(others);
        ScratchFile.sweep(folder.resolve("no/such/file"));
        try (ScratchFile held = ScratchFile.beside(file)) {
            ScratchFile.sweepAll(folder);
            assertThat(names())
                    .as("whatever file it was for")
                    .containsExactlyInAnyOrder(
                            others.get(1),
                            others.get(2),
                            others.get(3),
                            held.path().getFileName().toString());
        }
        ScratchFile.sweepAll(folder.resolve("none"));
    }

    /** Closed in the middle, the channel fails as on a full disk. */
    @Test
    void aFailingDiskIsToldWithTheFileThatWasToBeWritten() throws IOException {
        Path file = folder.resolve("a.json");
        try (ScratchFile scratch = ScratchFile.beside(file)) {
            OutputStream out = scratch.out();
            out.close();
            assertThatThrownBy(() -> out.write(1))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageStartingWith(file.toString());
            assertThatThrownBy(scratch::force)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageStartingWith(file.toString());
        }
        assertThat(names()).isEmpty();
    }

    /** A folder in its place is what a renaming fails at here; a folder that has become read-only is another. */
    @Test
    void aRenamingThatFailsIsToldWithTheFileThatWasToBeWritten() throws IOException {
        Path file = Files.createDirectory(folder.resolve("a.json"));
        Files.createFile(file.resolve("kept"));
        assertThatThrownBy(() -> AtomicFile.write(file, out -> out.write(1)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageNotContaining(".tmp");
        assertThat(names()).containsExactly("a.json");
        assertThat(file.resolve("kept")).exists();
    }

    @Test
    void aMissingFolderIsAnError() {
        Path file = folder.resolve("no/such/file");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString());
    }
}
