package dev.credence.bench.speed;

import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import dev.credence.lab.models.ModelPrecision;
import dev.credence.lab.models.OpenModel;
import dev.credence.torch.Backend;
import dev.credence.torch.RandomWeights;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Architecture.Attention;
import dev.credence.torch.architecture.Architecture.FeedForward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code bench torch} compares: the models, the sizes, the goals; and what came of it so far. */
final class TorchTasks {
    static final int HEAD_WIDTH = 64;

    private static final int ROWS = 64;
    private static final int NEW_TOKENS = 24;
    private static final int READ = 96;
    private static final int SIZE_PROMPT = 8; // tokens
    private static final int HORIZON = 5;
    private static final String PROMPT = "ROMEO:\n";
    private static final int VOCABULARY = 512; // of the plays, and of the wider models
    private static final int CONTEXT = 128;
    private static final int LAYERS = 4;

    private final TorchSpeed speed;
    private final Path cases;
    private final Consumer<String> report;
    private final List<TorchPairs> pairs = new ArrayList<>();
    private final List<TorchSpeed.Share> shares = new ArrayList<>();

    TorchTasks(TorchSpeed speed, Path cases, Consumer<String> report) {
        this.speed = speed;
        this.cases = cases;
        this.report = report;
    }

    TorchReport report(Backend backend) {
        return new TorchReport(backend.version() + ", " + backend.choice().describe(), pairs, shares);
    }

    /** Rollouts of the plays' prior, and scoring with it. */
    void plays() throws IOException {
        String folder = cases.resolve("plays").resolve("prior").toString();
        try (OpenModel model = OpenModel.open(folder)) {
            int[] prompt = model.prompt(PROMPT, BeginToken.YES);
            measure(
                    new TorchSpeed.Task(
                            "rollouts, " + ROWS + " × " + NEW_TOKENS + ", plays",
                            "tokens",
                            5,
                            "torch_generate.py",
                            List.of(folder, "--prompt", joined(prompt))),
                    TorchWork.rollouts(model.transformer(), prompt, ROWS, NEW_TOKENS));
            int[][] rows = rows(ROWS);
            TorchWork work = TorchWork.scoring(model.transformer(), rows);
            score(model.transformer().architecture(), work, rows, folder, 1.3);
        }
    }

    /** Enumeration of the letters. */
    void letters() {
        String folder = cases.resolve("letters").resolve("prior").toString();
        try (OpenModel model = OpenModel.open(folder)) {
            int[] prompt = model.prompt("", BeginToken.YES);
            measure(
                    new TorchSpeed.Task(
                            "enumeration, letters, horizon " + HORIZON,
                            "texts",
                            10,
                            "torch_enumerate.py",
                            List.of(folder, "--prompt", joined(prompt), "--horizon", Integer.toString(HORIZON))),
                    TorchWork.enumeration(model.transformer(), prompt, HORIZON));
        }
    }

    /** Scoring with the plays' model made wider, with random weights: time depends on the shape alone. */
    void wider(int width, long seed) throws IOException {
        int heads = width / HEAD_WIDTH;
        Architecture architecture = new Architecture(
                VOCABULARY,
                CONTEXT,
                LAYERS,
                width,
                new Attention(heads, heads, HEAD_WIDTH, true, true, false),
                new FeedForward(4 * width, Architecture.Activation.GELU_TANH, false, true),
                new Architecture.Norm(true, 1e-5),
                null,
                new Architecture.Wiring(false, true));
        String peer = "random:" + joined(width, LAYERS, heads, VOCABULARY, CONTEXT);
        try (Transformer model = RandomWeights.model(architecture, seed, Set.of(0), Backend.shared())) {
            int[][] rows = rows(ROWS);
            TorchWork work = TorchWork.unchecked(TorchWork.scoring(model, rows)); // the peer's weights are its own
            score(architecture, work, rows, peer, Double.NaN);
        }
    }

