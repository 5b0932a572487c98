package dev.credence.torch.tensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that this process may still take: what Linux says is available, within the limits of its control groups (of either version, and
 * of those around them) and of its address space. The system property {@code credence.memory} (bytes) overrules it. Where nothing tells,
 * there is no limit.
 */
public final class FreeMemory {
    private static final long KILO = 1024;
    private static final String MEMORY = "memory"; // a controller of the first version

    private final Path root;

    /**
     * What a file system says.
     *
     * @param root of {@code proc} and {@code sys}
     */
    FreeMemory(Path root) {
        this.root = root;
    }

    /** How many bytes. */
    public static long bytes() {
        Long set = Long.getLong("credence.memory");
        return set != null ? set : new FreeMemory(Path.of("/")).read();
    }

    /** How many bytes of this system. */
    long read() {
        long free = number(lines("proc/meminfo"), "MemAvailable:", KILO, Long.MAX_VALUE);
        long limit = number(lines("proc/self/limits"), "Max address space", 1, Long.MAX_VALUE);
        if (limit != Long.MAX_VALUE) {
            long taken = number(lines("proc/self/status"), "VmSize:", KILO, 0);
            free = Math.min(free, Math.max(0, limit - taken));
        }
        for (String line : lines("proc/self/cgroup")) {
            String[] parts = line.split(":", 3); // number, controllers, path
            if (parts.length == 3
                    && (parts[1].isEmpty() || List.of(parts[1].split(",")).contains(MEMORY))) {
                free = Math.min(free, groups(parts[1].isEmpty(), parts[2]));
            }
        }
        return free;
    }

    /** What a control group and those around it leave; a group's own files may be at the top, where it sees no other. */
    private long groups(boolean unified, String path) {
        Path top = root.resolve(unified ? "sys/fs/cgroup" : "sys/fs/cgroup/" + MEMORY);
        @Nullable Path group = top.resolve(path.replaceFirst("^/+", "")).normalize();
        long free = Long.MAX_VALUE;
        for (; group != null && group.startsWith(top); group = group.getParent()) {
            free = Math.min(free, unified ? group(group) : firstVersion(group));
        }
        return free;
    }

    /** Pages of files are given back where they are needed. */
    private long group(Path group) {
        return left(
                number(lines(group.resolve("memory.max")), "", 1, Long.MAX_VALUE),
                number(lines(group.resolve("memory.current")), "", 1, 0),
                number(lines(group.resolve("memory.stat")), "file ", 1, 0));
    }

    private long firstVersion(Path group) {
        return left(
                number(lines(group.resolve("memory.limit_in_bytes")), "", 1, Long.MAX_VALUE),
                number(lines(group.resolve("memory.usage_in_bytes")), "", 1, 0),
                number(lines(group.resolve("memory.stat")), "total_cache ", 1, 0));
    }

    private static long left(long limit, long taken, long files) {
        return limit == Long.MAX_VALUE ? limit : Math.max(0, limit - Math.max(0, taken - files));
    }

    private List<String> lines(String file) {
        return lines(root.resolve(file));
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
            if (!digits.isEmpty() && digits.length() < 18 && digits.chars().allMatch(Character::isDigit)) {
                return Long.parseLong(digits) * unit;
            }
        }
        return otherwise; // a word such as "max", or a number that no machine has
    }
}
