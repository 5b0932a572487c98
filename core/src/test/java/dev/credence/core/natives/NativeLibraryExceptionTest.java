package dev.credence.core.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a library that does not load: which, where, why, and whether there is room. */
class NativeLibraryExceptionTest {
    @Test
    void theInnermostCauseIsSaidWithItsFolderAndRoom(@TempDir Path folder) {
        Error wrapped = new ExceptionInInitializerError(
                new IllegalStateException("first", new IOException("No space left on device")));
        Path missing = folder.resolve("a").resolve("b");
        assertThat(new NativeLibraryException("zstd", missing, wrapped).getMessage())
                .startsWith(missing + ": zstd cannot be unpacked there, or not loaded: No space left on device (")
                .endsWith(" MB are free there)")
                .doesNotContain(" 0.0 MB")
                .doesNotContain("Exception");
    }

    @Test
    void aSecondFailureNamesNoClass() {
        Error again = new NoClassDefFoundError("Could not initialize class org.example.Loader");
        assertThat(new NativeLibraryException("DuckDB", Path.of("/"), again).getMessage())
                .contains("it failed before in this process")
                .doesNotContain("org.example");
    }
}
