package dev.credence.lab.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WorldInputTest {
    /** A run's folder may be called as a world that ships is. */
    @Test
    void aFolderOfItsNameDoesNotHideAWorldThatShips() throws IOException {
        Path folder = Files.createDirectory(Path.of("t19"));
        try {
            assertThat(WorldInput.isWorld("t19")).isTrue();
            assertThat(WorldInput.read("t19").input().name()).isEqualTo("builtin:t19");
            assertThat(NetworkInput.read("t19")).isEmpty();
        } finally {
            Files.delete(folder);
        }
    }
}
