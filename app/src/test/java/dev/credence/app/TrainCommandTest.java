package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.app.options.TrainOptions;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.CorpusReader;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.CorpusRun;
import dev.credence.lab.training.CorpusTrainingSettings;
import dev.credence.lab.training.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class TrainCommandTest {
    private static final String MODEL = "model.safetensors";

    @TempDir
    private Path folder;

    private Path corpus = Path.of("");

    @BeforeEach
    void writeCorpus() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append("the cat ")
                    .append("sat ".repeat(i % 5))
                    .append("on mat ")
                    .append(i % 7)
                    .append("\n\n");
        }
        corpus = Files.writeString(folder.resolve("corpus.txt"), text);
    }

    /** A small run; further options override its own. */
    private String[] train(Path run, String... more) {
        Map<String, String> options = new LinkedHashMap<>();
        String own = "--vocabulary 280 --layers 1 --width 16 --heads 2 --context 16 --length 16 --steps 6 --batch 8"
                + " --warmup 2 --lr 0.01 --checkpoint-every 2 --log-every 2 --evaluate-every 3 --validation 0.1";
        for (String[] pairs : new String[][] {own.split(" ", -1), more}) {
            for (int i = 0; i < pairs.length; i += 2) {
                options.put(pairs[i], pairs[i + 1]);
            }
        }
        List<String> arguments = new ArrayList<>(List.of("train", corpus.toString(), "-o", run.toString()));
        options.forEach((name, value) -> arguments.add(name + "=" + value));
        return arguments.toArray(new String[0]);
    }

    /** A run as if it had been killed behind an earlier checkpoint. */
    private static void killBehind(Path run, long step) throws IOException {
        Files.delete(run.resolve("result.json"));
        Files.delete(run.resolve(MODEL));
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            for (Path each : checkpoints.toList()) {
                if (Long.parseLong(each.getFileName().toString().substring(5)) > step) {
                    delete(each);
                }
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aTrainedModelIsAModelForOtherCommands() throws IOException {
        Path run = folder.resolve("run");
        Cli cli = Cli.run(train(
                        run,
                        "--steps",
                        "40",
                        "--tensorboard",
                        "true",
                        "--json",
                        folder.resolve("losses.json").toString()))
                .exits(0);
        assertThat(cli.out())
                .contains(
                        "The model is in " + run,
                        "40 steps",
                        "loss on training documents",
                        "loss on held-out documents");
        assertThat(cli.err()).contains("60 documents, 54 sequences to learn", "step 40/40", "tokens/s");
        JsonNode result = Cli.json(Files.readString(run.resolve("result.json")), "credence.train/1");
        assertThat(result.path("train_loss").asDouble())
                .isLessThan(0.6 * Math.log(280))
                .isPositive();
        assertThat(result.path("validation_loss").asDouble())
                .isLessThan(0.6 * Math.log(280))
                .isPositive();
        assertThat(result.at("/provenance/settings/steps").asText()).isEqualTo("40");
        try (Stream<Path> events = Files.list(run.resolve("tensorboard"))) {
            assertThat(events).hasSize(1);
        }

        Path texts = Files.writeString(
                folder.resolve("texts.jsonl"), "{\"prompt\": \"the\", \"completion\": \" cat on mat 3\"}\n");
        Cli.run("score", run.toString(), texts.toString()).exits(0);
        JsonNode runs = Cli.run("runs", folder.toString(), "--json").exits(0).json("credence.runs/1");
        assertThat(runs.at("/runs/0/status").asText()).isEqualTo("done");
        assertThat(runs.at("/runs/0/step").asLong()).isEqualTo(40);
        Path elsewhere = folder.resolve("a folder of a name that is longer than a column is wide");
        Path longest = elsewhere.resolve("a-run-of-a-long-name-at-beta-0.05-and-its-second");
        Files.createDirectories(longest);
        Files.copy(run.resolve("run.json"), longest.resolve("run.json"));
        assertThat(Cli.run("runs", elsewhere.toString()).exits(0).out().lines())
                .contains("in " + elsewhere)
                .anyMatch(line -> line.startsWith("a-run-of-a-long-name"))
                .anyMatch(line -> line.contains("its-second"));
        assertThat(Cli.run("runs", folder.toString()).exits(0).out()).contains("train", "done");
        Files.delete(folder.resolve("losses.json"));
        assertThat(Cli.run("resume", run.toString()).exits(0).err()).contains("nothing left to do");
        assertThat(folder.resolve("losses.json")).hasSameTextualContentAs(run.resolve("result.json"));

        Path page = folder.resolve("losses.html");
        Cli.run("report", run.toString(), "-o", page.toString()).exits(0);
        assertThat(Files.readString(page)).contains("Training of run", "held out", "Gradient norm", "chart-option");

        Path same = Files.createDirectories(folder.resolve("elsewhere/run"));
        for (String file : new String[] {"run.json", "metrics.jsonl"}) {
            Files.copy(run.resolve(file), same.resolve(file));
        }
        Cli.run("report", run.toString(), same.toString(), "-o", page.toString())
                .exits(0);
        assertThat(Files.readString(page))
                .as("two of one name are told apart by their places")
                .contains("Side by side", "data-run=\"" + run + "\"", "data-run=\"" + same + "\"");

        Path more = folder.resolve("more");
        Cli.run(
                        "train",
                        corpus.toString(),
                        "-o",
                        more.toString(),
                        "--from",
                        run.toString(),
                        "--steps",
                        "2",
                        "--length",
                        "16",
                        "--warmup",
                        "0",
                        "--lr",
                        "1e-5")
                .exits(0);
        double after = Cli.json(Files.readString(more.resolve("result.json")), "credence.train/1")
                .path("train_loss")
                .asDouble();
        assertThat(after)
                .isBetween(
                        0.9 * result.path("train_loss").asDouble(),
                        1.1 * result.path("train_loss").asDouble());
        JsonNode record = Cli.json(Files.readString(more.resolve("run.json")), "credence.run-record/1");
        assertThat(record.at("/settings/from").asText()).as("its own record").isEqualTo(run.toString());
        assertThat(Files.readString(more.resolve("metrics.jsonl"))).doesNotContain("\"step\":40");
        try (Stream<Path> files = Files.list(more.resolve("checkpoints/step-00000002"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .doesNotContain("run.json", "metrics.jsonl", "result.json");
        }
    }

    @Test
    void aConfigurationIsTheSameAsOptions() throws IOException {
        Cli.run(train(folder.resolve("typed"))).exits(0);
        Path config = Files.writeString(folder.resolve("c.yaml"), """
                # all of them
                vocabulary: 280
                layers: 1
                width: 16
                heads: 2
                context: 16
                length: 16
                steps: 5
                batch: 8
                warmup: 2
                lr: 1e-2
                checkpoint-every: 2
                validation: 0.1
                """);
        Path read = folder.resolve("read");
        Cli.run("train", corpus.toString(), "-o", read.toString(), "--config", config.toString(), "--steps", "6")
                .exits(0);
        assertThat(read.resolve(MODEL))
                .hasSameBinaryContentAs(folder.resolve("typed").resolve(MODEL));
        Path other = folder.resolve("other");
        Cli.run(train(other, "--seed", "2")).exits(0);
        assertThat(Files.mismatch(other.resolve(MODEL), read.resolve(MODEL))).isNotNegative();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "steps: 0             | c.yaml:2: field 'steps' is 0; it must be 1 or more",
                "lr: fast             | c.yaml:2: field 'lr' is fast; Invalid value for option '--lr': 'fast' is not a double",
                "step: 3              | c.yaml:2: field 'step' is unknown; did you mean 'steps'?",
                "batch: [1, 2]        | c.yaml:2: field 'batch' is 2 values; it takes one",
                "clip: 0              | c.yaml:2: field 'clip' is 0; it must be a number > 0, or inf",
                "width: 3: 4          | c.yaml:2: broken YAML",
                "documents: sentences | c.yaml:2: field 'documents' is sentences; it is paragraphs"
            })
    void aBadConfigurationIsNamedWithItsLine(String line, String message) throws IOException {
        Path config = Files.writeString(folder.resolve("c.yaml"), "seed: 3\n" + line + "\n");
        Path run = folder.resolve("run");
        Cli cli = Cli.run("train", corpus.toString(), "-o", run.toString(), "--config", config.toString())
                .exits(2);
        assertThat(cli.err()).contains(message);
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--lr NaN        | option --lr is NaN; it must be finite and > 0",
                "--clip 0        | option --clip is 0; it must be a number > 0, or inf",
                "--length 40     | option --length is 40; it must be at most 17: the model has 16 positions",
                "--heads 3       | option --width is 16; it must be a multiple of heads, 3",
                "--from .        | config.json: missing",
                "--tokenizer .   | tokenizer.json: missing",
                "--long drop     | option --long is drop; it is split or cut",
                "--precision fp8 | option --precision is fp8; it is float32 or bf16"
            })
    void badSettingsAreRefusedAndLeaveNothing(String options, String message) {
        Path run = folder.resolve("run");
        assertThat(Cli.run(train(run, options.split(" ", -1))).exits(2).err()).contains(message);
        assertThat(run).doesNotExist();
    }

    /** A run's record says what was asked from Java in the words of the command line. */
    @Test
    void aRunBegunFromJavaGoesOnFromTheCommandLine() throws IOException {
        CorpusTrainingSettings settings = CorpusTrainingSettings.standard()
                .start(Start.FromScratch.standard()
                        .vocabulary(280)
                        .layers(1)
                        .width(16, 2)
                        .context(16))
                .steps(6)
                .batch(8)
                .length(16)
                .measuring(new CorpusTrainingSettings.Measuring(2, 3, 2, 10, Journal.Sinks.none()));
        List<String> files = List.of(corpus.toString());
        Corpus documents = new CorpusReader(
                        settings.corpus().documents(), settings.corpus().field())
                .read(files);
        Path run = folder.resolve("run");
        Provenance asked = new Provenance("test", "java", 3, settings.named(), documents.inputs());
        new CorpusRun(CorpusRun.begin(run, files, asked), settings, documents, line -> {}).go();
        byte[] model = Files.readAllBytes(run.resolve(MODEL));
        killBehind(run, 4);
        assertThat(Cli.run("resume", run.toString()).exits(0).err()).contains("going on from step 4");
        assertThat(run.resolve(MODEL)).hasBinaryContent(model);
    }

    /** The last checkpoint and the way on are told; that the run then ends with the same bytes is tested in the library. */
    @Test
    void whatBreaksOffSaysHowToGoOn() throws IOException {
        Path run = folder.resolve("run");
        Cli.run(train(run)).exits(0);
        killBehind(run, 4);
        Path full = Path.of("/dev/full");
        if (Files.exists(full)) {
            Path metrics = run.resolve("metrics.jsonl");
            Files.delete(metrics);
            Files.createSymbolicLink(metrics, full);
            assertThat(Cli.run("resume", run.toString()).exits(1).err())
                    .contains(
                            "metrics.jsonl: No space left on device",
                            "the checkpoint of step 4 is kept",
                            "credence resume " + run);
        }
        Files.writeString(corpus, "\nmore\n", java.nio.file.StandardOpenOption.APPEND);
        assertThat(Cli.run("resume", run.toString()).exits(2).err())
                .contains("corpus.txt: field 'sha256' is ", "the run began with ");
    }

    /** Long before a checkpoint is due: one who is asked to end writes it, one who is killed cannot, and either way it is said. */
    @Test
    void anInterruptedRunKeepsItsStepsAndAKilledOneSaysThatItDidNot() throws IOException, InterruptedException {
        String[] settings = {"--steps", "300", "--checkpoint-every", "1000", "--log-every", "1"};
        Path whole = folder.resolve("whole");
        Cli.run(train(whole, settings)).exits(0);
        Path run = folder.resolve("run");
        Path log = folder.resolve("child.log");
        Process process = Cli.process(log, train(run, settings)).start();
        waitForStep(run, process);
        process.destroyForcibly();
        process.waitFor();
        assertThat(run.resolve("checkpoints")).doesNotExist();
        process = Cli.process(log, "resume", run.toString()).start();
        waitForStep(run, process);
        process.destroy();
        process.waitFor();
        assertThat(Files.readString(log))
                .contains("no checkpoint was written before the run broke off: going on from step 0")
                .containsPattern(
                        "interrupted after step (\\d+); the checkpoint of step \\1 is kept: `credence resume ");
        assertThat(run.resolve("result.json")).doesNotExist();
        assertThat(Cli.run("resume", run.toString()).exits(0).err()).containsPattern("going on from step [1-9]");
        assertThat(run.resolve(MODEL)).hasSameBinaryContentAs(whole.resolve(MODEL));
    }

    /** Until the process has written figures of a step. */
    private static void waitForStep(Path run, Process process) throws IOException, InterruptedException {
        Path metrics = run.resolve("metrics.jsonl");
        long before = Files.exists(metrics) ? Files.size(metrics) : 0;
        while (process.isAlive()
                && (!Files.exists(metrics) || Files.size(metrics) < before + 200)) { // more than the line of going on
            Thread.sleep(2);
        }
    }

    @Test
    void anAdapterIsAskedForByItsOptions() throws IOException {
        Path base = folder.resolve("base");
        Cli.run(train(base)).exits(0);
        Path run = folder.resolve("run");
        String[] arguments = train(run, "--from", base.toString(), "--lora", "2", "--lora-targets", "attn");
        assertThat(Cli.run(arguments).exits(0).out()).contains("the model is " + base + "+" + run);
        JsonNode settings = Cli.json(Files.readString(run.resolve("run.json")), "credence.run-record/1")
                .path("settings");
        assertThat(settings.path("lora").asText()).isEqualTo("2");
        assertThat(settings.path("lora-targets").asText()).isEqualTo("attn");
        Path none = folder.resolve("none");
        assertThat(Cli.run(train(none, "--lora", "2")).exits(2).err())
                .contains("option --lora is 2; an adapter stands on a model: give --from DIR");
        assertThat(Cli.run(train(none, "--from", base.toString(), "--lora", "2", "--lora-targets", "x9"))
                        .exits(2)
                        .err())
                .contains("option --lora-targets is x9");
    }

    @Test
    void folderOfARunMustBeNewAndWritable() throws IOException {
        assertThat(Cli.run(train(folder)).exits(2).err()).contains("not empty; a run is never written over");
        assertThat(Cli.run(train(corpus.resolve("run"))).exits(2).err()).contains("not writable");
        assertThat(Cli.run("resume", folder.toString()).exits(2).err())
                .contains("no run; a run's folder holds run.json");
        assertThat(Cli.run("runs", folder + "/none").exits(2).err()).contains("no such folder");
    }

    @Test
    void aWorldIsACorpusToo() throws IOException {
        Path run = folder.resolve("run");
        String[] arguments = train(run, "--draws", "500");
        arguments[1] = "t1";
        assertThat(Cli.run(arguments).exits(0).err()).contains("500 documents");
        assertThat(Files.readString(run.resolve("run.json"))).contains("builtin:t1");
    }

    private static double heldOut(Path run) throws IOException {
        return Cli.json(Files.readString(run.resolve("result.json")), "credence.train/1")
                .get("validation_loss")
                .asDouble();
    }

    /** The same documents are held out, and the same loss is measured on them. */
    @Test
    void theLossOfACheckpointIsTheRuns() throws IOException {
        Path run = folder.resolve("run");
        Cli.run(train(run)).exits(0);
        String[] asked = {"loss", run.toString(), corpus.toString(), "--length", "16", "--validation", "0.1"};
        JsonNode loss = Cli.run(
                        Stream.concat(Stream.of(asked), Stream.of("--json")).toArray(String[]::new))
                .exits(0)
                .json("credence.loss/1");
        assertThat(loss.get("validation_loss").asDouble()).isCloseTo(heldOut(run), within(1e-6));
        assertThat(loss.get("documents").asInt()).isEqualTo(60);
        assertThat(Cli.run(asked).exits(0).out()).contains("loss on held-out documents", "loss on training documents");
        asked[4] = "1";
        assertThat(Cli.run(asked).exits(2).err()).contains("option --length is 1; it must be 2 or more");
    }

    /** The page of settings says of every option what the help says, and of none that is not there. */
    @Test
    void thePageOfSettingsIsTheHelp() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "training.md"));
        List<OptionSpec> options =
                new CommandLine(new TrainOptions()).getCommandSpec().options();
        StringBuilder table = new StringBuilder("| setting | default | what it does |\n|---|---|---|\n");
        for (OptionSpec option : options) {
            String text = String.join(" ", option.description()).replaceFirst(" \\(default [^()]+\\)$", "");
            table.append("| `%s` | %s | %s |\n"
                    .formatted(
                            option.longestName(),
                            option.defaultValue() == null ? "" : "`" + option.defaultValue() + "`",
                            text.replace("|", "\\|")));
        }
        assertThat(page).contains(table);
    }
}