    /** A checkpoint of real size, in some precisions beside the other library in the same. */
    void size(Path folder, List<ModelPrecision> precisions, List<Integer> drawn, int scored) throws IOException {
        for (ModelPrecision precision : precisions) {
            String dtype = precision == ModelPrecision.BF16 ? "bfloat16" : "float32";
            String title = folder.getFileName() + " in " + precision.word();
            List<Path> files = gguf(folder);
            try (OpenModel model = OpenModel.open(folder.toString(), EndChoice.AUTO, precision)) {
                int[] prompt =
                        new SplittableRandom(1).ints(SIZE_PROMPT, 1, VOCABULARY).toArray();
                for (int rows : drawn) {
                    String drawing = title + ": " + rows + " × " + NEW_TOKENS + " drawn";
                    measure(
                            new TorchSpeed.Task(
                                    drawing,
                                    "tokens",
                                    Double.NaN,
                                    "torch_generate.py",
                                    List.of(
                                            folder.toString(),
                                            "--prompt",
                                            joined(prompt),
                                            "--samples",
                                            Integer.toString(rows),
                                            "--dtype",
                                            dtype)),
                            TorchWork.rollouts(model.transformer(), prompt, rows, NEW_TOKENS));
                    List<String> asked = List.of("--draw", joined(prompt), "--samples", Integer.toString(rows));
                    TorchWork work = TorchWork.rollouts(model.transformer(), prompt, rows, NEW_TOKENS);
                    for (Path file : files) {
                        llama(drawing, file, asked, work);
                    }
                    others(drawing, folder, dtype, asked, work);
                }
                scoreSize(folder, model, title, dtype, files, rows(scored));
            }
        }
    }

    /** Files of llama.cpp's beside a checkpoint's; where it is no peer, none. */
    private List<Path> gguf(Path folder) throws IOException {
        if (!speed.peers().hasLlama()) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        }
    }

    /** Beside llama.cpp with one of its files; it rounds at places of its own, so that only what it draws is checked. */
    private void llama(String title, Path file, List<String> arguments, TorchWork work) {
        List<String> all = new ArrayList<>(List.of(file.toString()));
        all.addAll(arguments);
        measure(
                new TorchSpeed.Task(
                        title + ", llama.cpp " + file.getFileName(), "tokens", Double.NaN, PeerOptions.LLAMA, all),
                work);
    }

    /** Beside those that work with the checkpoint itself; they round at places of their own. */
    private void others(String title, Path folder, String dtype, List<String> arguments, TorchWork work) {
        List<String> all = new ArrayList<>(List.of(folder.toString(), "--dtype", dtype));
        all.addAll(arguments);
        speed.peers()
                .ofFolders()
                .forEach((script, name) ->
                        measure(new TorchSpeed.Task(title + ", " + name, "tokens", Double.NaN, script, all), work));
    }

    private void scoreSize(Path folder, OpenModel model, String title, String dtype, List<Path> files, int[][] rows)
            throws IOException {
        String scoring = title + ": " + rows.length + " × " + READ + " scored";
        TorchWork work = TorchWork.scoring(model.transformer(), rows);
        Path ids = Files.createTempFile("credence-ids", ".json");
        ids.toFile().deleteOnExit(); // where a signal ends the process
        try {
            Files.writeString(ids, Arrays.deepToString(rows));
            measure(
                    new TorchSpeed.Task(
                            scoring,
                            "tokens",
                            Double.NaN,
                            "torch_score.py",
                            List.of(folder.toString(), "--ids", ids.toString(), "--dtype", dtype)),
                    dtype.equals("float32") ? work : TorchWork.unchecked(work)); // each rounds at places of its own
            List<String> asked = List.of("--read", ids.toString());
            for (Path file : files) {
                llama(scoring, file, asked, TorchWork.unchecked(work));
            }
            others(scoring, folder, dtype, asked, TorchWork.unchecked(work));
        } finally {
            Files.delete(ids);
        }
    }

    /** Measures, and says at once what came of it: all of it can take hours. */
    private void measure(TorchSpeed.Task task, TorchWork work) {
        TorchPairs pair = speed.measure(task, work);
        pairs.add(pair);
        report.accept(pair.describe());
    }

    private void score(Architecture architecture, TorchWork work, int[][] rows, String peerModel, double goal)
            throws IOException {
        Path ids = Files.createTempFile("credence-ids", ".json");
        ids.toFile().deleteOnExit(); // where a signal ends the process
        try {
            Files.writeString(ids, Arrays.deepToString(rows));
            measure(
                    new TorchSpeed.Task(
                            "scoring, " + ROWS + " × " + READ + ", width " + architecture.width(),
                            "tokens",
                            goal,
                            "torch_score.py",
                            List.of(peerModel, "--ids", ids.toString())),
                    work);
        } finally {
            Files.delete(ids);
        }
        shares.add(speed.share(architecture, work, ROWS, READ));
    }

    /** Rows of one token more than is read: the last is only predicted. */
    private static int[][] rows(int number) {
        SplittableRandom random = new SplittableRandom(1);
        int[][] rows = new int[number][];
        Arrays.setAll(rows, row -> random.ints(READ + 1L, 0, VOCABULARY).toArray());
        return rows;
    }

    private static String joined(int... numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }
}
