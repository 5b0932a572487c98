package dev.credence.lab.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.Checkpoint;
import dev.credence.lab.Credence;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.CorpusTrainingSettings.Measuring;
import dev.credence.torch.architecture.LoraSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model trained on a corpus from Java. */
class CorpusRunTest {
    private static final Corpus CORPUS = new Corpus(Collections.nCopies(40, "the hat"), List.of());
    private static final CorpusTrainingSettings SETTINGS = CorpusTrainingSettings.standard()
            .start(Start.FromScratch.standard()
                    .vocabulary(260)
                    .layers(1)
                    .width(16, 2)
                    .context(16))
            .steps(30)
            .batch(8)
            .length(16)
            .optimiser(AdamWSettings.standard().rate(0.02, 2, 0))
            .measuring(new Measuring(5, 10, 10, 100, Journal.Sinks.none()));

    @TempDir
    private Path folder;

    private final List<String> said = new ArrayList<>();

    private StoredRun begin(String name, CorpusTrainingSettings settings) {
        Provenance asked = new Provenance("test", "java", 3, settings.named(), CorpusRun.inputs(settings));
        return CorpusRun.begin(folder.resolve(name), List.of("hats"), asked);
    }

    private CorpusRun run(StoredRun run, CorpusTrainingSettings settings) {
        return new CorpusRun(run, settings, CORPUS, said::add);
    }

    @Test
    void aNewModelLearnsItsCorpusAndIsInTheFolder() throws IOException {
        StoredRun run = begin("run", SETTINGS);
        TrainingOutcome outcome = run(run, SETTINGS).go();

        assertThat(outcome.steps()).isEqualTo(30);
        assertThat(outcome.stepsHere()).isEqualTo(30);
        // untrained: near log 260 = 5.6 nats a token
        assertThat(outcome.validation().value()).isLessThan(1);
        assertThat(outcome.measured().tokens()).isLessThanOrEqualTo(outcome.trainTokens());
        assertThat(run.isDone()).isTrue();
        assertThat(Files.readString(run.result()))
                .contains("\"schema\" : \"credence.train/1\"", "\"validation_loss\" : ", "\"machine\" : ");
        assertThat(Checkpoint.open(run.path()).architecture().context()).isEqualTo(16);
        assertThat(said).anyMatch(line -> line.startsWith("40 documents, 38 sequences to learn"));
        assertThat(StoredRun.open(run.path()).asked().arguments()).containsExactly("hats");
    }

    @Test
    void aRunGoesOnFromItsLastCheckpoint() throws IOException {
        StoredRun whole = begin("whole", SETTINGS);
        run(whole, SETTINGS).go();
        StoredRun broken = begin("broken", SETTINGS);
        run(broken, SETTINGS).go();
        Files.delete(broken.result());
        Files.delete(broken.path().resolve("model.safetensors"));
        broken.checkpoints().dropFrom(30);

        assertThat(run(broken, SETTINGS).go().stepsHere()).isEqualTo(10);
        assertThat(said).contains("going on from step 20");
        assertThat(broken.path().resolve("model.safetensors"))
                .hasSameBinaryContentAs(whole.path().resolve("model.safetensors"));
    }

    @Test
    void javaGoesOnWithARunByItsRecordAlone() throws IOException {
        List<String> corpus = List.of(Files.writeString(folder.resolve("hats.txt"), "the hat\n\n".repeat(40))
                .toString());
        Path whole = folder.resolve("whole");
        Path broken = folder.resolve("broken");
        Credence.train(whole, corpus, SETTINGS, 3, line -> {});
        Credence.train(broken, corpus, SETTINGS, 3, line -> {});
        assertThatThrownBy(() -> Credence.resumeTraining(broken, line -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a run that is done; there is nothing left to do");
        StoredRun run = StoredRun.open(broken);
        Files.delete(run.result());
        Files.delete(broken.resolve("model.safetensors"));
        run.checkpoints().dropFrom(30);

        assertThat(Credence.resumeTraining(broken, said::add).stepsHere()).isEqualTo(10);
        assertThat(broken.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
        assertThatThrownBy(() -> Credence.resume(broken.resolveSibling("none"), line -> {}))
                .isInstanceOf(InputException.class);
    }

    @Test
    void aRecordGivesItsSettingsBack() throws IOException {
        Path base = TinyCheckpoint.write(folder.resolve("base"), 1);
        List<CorpusTrainingSettings> all = List.of(
                SETTINGS,
                CorpusTrainingSettings.standard(),
                SETTINGS.from(base),
                SETTINGS.corpus(CorpusSettings.standard()
                                .field("story")
                                .draws(7)
                                .validation(0.2))
                        .optimiser(AdamWSettings.standard()
                                .clip(Double.POSITIVE_INFINITY)
                                .moments(0.8, 0.95))
                        .measuring(new Measuring(1, 2, 3, 4, new Journal.Sinks(true, "http://localhost:5000"))));
        for (CorpusTrainingSettings settings : all) {
            assertThat(CorpusTrainingSettings.ofNamed(settings.named()).named()).isEqualTo(settings.named());
        }
        Map<String, String> adapted = SETTINGS.from(base, new LoraSettings(4, 16, false, Pattern.compile("q_proj")))
                .named();
        assertThat(CorpusTrainingSettings.ofNamed(adapted).named()).isEqualTo(adapted);
        assertThatThrownBy(() -> CorpusTrainingSettings.ofNamed(Map.of("steps", "many")))
                .hasMessage("steps is many; it must be a whole number");
    }

    @Test
    void aRunThatCannotBeginIsTakenBack() {
        CorpusTrainingSettings long40 = SETTINGS.length(40);
        StoredRun run = begin("run", long40);

        assertThatThrownBy(() -> run(run, long40).go())
                .isInstanceOf(InputException.class)
                .hasMessage("length is 40; it must be at most 17: the model has 16 positions, and the last token is"
                        + " predicted only");
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void inputsThatChangedAreRefused() throws IOException {
        Path base = TinyCheckpoint.write(folder.resolve("base"), 1);
        CorpusTrainingSettings tuned = SETTINGS.from(base);
        StoredRun run = begin("run", tuned);
        run(run, tuned).checkInputs();
        TinyCheckpoint.write(base, 2);

        assertThatThrownBy(() -> run(run, tuned).checkInputs())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the run began with")
                .hasMessageContaining("it goes on with the same file only");
        assertThatThrownBy(() -> CorpusRun.inputs(SETTINGS.from(folder.resolve("none"))))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("no such folder; a model or tokenizer is in a folder");
    }
}
