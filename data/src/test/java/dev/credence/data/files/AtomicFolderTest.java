package dev.credence.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that is there whole or not at all, and whose failures are told by the names that a user gave. */
class AtomicFolderTest {
    @TempDir
    private Path folder;

    @Test
    void itIsWrittenAsAWhole() throws IOException {
        Path target = folder.resolve("deep/model");
        AtomicFolder.write(target, into -> Files.writeString(into.resolve("a"), "1"));
        assertThat(target.resolve("a")).hasContent("1");
        assertThat(folder.resolve("deep")).isDirectoryContaining(file -> file.equals(target));
    }

    @Test
    void whatFailsAsideIsToldByTheNameThatItWouldHaveHad() {
        Path target = folder.resolve("model");
        assertThatThrownBy(() -> AtomicFolder.write(target, into -> {
                    Files.createFile(into.resolve("first"));
                    throw new FileSystemException(into.resolve("second").toString(), null, "No space left on device");
                }))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(target.resolve("second") + ": No space left on device");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aRenamingThatFailsIsToldByTheFolder() throws IOException {
        Path target = Files.createDirectory(folder.resolve("model"));
        Files.createFile(target.resolve("kept"));
        assertThatThrownBy(() -> AtomicFolder.write(target, into -> Files.createFile(into.resolve("a"))))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(target.toString())
                .hasMessageNotContaining("writing");
        assertThat(target).isDirectoryContaining(file -> file.endsWith("kept"));
        assertThat(folder.resolve(".model.writing")).doesNotExist();
    }
}
