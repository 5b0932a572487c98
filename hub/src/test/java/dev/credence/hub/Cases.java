package dev.credence.hub;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The models that other people's tools made, beside the repository; a test that needs them is skipped where they are not. */
final class Cases {
    private static final Path FOLDER = Path.of("../../shared/cases");

    private Cases() {}

    static Path path(String name) {
        Path path = FOLDER.resolve(name);
        assumeTrue(Files.exists(path), "the shared cases are not there: " + name);
        return path;
    }
}
