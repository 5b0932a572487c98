package dev.credence.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.data.files.FileHash;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Jars that the archive packs are those whose SHA-256 is pinned in the source tree. The archive's own build holds all of them against it;
 * here those that are read in a moment are, so that a new version is seen before.
 */
class PinnedJarsTest {
    private static final Path PINS = Path.of("../dist/checksums.sha256");
    private static final long MOST = 20_000_000; // bytes
    private static final int HASH = 64;

    @Test
    void whatIsOnTheClassPathIsWhatIsPinned() throws Exception {
        Map<String, String> pinned = Files.readAllLines(PINS).stream()
                .collect(Collectors.toMap(line -> line.substring(HASH + 2), line -> line.substring(0, HASH)));
        Map<String, Path> there = new TreeMap<>();
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(jar -> jar.toString().endsWith(".jar"))
                .forEach(jar -> there.put(jar.getFileName().toString(), jar));
        assertThat(there.keySet())
                .as("after a change of versions: java dist/src/checks/Checksums.java --write " + PINS + " FOLDER")
                .containsAll(pinned.keySet());
        for (Map.Entry<String, String> pin : pinned.entrySet()) {
            Path jar = there.get(pin.getKey());
            if (Files.size(jar) <= MOST) {
                assertThat(FileHash.of(jar).sha256()).as(pin.getKey()).isEqualTo(pin.getValue());
            }
        }
    }
}
