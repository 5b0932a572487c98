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

    /** The source file that needs another JDK than ours. */
    static final String JLAMA = "Jlama.java";

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

    @Option(
            names = "--jlama",
            paramLabel = "DIR",
            description =
                    "Folder of Jlama's jars (bench/peers/jlama.xml says how to get them): it draws and scores beside us"
                            + " the folders of --sizes, a text at a time.")
    private @Nullable Path jlama;

    @Option(
            names = "--jlama-java",
            paramLabel = "PROGRAM",
            defaultValue = "java",
            description = "The java of a JDK of 21 or newer, for Jlama (default java).")
    private String jlamaJava = "java";

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

    /** Whether Jlama is one of them. */
    boolean hasJlama() {
        return jlama != null;
    }

    /** Starts one that works turn by turn, and waits until it is warm. */
    TorchPeer start(String script, List<String> arguments) throws IOException {
        return TorchPeer.start(program(script), script(script), arguments);
    }

    /** What runs a script. */
    private List<String> program(String script) {
        return switch (script) {
            case LLAMA -> List.of(String.valueOf(llama));
            case JLAMA ->
                List.of(
                        jlamaJava,
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        jlama + "/*");
            default -> List.of(python);
        };
    }
}
