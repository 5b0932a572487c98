package dev.credence.torch.tensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory that this process may still take: what Linux says is available, within the limit of the control group. The system property
 * {@code credence.memory} (bytes) overrules it. Where nothing tells, there is no limit.
 */
public final class FreeMemory {
    private static final Path SYSTEM = Path.of("/proc/meminfo");
    private static final Path LIMIT = Path.of("/sys/fs/cgroup/memory.max");
    private static final Path TAKEN = Path.of("/sys/fs/cgroup/memory.current");
    private static final Path KINDS = Path.of("/sys/fs/cgroup/memory.stat");
    private static final String AVAILABLE = "MemAvailable:";
    private static final String FILES = "file "; // pages of files, given back where they are needed
    private static final long KILO = 1024;

    private FreeMemory() {}

    /** How many bytes. */
    public static long bytes() {
        Long set = Long.getLong("credence.memory");
        if (set != null) {
            return set;
        }
        long free = number(lines(SYSTEM), AVAILABLE, KILO, Long.MAX_VALUE);
        long limit = number(lines(LIMIT), "", 1, Long.MAX_VALUE);
        if (limit == Long.MAX_VALUE) {
            return free;
        }
        long taken = number(lines(TAKEN), "", 1, 0) - number(lines(KINDS), FILES, 1, 0);
        return Math.min(free, Math.max(0, limit - taken));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static long number(List<String> lines, String begin, long unit, long otherwise) {
        for (String line : lines) {
            String rest =
                    line.startsWith(begin) ? line.substring(begin.length()).strip() : "";
            String digits = rest.split(" ", 2)[0];
            if (!digits.isEmpty() && digits.chars().allMatch(Character::isDigit)) {
                return Long.parseLong(digits) * unit;
            }
        }
        return otherwise;
    }
}
