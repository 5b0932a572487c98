package dev.credence.bench.speed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the Python peers are and what runs them. */
final class PeerOptions {
    @Option(
            names = "--peers",
            paramLabel = "DIR",
            defaultValue = "bench/peers",
            description = "Folder of the Python peers (default bench/peers).")
    private Path peers = Path.of("bench/peers");

    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            defaultValue = "python3",
            description = "Interpreter that has the peers' libraries (default python3).")
    private String python = "python3";

    /** The standard ones. */
    PeerOptions() {}

    /** Given ones. */
    PeerOptions(String python, Path peers) {
        this.python = python;
        this.peers = peers;
    }

    String python() {
        return python;
    }

    Path script(String name) {
        return peers.resolve(name);
    }

    /** Starts one that works turn by turn, and waits until it is warm. */
    TorchPeer start(String script, List<String> arguments) throws IOException {
        return TorchPeer.start(python, script(script), arguments);
    }
}
