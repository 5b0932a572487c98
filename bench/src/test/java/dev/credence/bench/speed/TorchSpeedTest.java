package dev.credence.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns with a peer, played by a shell script that speaks the protocol. */
class TorchSpeedTest {
    private static final TorchSpeed.Task TASK = new TorchSpeed.Task("work", "tokens", 5, "peer.sh", List.of("model"));

    @TempDir
    private Path folder = Path.of("");

    private int runs;

    private final TorchWork work = new TorchWork() {
        @Override
        public double run() {
            runs++;
            return 100;
        }

        @Override
        public String contradiction(JsonNode figures) {
            return figures.path("tokens").asDouble() == 50 ? "" : "drew " + figures.path("tokens");
        }
    };

    private TorchSpeed speed;

    @BeforeEach
    void shell() {
        speed = new TorchSpeed(new PeerOptions("sh", folder), "cuda:1", 2, 3, 0);
    }

    private void peer(String script) throws IOException {
        Files.writeString(folder.resolve("peer.sh"), script);
    }

    @Test
    void eachTurnOfOursIsBesideOneOfThePeers() throws IOException {
        peer("""
                [ "$*" = 'model --threads 2 --device cuda:1' ] || exit 1
                echo '{"torch": "2"}'
                while read -r line; do echo '{"seconds": 0.5, "processor": 0.8, "tokens": 50}'; done
                """);

        TorchPairs pairs = speed.measure(TASK, work);

        assertThat(pairs.skipped()).isEmpty();
        assertThat(pairs.ours()).hasSize(3);
        assertThat(pairs.theirs()).hasSize(3).allMatch(turn -> turn.seconds() == 0.5 && turn.count() == 50);
        assertThat(runs).isEqualTo(6); // three to warm up
        assertThat(pairs.ratio()).isCloseTo(TorchPairs.rate(pairs.ours()) / 100, within(1e-9));
        double[] ratios = pairs.ours().stream()
                .mapToDouble(turn -> turn.count() / turn.processor() / (50 / 0.8))
                .toArray();
        assertThat(pairs.processorRatio()).isEqualTo(Timing.median(ratios));
        assertThat(pairs.fields()).containsEntry("peerRate", 100.0).containsEntry("goal", 5.0);
        assertThat(pairs.describe())
                .contains("the peer 0.5000 s (0.8000 of a processor)")
                .contains(", by processor ");
    }

    /** One that does not count its processor time is compared by the clock alone. */
    @Test
    void aPeerWithoutProcessorTimeHasNoRatioOfIt() throws IOException {
        peer("echo '{}'\nwhile read -r line; do echo '{\"seconds\": 0.5, \"tokens\": 50}'; done\n");

        TorchPairs pairs = speed.measure(TASK, work);

        assertThat(pairs.processorRatio()).isNaN();
        assertThat(pairs.fields()).containsEntry("processorRatio", null).containsKey("ratio");
        assertThat(pairs.describe()).doesNotContain("by processor");
    }

    @Test
    void aPeerThatComesToAnotherResultIsNotComparedWith() throws IOException {
        peer("echo '{}'\nwhile read -r line; do echo '{\"seconds\": 0.5, \"tokens\": 49}'; done\n");

        assertThatThrownBy(() -> speed.measure(TASK, work))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("peer.sh came to another result: drew 49");
    }

    @Test
    void aPeerThatCannotRunIsSkippedWithTheReason() throws IOException {
        peer("echo 'no module named torch' >&2\nexit 1\n");

        TorchPairs pairs = speed.measure(TASK, work);

        assertThat(pairs.hasPeer()).isFalse();
        assertThat(pairs.ours()).hasSize(3);
        assertThat(pairs.skipped()).isEqualTo("it failed: no module named torch");
        assertThat(pairs.fields()).containsEntry("skipped", pairs.skipped()).doesNotContainKey("ratio");
        Files.delete(folder.resolve("peer.sh"));
        assertThat(speed.measure(TASK, work).skipped()).startsWith("no ").contains("--peers");
    }
}
