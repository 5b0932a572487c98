package dev.credence.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonPeerTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void peerThatCannotRunIsSkippedWithItsReason() throws IOException {
        Path script = Files.writeString(folder.resolve("peer.py"), "");
        Path log = Files.writeString(folder.resolve("log.jsonl"), "");

        PythonPeer.Outcome absent = new PythonPeer("no-such-python", script, List.of()).run(log, 1);
        assertThat(absent.timings()).isEmpty();
        assertThat(absent.skipped()).isEqualTo("no-such-python cannot be started");

        PythonPeer.Outcome failed = new PythonPeer("false", script, List.of()).run(log, 1);
        assertThat(failed.skipped()).isEqualTo("peer.py failed");
    }

    @Test
    void peerTimesItself() {
        assertThat(PythonPeer.seconds("1000000 records: read 8.500 s, compute 1.250 s"))
                .isCloseTo(9.75, within(1e-12));
        assertThatThrownBy(() -> PythonPeer.seconds("done"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the peer's last line names no seconds: done");
    }

    @Test
    void medianIsOfEachKindOfTime() {
        Timing median = Timing.median(List.of(new Timing(3, 1), new Timing(1, 5), new Timing(2, 4)));

        assertThat(median).isEqualTo(new Timing(2, 4));
    }
}
