package dev.credence.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The logs of real policies that lie beside the repository; tests that need them skip where they are not. */
public final class Cases {
    private Cases() {}

    /**
     * A log of the cases.
     *
     * @param name such as {@code rloo-beta0.05}
     * @return its file
     */
    public static Path rollouts(String name) {
        return file(Path.of("plays", "rollouts", name + ".jsonl"));
    }

    /**
     * A file of the cases.
     *
     * @param name below their folder
     * @return it
     */
    public static Path file(Path name) {
        Path below = Path.of("shared", "cases").resolve(name);
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve(below))) {
            folder = folder.getParent();
        }
        assumeTrue(folder != null, "no ../" + below + ": the cases are not beside this repository");
        return folder.resolve(below);
    }
}
