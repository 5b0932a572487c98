package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.lab.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A following that is asked to end ends at once where it only waits, and says so where what it does takes longer. */
class InterruptedFollowingTest {
    @TempDir
    private Path folder = Path.of("");

    private Process start(String name, long look) throws IOException {
        return JavaProcess.of(
                        folder.resolve(name),
                        InterruptedFollowing.class.getName(),
                        folder.resolve(name + "-kept").toString(),
                        Long.toString(look))
                .start();
    }

    private void end(Process process, String name) throws IOException, InterruptedException {
        while (process.isAlive() && !Files.readString(folder.resolve(name)).contains("looks")) {
            Thread.sleep(10);
        }
        Thread.sleep(100); // the wait behind the first look
        process.destroy();
    }

    @Test
    void asksForPatienceOrEndsAtOnce() throws IOException, InterruptedException {
        Process waits = start("waits", 0);
        Process looks = start("looks", 2_600);
        try {
            end(waits, "waits");
            end(looks, "looks");
            assertThat(waits.waitFor(30, TimeUnit.SECONDS))
                    .as("it has an hour between two looks")
                    .isTrue();
            assertThat(looks.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            waits.destroyForcibly();
            looks.destroyForcibly();
        }
        assertThat(folder.resolve("waits"))
                .content()
                .contains("stopped: 0 steps are audited")
                .doesNotContain("interrupted");
        assertThat(folder.resolve("looks"))
                .content()
                .contains("interrupted: what was begun is brought to an end and kept first")
                .contains("stopped: 0 steps are audited");
    }
}
