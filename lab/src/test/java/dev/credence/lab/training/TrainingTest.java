package dev.credence.lab.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.core.provenance.InputException;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.Division;
import dev.credence.data.corpora.Sequences;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.Checkpoint;
import dev.credence.lab.Credence;
import dev.credence.lab.JavaProcess;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.CorpusTrainingSettings.Measuring;
import dev.credence.lab.training.CorpusTrainingSettings.Pace;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings in their folders, as a Java user begins them and goes on with them, whatever has happened in between. */
class TrainingTest {
    static final long SEED = 1;

    private static final String MODEL = "model.safetensors";
    private static final Path CASES = Path.of("..", "..", "shared", "cases");
    private static final CorpusTrainingSettings SETTINGS = CorpusTrainingSettings.standard()
            .corpus(CorpusSettings.standard().validation(0.1))
            .start(Start.FromScratch.standard()
                    .vocabulary(280)
                    .layers(1)
                    .width(16, 2)
                    .context(16))
            .steps(6)
            .batch(8)
            .length(16)
            .optimiser(AdamWSettings.standard().rate(0.01, 2, 0))
            .measuring(new Measuring(2, 3, 2, 10_000, Journal.Sinks.none()));

    @TempDir
    private Path folder = Path.of("");

    private final List<String> said = new ArrayList<>();
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

    /** What a process that is killed trains: checkpoints all the time. */
    static CorpusTrainingSettings killed(long steps) {
        return SETTINGS.steps(steps).measuring(new Measuring(2, 200, 2, 10_000, Journal.Sinks.none()));
    }

    private TrainingOutcome train(Path run, CorpusTrainingSettings settings) throws IOException {
        return Credence.train(run, List.of(corpus.toString()), settings, SEED, said::add);
    }

    private TrainingOutcome resume(Path run) throws IOException {
        return Credence.resumeTraining(run, said::add);
    }

    /** A run as if it had been killed behind an earlier checkpoint. */
    private static void killBehind(Path run, long step) throws IOException {
        Files.delete(run.resolve("result.json"));
        Files.deleteIfExists(run.resolve(MODEL));
        Files.deleteIfExists(run.resolve("adapter_model.safetensors"));
        StoredRun.open(run).checkpoints().dropFrom(step + 1);
    }

