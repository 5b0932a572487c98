package dev.credence.data.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    @TempDir
    private Path folder;

    /** Holds a folder until it is killed. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            RunLock.take(Path.of(args[0]));
            System.out.println("held");
            Thread.sleep(TimeUnit.MINUTES.toMillis(1));
        }
    }

    private void isRefused() {
        assertThatThrownBy(() -> RunLock.take(folder))
                .isInstanceOf(InputException.class)
                .hasMessage(folder
                        + ": in use: another process writes to this run; let it end, or end it, and resume then");
    }

    @Test
    void oneAtATimeAndNothingIsLeft() throws IOException {
        try (RunLock lock = RunLock.take(folder)) {
            assertThat(lock).isNotNull();
            isRefused();
            isRefused(); // a refusal does not free it
        }
        assertThat(folder).isEmptyDirectory();
        RunLock.requireFree(folder);
        RunLock.take(folder).close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theLockOfAnotherProcessDiesWithIt() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            byte[] said = other.getInputStream().readNBytes("held".length());
            assertThat(new String(said, StandardCharsets.US_ASCII)).isEqualTo("held");
            isRefused();
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(folder).isNotEmptyDirectory(); // what the lock was on
        RunLock.take(folder).close();
        assertThat(folder).isEmptyDirectory();
    }
}
