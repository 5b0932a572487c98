package dev.credence.bench.speed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the Python peers are and what runs them. */
final class PeerOptions {
    /** The script that needs the other interpreter. */
    static final String LLAMA = "llama_cpp.py";

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

    @Option(
            names = "--llama",
            paramLabel = "PROGRAM",
            description =
                    "Interpreter that has llama.cpp (xllamacpp): it draws and reads beside us the GGUF files in the folders"
                            + " of --sizes, which bench/peers/sizes_gguf.py writes.")
    private @Nullable String llama;

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

    /** Whether llama.cpp is one of them. */
    boolean hasLlama() {
        return llama != null;
    }

    /** Starts one that works turn by turn, and waits until it is warm. */
    TorchPeer start(String script, List<String> arguments) throws IOException {
        return TorchPeer.start(script.equals(LLAMA) ? String.valueOf(llama) : python, script(script), arguments);
    }
}
