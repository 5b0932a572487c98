package dev.credence.lab.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.CorpusTrainingSettings.Measuring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that share each step's batch come to the losses of one; one that dies loses nothing. */
class TrainingProcessesTest {
    private static final Pattern LOSS = Pattern.compile("\"loss\" ?: ?([0-9.eE+-]+)");
    private static final CorpusTrainingSettings SETTINGS = CorpusTrainingSettings.standard()
            .start(Start.FromScratch.standard()
                    .vocabulary(260)
                    .layers(1)
                    .width(16, 2)
                    .context(16))
            .steps(12)
            .batch(7) // no two equal shares
            .length(16)
            .optimiser(AdamWSettings.standard().rate(0.01, 2, 0))
            .measuring(new Measuring(1, 6, 1, 100, Journal.Sinks.none()));

    @TempDir
    private Path folder;

    private StoredRun begin(String name) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            lines.add("hat " + "x".repeat(i % 5) + " and cat " + i % 3);
        }
        Path corpus = Files.writeString(folder.resolve("corpus.txt"), String.join("\n\n", lines));
        List<String> files = CorpusInput.absolute(List.of(corpus.toString()));
        Corpus read = CorpusInput.read(files, SETTINGS.corpus(), 3);
        Provenance asked = new Provenance("test", "java", 3, SETTINGS.named(), read.inputs());
        return CorpusRun.begin(folder.resolve(name), files, asked);
    }

    private static CorpusRun run(StoredRun run, Consumer<String> report) throws IOException {
        return CorpusRun.resume(run, report);
    }

    private static List<Double> losses(StoredRun run) throws IOException {
        Matcher found = LOSS.matcher(Files.readString(run.path().resolve("metrics.jsonl")));
        List<Double> losses = new ArrayList<>();
        while (found.find()) {
            losses.add(Double.valueOf(found.group(1)));
        }
        return losses;
    }

    private static void areClose(List<Double> losses, List<Double> expected) {
        assertThat(losses).hasSameSizeAs(expected);
        for (int i = 0; i < losses.size(); i++) {
            assertThat(losses.get(i)).as("loss of line " + i).isCloseTo(expected.get(i), within(1e-6));
        }
    }

    private static void killAnother() {
        ProcessHandle.current()
                .children()
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void twoAreAsOneAndOneThatDiesIsNamedAndGoneOnWithout() throws IOException {
        StoredRun one = begin("one");
        TrainingOutcome alone = run(one, line -> {}).go();
        List<Double> expected = losses(one);
        assertThat(expected).hasSize(12);
        assertThat(expected.get(11)).as("it has learnt").isLessThan(expected.get(0) - 0.1);

        StoredRun broken = begin("broken");
        CorpusRun killed = run(broken, line -> {
                    if (line.startsWith("step 1/12")) {
                        killAnother();
                    }
                })
                .on(ProcessPlaces.here(2));
        assertThatThrownBy(killed::go)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("process 1 of 2 ended with code");
        assertThat(broken.checkpoints().last()).hasValue(1);
        TrainingOutcome resumed =
                run(broken, line -> {}).on(ProcessPlaces.here(2)).go();
        assertThat(resumed.measured().value()).isCloseTo(alone.measured().value(), within(1e-6));
        areClose(losses(broken), expected);
    }

    @Test
    void theirNumberIsRefusedByItsRule() throws IOException {
        CorpusRun run = run(begin("refused"), line -> {});
        assertThatThrownBy(() -> run.on(ProcessPlaces.here(8)))
                .isInstanceOf(InputException.class)
                .hasMessage("processes is 8; it is 1 or more, and at most the batch, 7");
    }
}
