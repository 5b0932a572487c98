package dev.credence.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    @Test
    void aMissingFolderIsAnError() {
        assertThatThrownBy(() -> AtomicFile.write(folder.resolve("no/such/file"), out -> {}))
                .isInstanceOf(IOException.class);
    }
}
