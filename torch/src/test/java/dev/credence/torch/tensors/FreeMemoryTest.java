package dev.credence.torch.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine's files say, written as Linux writes them. */
class FreeMemoryTest {
    private static final long GIGA = 1L << 30;

    @TempDir
    private Path root = Path.of("");

    @BeforeEach
    void machine() throws IOException {
        file("proc/meminfo", "MemTotal:       24000000 kB\nMemFree:         1000 kB\nMemAvailable:   16777216 kB\n");
        file("proc/self/limits", "Max address space         unlimited            unlimited            bytes     \n");
        file("proc/self/status", "Name:\tjava\nVmSize:\t 2097152 kB\n");
    }

    private void file(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }

    private long free() {
        return new FreeMemory(root).read();
    }

    @Test
    void whatLinuxCallsAvailable() {
        assertThat(free()).isEqualTo(16 * GIGA);
        assertThat(new FreeMemory(root.resolve("nothing")).read()).isEqualTo(Long.MAX_VALUE);
    }

    /** A limit may stand at the group, around it, or at the top, where a container sees its own. */
    @Test
    void theTightestControlGroupDecides() throws IOException {
        file("proc/self/cgroup", "0::/outer.slice/inner.scope\n");
        file("sys/fs/cgroup/outer.slice/inner.scope/memory.max", "max\n");
        assertThat(free()).isEqualTo(16 * GIGA);
        file("sys/fs/cgroup/outer.slice/memory.max", 10 * GIGA + "\n");
        file("sys/fs/cgroup/outer.slice/memory.current", 9 * GIGA + "\n");
        file("sys/fs/cgroup/outer.slice/memory.stat", "anon 1\nfile " + 5 * GIGA + "\nfile_mapped 17\n");
        assertThat(free()).isEqualTo(6 * GIGA);
        file("sys/fs/cgroup/memory.max", 3 * GIGA + "\n");
        assertThat(free()).isEqualTo(3 * GIGA);
        file("sys/fs/cgroup/memory.current", 4 * GIGA + "\n");
        assertThat(free()).as("more than the limit").isZero();
    }

    @Test
    void groupsOfTheFirstVersion() throws IOException {
        file("proc/self/cgroup", "11:cpu,cpuacct:/a\n7:memory:/a/b\n0::/\n");
        file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", 8 * GIGA + "\n");
        file("sys/fs/cgroup/memory/a/memory.usage_in_bytes", 5 * GIGA + "\n");
        file("sys/fs/cgroup/memory/a/memory.stat", "cache 7\ntotal_cache " + 2 * GIGA + "\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); // none
        assertThat(free()).isEqualTo(5 * GIGA);
    }

    @Test
    void theAddressSpaceIsALimitToo() throws IOException {
        file(
                "proc/self/limits",
                "Max address space         " + 6 * GIGA + "            unlimited            bytes     \n");
        assertThat(free()).isEqualTo(4 * GIGA);
    }
}