    @Test
    void aResumedRunEndsWithTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        Path run = folder.resolve("run");
        train(whole, SETTINGS);
        train(run, SETTINGS);
        killBehind(run, 4);
        assertThat(resume(run).stepsHere()).isEqualTo(2);
        assertThat(said).contains("going on from step 4");
        assertThat(run.resolve(MODEL)).hasSameBinaryContentAs(whole.resolve(MODEL));
        killBehind(run, 0); // before the first checkpoint
        resume(run);
        assertThat(run.resolve(MODEL)).hasSameBinaryContentAs(whole.resolve(MODEL));
        assertThat(Files.readString(run.resolve("metrics.jsonl"))).contains("{\"resumed\":4}", "{\"resumed\":0}");
    }

    @Test
    void aDamagedCheckpointGivesWayToTheOneBefore() throws IOException {
        Path run = folder.resolve("run");
        train(run, SETTINGS);
        byte[] bytes = Files.readAllBytes(run.resolve(MODEL));
        Files.delete(run.resolve("result.json"));
        try (RandomAccessFile state = new RandomAccessFile(
                run.resolve("checkpoints/step-00000006/state.bin").toFile(), "rw")) {
            long middle = state.length() / 2;
            state.seek(middle);
            int was = state.read();
            state.seek(middle);
            state.write(was ^ 0xFF);
        }
        resume(run);
        assertThat(said)
                .anyMatch(line -> line.contains("damaged") && line.contains("trying the one before"))
                .contains("going on from step 4");
        assertThat(run.resolve(MODEL)).hasBinaryContent(bytes);
    }

    @Test
    void aChangedCorpusIsRefusedAndTheCheckpointKept() throws IOException {
        Path run = folder.resolve("run");
        train(run, SETTINGS);
        killBehind(run, 4);
        Files.writeString(corpus, "\nmore\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("corpus.txt: field 'sha256' is ")
                .hasMessageContaining("the run began with ");
        Files.delete(corpus);
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("corpus.txt: no such file");
        assertThat(run.resolve("checkpoints/step-00000004/state.bin")).exists();
    }

    @Test
    void anotherModelsTokenizerIsRefused() throws IOException {
        Path small = folder.resolve("small");
        train(
                small,
                SETTINGS.start(Start.FromScratch.standard()
                        .vocabulary(265)
                        .layers(1)
                        .width(16, 2)
                        .context(16)));
        Path larger = folder.resolve("larger");
        train(larger, SETTINGS);
        Files.copy(
                larger.resolve("tokenizer.json"), small.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
        Path more = folder.resolve("more");
        assertThatThrownBy(() -> train(more, SETTINGS.from(small)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: of another model: it gives the id")
                .hasMessageContaining("there are 265 tokens");
        assertThat(more).doesNotExist();
    }

    @Test
    void aFullDiskKeepsTheLastCheckpoint() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "no /dev/full here");
        Path run = folder.resolve("run");
        train(run, SETTINGS);
        byte[] bytes = Files.readAllBytes(run.resolve(MODEL));
        killBehind(run, 4);
        Path metrics = run.resolve("metrics.jsonl");
        Files.move(metrics, run.resolve("kept"));
        Files.createSymbolicLink(metrics, full);
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("metrics.jsonl: No space left on device");
        Files.delete(metrics);
        Files.move(run.resolve("kept"), metrics);
        resume(run);
        assertThat(run.resolve(MODEL)).hasBinaryContent(bytes);
    }

    @Test
    void anAdapterIsTrainedAloneAndResumesToTheSameBytes() throws IOException {
        Path base = folder.resolve("base");
        train(base, SETTINGS);
        byte[] before = Files.readAllBytes(base.resolve(MODEL));
        Path run = folder.resolve("run");
        LoraSettings lora = new LoraSettings(2, 2, false, Pattern.compile("attn"));
        train(run, SETTINGS.from(base, lora));
        assertThat(run.resolve(MODEL)).doesNotExist();
        assertThat(base.resolve(MODEL)).hasBinaryContent(before);
        Path adapter = run.resolve("adapter_model.safetensors");
        byte[] whole = Files.readAllBytes(adapter);
        killBehind(run, 4);
        resume(run);
        assertThat(adapter).hasBinaryContent(whole);
        try (OpenModel adapted = OpenModel.open(base + "+" + run)) {
            assertThat(adapted.transformer().adapters()).isNotEmpty();
        }
        LoraSettings nothing = new LoraSettings(2, 2, false, Pattern.compile("x9"));
        assertThatThrownBy(() -> train(folder.resolve("none"), SETTINGS.from(base, nothing)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("lora-targets is x9");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    /** Rounded factors of products cost no loss, and a resumed run rounds the same. */
    @Test
    void bfloat16LosesNothingAndResumesToTheSameBytes() throws IOException {
        Path single = folder.resolve("single");
        Path rounded = folder.resolve("rounded");
        TrainingOutcome exact = train(single, SETTINGS.steps(60));
        TrainingOutcome other = train(rounded, SETTINGS.pace(new Pace(60, 8, 16, Precision.BFLOAT16)));
        assertThat(Files.mismatch(rounded.resolve(MODEL), single.resolve(MODEL)))
                .as("they are other products")
                .isNotNegative();
        assertThat(other.validation().value()).isCloseTo(exact.validation().value(), within(0.01));
        byte[] whole = Files.readAllBytes(rounded.resolve(MODEL));
        killBehind(rounded, 58);
        resume(rounded);
        assertThat(rounded.resolve(MODEL)).hasBinaryContent(whole);
    }

    /** The same documents are held out, and the same loss is measured on them. */
    @Test
    void theLossOfACheckpointIsTheRuns() throws IOException {
        Path run = folder.resolve("run");
        TrainingOutcome outcome = train(run, SETTINGS);
        List<String> files = List.of(corpus.toString());
        Corpus documents = CorpusInput.read(files, SETTINGS.corpus(), SEED);
        assertThat(documents.documents()).hasSize(60);
        try (OpenModel model = OpenModel.open(run.toString())) {
            Sequences sequences = new CorpusSequences(SETTINGS.corpus(), 16)
                    .of(documents, model.texts().tokenizer(), Checkpoint.open(run), SEED);
            TrainingOutcome.Loss heldOut = CorpusSequences.loss(model.transformer(), sequences.validation());
            assertThat(Objects.requireNonNull(heldOut).value())
                    .isCloseTo(outcome.validation().value(), within(1e-6));
        }
    }

    /** The loss that the other library states for its own model, measured here. */
    @Test
    void theLossOfTheCasesPriorIsTheStatedOne() throws IOException {
        Path plays = CASES.resolve("plays/prior");
        assumeTrue(Files.isDirectory(plays), "the shared cases are not there");
        Path speeches = Files.writeString(
                folder.resolve("speeches.txt"),
                Files.readString(CASES.resolve("corpora/tinyshakespeare.txt")).substring(0, 60_000));
        CorpusSettings settings = CorpusSettings.standard()
                .documents(Division.of("speeches"))
                .longOnes(Sequences.Overlong.CUT)
                .validation(0);
        Corpus documents = CorpusInput.read(List.of(speeches.toString()), settings, SEED);
        try (OpenModel model = OpenModel.open(plays.toString())) {
            Sequences sequences = new CorpusSequences(settings, 96)
                    .of(documents, model.texts().tokenizer(), Checkpoint.open(plays), SEED);
            TrainingOutcome.Loss loss = CorpusSequences.loss(model.transformer(), sequences.train());
            assertThat(Objects.requireNonNull(loss).value())
                    .as("of the first documents; 2.1367 of all 7,097, as stated")
                    .isCloseTo(2.1367, within(0.15));
            assertThat(sequences.validation()).isEmpty();
        }
    }

    /** Kills a run at random moments, over and over; -Dcredence.kills=N for another number. */
    @Test
    void aRunKilledAtRandomMomentsEndsWithTheSameBytes() throws IOException, InterruptedException {
        int kills = Integer.getInteger("credence.kills", 3);
        long steps = 60L * kills;
        Path run = folder.resolve("run");
        SplittableRandom random = new SplittableRandom(5);
        Process process = tell(start(), run.toString(), corpus.toString(), Long.toString(steps));
        Process next = start(); // gets ready while the one before is at work
        try {
            for (int kill = 0; kill < kills; kill++) {
                waitForCheckpoint(run, process);
                Thread.sleep(random.nextInt(100));
                process.destroyForcibly();
                process.waitFor();
                assertThat(run.resolve("result.json"))
                        .as("not done before kill %d", kill)
                        .doesNotExist();
                process = tell(next, run.toString());
                next = start();
            }
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
            next.destroyForcibly();
        }
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("child.log")))
                .isZero();
        Path whole = folder.resolve("whole");
        train(whole, SETTINGS.steps(steps).measuring(new Measuring(2, 200, steps, 10_000, Journal.Sinks.none())));
        assertThat(run.resolve(MODEL)).hasSameBinaryContentAs(whole.resolve(MODEL));
        assertThat(Files.readString(folder.resolve("child.log"))).contains("going on from step");
    }

    private Process start() throws IOException {
        return JavaProcess.of(folder.resolve("child.log"), KilledTraining.class.getName())
                .start();
    }

    private static Process tell(Process waiting, String... lines) throws IOException {
        try (Writer in = waiting.outputWriter()) {
            in.write(String.join("\n", lines));
        }
        return waiting;
    }

    /** Until the process has written a checkpoint of its own. */
    private static void waitForCheckpoint(Path run, Process process) throws IOException, InterruptedException {
        Path checkpoints = run.resolve("checkpoints");
        List<String> before = names(checkpoints);
        while (process.isAlive()
                && (names(checkpoints).isEmpty() || names(checkpoints).equals(before))) {
            Thread.sleep(5);
        }
    }

    private static List<String> names(Path checkpoints) throws IOException {
        if (!Files.isDirectory(checkpoints)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(checkpoints)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }
}
