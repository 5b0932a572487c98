package dev.credence.bench.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a coverage-guided fuzzer comes in: {@code -Dcredence.fuzz.target=JSON_LINES} names a {@link FuzzTarget}. How to
 * run it is in docs/reliability.md.
 */
public final class ReadersFuzz {
    private static final FuzzTarget TARGET =
            FuzzTarget.valueOf(System.getProperty("credence.fuzz.target", "JSON_LINES"));
    private static final Path FOLDER = folder();

    private ReadersFuzz() {}

    /**
     * One input.
     *
     * @param input any bytes
     * @throws IOException if it is neither read nor refused
     */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        TARGET.tryOn(input, FOLDER);
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("credence-fuzz");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
