package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A page or a follower meets broken files again and again: none of them may keep memory outside Java's. */
class BrokenParquetMemoryTest {
    private static final int READS = 40;
    private static final long MOST = 80; // MB; each kept 4 before

    @TempDir
    private Path folder;

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .sum();
    }

    private void read(Path file) {
        assertThatThrownBy(() -> new RolloutLogReader(
                                ReadOptions.standard(1).withThreads(1), InputStream.nullInputStream())
                        .read(List.of(file.toString())))
                .hasMessageContaining("unreadable Parquet");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aBrokenFileGivesItsMemoryBack() throws IOException {
        Path file = Files.writeString(folder.resolve("broken.parquet"), "PAR1" + "x".repeat(100) + "PAR1");
        for (int i = 0; i < 5; i++) {
            read(file);
        }
        long before = resident();
        for (int i = 0; i < READS; i++) {
            read(file);
        }
        assertThat(resident() - before).as("MB that stay").isLessThan(MOST);
    }
}
