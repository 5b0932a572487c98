package dev.credence.bench.speed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the Python peers are and what runs them. */
final class PeerOptions {
    /** The script that needs the other interpreter. */
    static final String LLAMA = "llama_cpp.py";

    /** The source file that needs another JDK than ours. */
    static final String JLAMA = "Jlama.java";

    /** The script that needs an interpreter with vLLM. */
    static final String VLLM = "vllm_cpu.py";

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

    @Option(
            names = "--vllm",
            paramLabel = "PROGRAM",
            description =
                    "Interpreter that has vLLM for processors (bench/peers/requirements-vllm.txt): it draws and scores beside"
                            + " us the folders of --sizes.")
    private @Nullable String vllm;

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

    /** Those that work with a checkpoint's folder itself, besides transformers: by script, what they are called. */
    Map<String, String> ofFolders() {
        Map<String, String> found = new LinkedHashMap<>();
        if (jlama != null) {
            found.put(JLAMA, "Jlama");
        }
        if (vllm != null) {
            found.put(VLLM, "vLLM");
        }
        return found;
    }

    /** Whether a peer computes where we do, and is told where: those by PyTorch. */
    static boolean hasDevice(String script) {
        return !List.of(LLAMA, JLAMA, VLLM).contains(script);
    }

    /** Starts one that works turn by turn, and waits until it is warm. */
    TorchPeer start(String script, List<String> arguments) throws IOException {
        return TorchPeer.start(program(script), script(script), arguments);
    }

    /** What runs a script. */
    private List<String> program(String script) {
        return switch (script) {
            case LLAMA -> List.of(String.valueOf(llama));
            case VLLM -> List.of(String.valueOf(vllm));
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
