package dev.credence.lab.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFoldersTest {
    @TempDir
    Path folder;

    @Test
    void aLinkToAFolderIsFollowedAndOneThatLeadsBackEnds() throws IOException {
        Path model = Files.createDirectories(folder.resolve("there/model"));
        Files.writeString(model.resolve("config.json"), "{}");
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("there"));
        Path inner = Files.createDirectories(folder.resolve("links"));
        Files.createSymbolicLink(inner.resolve("a"), model);

        assertThat(PrecisionError.folders(link)).containsExactly(link.resolve("model"));
        assertThat(PrecisionError.folders(inner)).containsExactly(inner.resolve("a"));
        Files.createSymbolicLink(model.resolve("back"), folder.resolve("there"));
        assertThat(PrecisionError.folders(link)).contains(link.resolve("model"));
    }
}
