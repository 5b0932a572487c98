import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.util.PhysicalCoreExecutor;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Jlama as a peer: draws continuations of one prompt, or scores rows of ids, turn by turn.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector -cp 'JARS/*' Jlama.java FOLDER --draw 0,50,51 [--samples 8] [--new 24] [--dtype float32|bfloat16] [--threads 2]
 * java --add-modules jdk.incubator.vector -cp 'JARS/*' Jlama.java FOLDER --read IDS.json …
 * </pre>
 *
 * It needs a JDK of 21 or newer and the jars of jlama.xml. Jlama works on one text at a time, so that texts are drawn one after the other, at
 * temperature 1 with nothing truncated; the pass over a row of given tokens is one, the head is asked token by token. With bfloat16 its
 * activations are rounded to that. The end token does not end a text: each is of --new tokens.
 */
final class Jlama {
    private static final int WARM_UP = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AbstractModel model;
    private final KvBufferCache buffers;
    private final SplittableRandom random = new SplittableRandom(1);

    private Jlama(AbstractModel model) {
        this.model = model;
        this.buffers = new KvBufferCache(model);
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new HashMap<>(Map.of("--samples", "8", "--new", "24", "--dtype", "float32", "--threads", "2"));
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        int threads = Integer.parseInt(options.get("--threads"));
        PhysicalCoreExecutor.overrideThreadCount(threads);
        DType activations = options.get("--dtype").equals("bfloat16") ? DType.BF16 : DType.F32;
        File folder = withTokenizer(Path.of(arguments[0])).toFile();
        Jlama jlama = new Jlama(ModelSupport.loadModel(folder, DType.F32, activations));
        Supplier<Map<String, Object>> work;
        if (options.containsKey("--draw")) {
            int[] prompt = Arrays.stream(options.get("--draw").split(",")).mapToInt(Integer::parseInt).toArray();
            int samples = Integer.parseInt(options.get("--samples"));
            int tokens = Integer.parseInt(options.get("--new"));
            work = () -> Map.of("tokens", jlama.draw(prompt, samples, tokens));
        } else {
            int[][] rows = JSON.readValue(new File(options.get("--read")), int[][].class);
            work = () -> Map.of("logProb", Arrays.stream(rows).mapToDouble(jlama::score).sum());
        }
        for (int i = 0; i < WARM_UP; i++) {
            work.get();
        }
        System.out.println(JSON.writeValueAsString(Map.of("jlama", version(), "threads", threads)));
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (turns.readLine() != null) {
            long began = System.nanoTime();
            long processor = processorNanos();
            Map<String, Object> figures = new HashMap<>(work.get());
            figures.put("seconds", (System.nanoTime() - began) / 1e9);
            figures.put("processor", (processorNanos() - processor) / 1e9);
            System.out.println(JSON.writeValueAsString(figures));
        }
        System.exit(0); // its threads would go on
    }

    private int draw(int[] prompt, int samples, int tokens) {
        for (int i = 0; i < samples; i++) {
            try (KvBufferCache.KvBuffer kept = buffers.getKvBuffer(UUID.randomUUID());
                    AbstractTensor logits = model.makeDenseTensor(model.getConfig().vocabularySize)) {
                int next;
                try (AbstractTensor read = model.batchForward(prompt, 0, kept)) {
                    next = next(read.slice(prompt.length - 1), logits);
                }
                for (int k = 1; k < tokens; k++) {
                    try (AbstractTensor read = model.forward(next, prompt.length + k - 1, kept, Optional.empty())) {
                        next = next(read, logits);
                    }
                }
            }
        }
        return samples * tokens;
    }

    private int next(AbstractTensor read, AbstractTensor logits) {
        return model.sample(read, 1, (float) random.nextDouble(), logits);
    }

    /** The log-probability of all tokens but the first, in nats. */
    private double score(int[] row) {
        int[] tokens = Arrays.copyOf(row, row.length - 1);
        double sum = 0;
        try (KvBufferCache.KvBuffer kept = buffers.getKvBuffer(UUID.randomUUID());
                AbstractTensor read = model.batchForward(tokens, 0, kept)) {
            for (int k = 0; k < tokens.length; k++) {
                sum += Math.log(model.getLogits(read.slice(k))[row[k + 1]]); // probabilities, by whatever name
            }
        }
        return sum;
    }

    /** The same files and a tokenizer, which Jlama will not do without: here it has the end token and one more. */
    private static Path withTokenizer(Path folder) throws IOException {
        if (Files.exists(folder.resolve("tokenizer.json"))) {
            return folder;
        }
        Path whole = Files.createTempDirectory("jlama");
        List<Path> files;
        try (Stream<Path> there = Files.list(folder)) {
            files = there.filter(file -> !file.toString().endsWith(".gguf")).toList();
        }
        for (Path file : files) {
            Files.createSymbolicLink(whole.resolve(file.getFileName()), file.toAbsolutePath()).toFile().deleteOnExit();
        }
        Path tokenizer = whole.resolve("tokenizer.json");
        JsonNode content = JSON.readTree(
                """
                {"version": "1.0", "added_tokens": [{"id": 0, "content": "<|endoftext|>", "special": true}],
                 "model": {"type": "BPE", "vocab": {"<|endoftext|>": 0, "a": 1}, "merges": []}}
                """);
        JSON.writeValue(tokenizer.toFile(), content);
        Path settings = whole.resolve("tokenizer_config.json");
        Files.writeString(settings, "{\"bos_token\": \"<|endoftext|>\", \"eos_token\": \"<|endoftext|>\"}");
        settings.toFile().deleteOnExit();
        tokenizer.toFile().deleteOnExit();
        whole.toFile().deleteOnExit();
        return whole;
    }

    private static String version() {
        String version = ModelSupport.class.getPackage().getImplementationVersion();
        return version == null ? "of an unknown version" : version;
    }

    private static long processorNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
