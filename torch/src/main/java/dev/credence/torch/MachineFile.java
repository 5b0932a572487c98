package dev.credence.torch;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What was measured on this machine, in a file of the user's cache folder; another machine that shares the folder measures anew. */
final class MachineFile {
    private static final String MACHINE = "machine";

    private final Path file;

    MachineFile(Path file) {
        this.file = file;
    }

    static MachineFile named(String name) {
        return new MachineFile(folder().resolve(name));
    }

    private static Path folder() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return base.resolve("credence");
    }

    /** Processor and JVM: a folder shared by different machines must not pass one's choice to another. */
    private static String machine() {
        String model = "";
        try {
            model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name") || line.startsWith("flags"))
                    .limit(2)
                    .reduce("", (a, b) -> a + b);
        } catch (IOException e) {
            model = "unknown"; // not Linux: the architecture has to do
        }
        return System.getProperty("os.arch") + " " + Integer.toHexString(model.hashCode());
    }

    /** Null where there is none, or it is another machine's. */
    @Nullable
    Properties read() {
        if (!Files.isReadable(file)) {
            return null;
        }
        Properties kept = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            kept.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            return null; // damaged: measured again
        }
        return machine().equals(kept.getProperty(MACHINE)) ? kept : null;
    }

    void write(Properties measured) {
        measured.setProperty(MACHINE, machine());
        try {
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = Files.createTempFile(folder, "measured", ".part");
            try (Writer writer = Files.newBufferedWriter(fresh)) {
                measured.store(writer, "measured by Credence; delete to measure again");
            }
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return; // a cache that cannot be written costs a measurement at the next start, nothing else
        }
    }
}
