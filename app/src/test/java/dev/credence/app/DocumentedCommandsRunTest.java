package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.app.DocumentedSteps.Step;
import dev.credence.app.DocumentedSteps.Typed;
import dev.credence.lab.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command that a document shows in a block of code is run, in the document's order, in a folder with the files that a reader
 * brings: small ones, and long work made short by its own options. None may end in bad input or a failure; 3 and 4 are answers.
 */
class DocumentedCommandsRunTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path CASES = ROOT.resolveSibling("shared").resolve("cases");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Done; a figure was withdrawn; a threshold was missed. */
    private static final Set<Integer> ANSWERS = Set.of(0, 3, 4);

    @TempDir
    private Path folder;

    /** Not run here. */
    private record Untried(String page, String begin, String reason) {}

    private static final String SPARK =
            "needs Spark, which no other module brings: SparkDocumentsTest of that module runs it";
    private static final String DEMO = "DemoCommandTest runs it, and holds what it says";
    private static final String ALL =
            "every experiment, a minute and more of processor time: each has its own test, several as one run KeptExperimentsTest";

    private static final List<Untried> UNTRIED = List.of(
            new Untried("scale.md", "audit rollouts/ --beta 0.05 --engine spark", SPARK),
            new Untried("scale.md", "audit hdfs:", SPARK),
            new Untried("scale.md", "sweep sweep.yaml --engine spark", SPARK),
            new Untried("experiments.md", "run all --quick", ALL),
            new Untried("install.md", "demo", DEMO),
            new Untried("README.md", "demo", DEMO),
            new Untried("README.md", "run all --quick", ALL));

    /** Made short: a word and what follows it, and what stands in their place. */
    private record Smaller(String page, String begin, String option, String value) {}

    private static final String SET = "--set"; // each is one more

    private static final List<Smaller> SMALLER = List.of(
            new Smaller("endpoints.md", "audit --prior", "--samples", "20"),
            new Smaller("endpoints.md", "audit --prior", "--draws", "20"),
            new Smaller("endpoints.md", "audit --prior", "--max-new-tokens", "4"),
            new Smaller("endpoints.md", "sample", "--max-new-tokens", "4"),
            new Smaller("endpoints.md", "condition", "--horizon", "4"),
            new Smaller("endpoints.md", "condition", "--audit-samples", "8"),
            new Smaller("fifty-copies.md", "run fifty-copies", SET, "seeds=1"),
            new Smaller("fifty-copies.md", "run fifty-copies", SET, "betas=0.2"),
            new Smaller("fifty-copies.md", "run", SET, "samples=8"),
            new Smaller("fifty-copies.md", "run", SET, "steps=2"),
            new Smaller("fifty-copies.md", "run", SET, "horizon=1"),
            new Smaller("fifty-copies.md", "run fifty-copies", SET, "transformer.seeds=1"),
            new Smaller("fifty-copies.md", "run fifty-copies", SET, "transformer.betas=0.2"),
            new Smaller("fifty-copies.md", "run fifty-copies", SET, "transformer.samples=8"),
            new Smaller("fifty-copies.md", "run fifty-copies", SET, "transformer.steps=2"),
            new Smaller("index.md", "run certified", SET, "horizon=1"),
            new Smaller("index.md", "run certified", SET, "samples=8"),
            new Smaller("index.md", "run certified", SET, "steps=2"),
            new Smaller("index.md", "run fifty-copies", SET, "seeds=1"),
            new Smaller("index.md", "run fifty-copies", SET, "steps=2"),
            new Smaller("scale.md", "train plays.txt -o /shared", "-o", "shared/runs/plays"),
            new Smaller("scale.md", "train plays.txt -o /shared", "--hosts", "127.0.0.1,127.0.0.2"),
            new Smaller("README.md", "train plays.txt", "--steps", "2"),
            new Smaller("README.md", "reward pairs.jsonl", "--steps", "2"),
            new Smaller("README.md", "condition runs/plays", "--steps", "2"),
            new Smaller("README.md", "condition runs/plays", "--samples", "4"),
            new Smaller("README.md", "condition runs/plays", "--horizon", "4"),
            new Smaller("README.md", "condition runs/plays", "--audit-samples", "20"),
            new Smaller("audit-your-own-checkpoint.md", "audit --prior", "--samples", "20"),
            new Smaller("audit-your-own-checkpoint.md", "audit --prior", "--draws", "20"),
            new Smaller("audit-your-own-checkpoint.md", "audit --prior", "--max-new-tokens", "6"),
            new Smaller("audit-your-own-checkpoint.md", "audit log.jsonl", "--samples", "20"),
            new Smaller("audit-your-own-checkpoint.md", "audit --exact", "--horizon", "3"),
            new Smaller("audit-your-own-checkpoint.md", "posterior $CASES/letters", "--horizon", "4"),
            new Smaller("exact-posteriors.md", "posterior $CASES/plays", "--until", "1e-6"),
            new Smaller("formats.md", "posterior checkpoint", "--horizon", "2"),
            new Smaller("formats.md", "posterior checkpoint", "--until", "1"),
            new Smaller("from-disco.md", "condition gpt2", "--steps", "2"),
            new Smaller("from-disco.md", "condition gpt2", "--samples", "8"),
            new Smaller("from-disco.md", "condition gpt2", "--horizon", "4"),
            new Smaller("from-disco.md", "condition gpt2 --method gdc", "--moment", "0.02"),
            new Smaller("from-disco.md", "condition gpt2", "--audit-samples", "20"),
            new Smaller("from-trl.md", "audit --prior base", "--samples", "20"),
            new Smaller("from-trl.md", "audit --prior base", "--draws", "20"),
            new Smaller("from-trl.md", "audit --prior base", "--max-new-tokens", "8"),
            new Smaller("from-verl.md", "audit dump.jsonl", "--max-new-tokens", "8"),
            new Smaller("from-disco.md", "posterior gpt2", "--budget", "1"),
            new Smaller("index.md", "condition $MODEL", "--audit-samples", "50"),
            new Smaller("index.md", "condition $MODEL", "--horizon", "6"),
            new Smaller("index.md", "condition $MODEL --prompts prompts.jsonl --method rloo", "--steps", "2"),
            new Smaller("index.md", "audit --prior", "--samples", "20"),
            new Smaller("index.md", "audit --prior", "--draws", "20"),
            new Smaller("methods.md", "condition letters/prior", "--audit-samples", "20"),
            new Smaller("methods.md", "condition letters/prior --method rloo", "--steps", "2"),
            new Smaller("methods.md", "condition letters/prior --method rloo", "--samples", "8"),
            new Smaller("methods.md", "condition letters/prior --method best-of-n", "--draws", "2000"),
            new Smaller("methods.md", "condition letters/prior --method best-of-n", "--horizon", "3"),
            new Smaller("methods.md", "condition letters/prior --method ppo", "--steps", "2"),
            new Smaller("methods.md", "condition letters/prior --method ppo", "--horizon", "3"),
            new Smaller("methods.md", "condition letters/prior --method smc", "--horizon", "2"),
            new Smaller("methods.md", "condition letters/prior --method smc", "--particles", "8"),
            new Smaller("methods.md", "condition letters/prior --method sft", "--steps", "2"),
            new Smaller("methods.md", "sample", "-n", "20"),
            new Smaller("rewards.md", "reward pairs.jsonl", "--steps", "2"),
            new Smaller("rewards.md", "reward approvals.jsonl", "--steps", "2"),
            new Smaller("rewards.md", "condition runs/plays", "--steps", "2"),
            new Smaller("rewards.md", "condition runs/plays", "--samples", "4"),
            new Smaller("rewards.md", "condition runs/plays", "--horizon", "4"),
            new Smaller("rewards.md", "condition runs/plays", "--audit-samples", "20"),
            new Smaller("scale.md", "audit --follow", "--idle", "1"),
            new Smaller("scale.md", "audit --follow", "--settled", ".05"),
            new Smaller("scale.md", "train plays.txt", "--steps", "2"),
            new Smaller("scale.md", "condition checkpoint", "--steps", "2"),
            new Smaller("scale.md", "condition checkpoint", "--samples", "8"),
            new Smaller("scale.md", "condition checkpoint", "--horizon", "4"),
            new Smaller("scale.md", "condition checkpoint", "--audit-samples", "20"),
            new Smaller("training.md", "train ", "--steps", "2"),
            new Smaller("training.md", "loss ", "--length", "64"),
            new Smaller("worlds.md", "train authors", "--steps", "2"));

    /** Why a command is not run, or null where it is. */
    static @Nullable String untried(String page, Typed command) {
        if (command.isOpen()) {
            return "the cases are not there";
        }
        return UNTRIED.stream()
                .filter(each -> each.page.equals(page) && command.line().startsWith(each.begin))
                .map(Untried::reason)
                .findFirst()
                .orElse(null);
    }

    /** The words as they are run. */
    static List<String> smaller(String page, Typed command) {
        List<String> words = new ArrayList<>(command.words());
        for (Smaller each : SMALLER) {
            if (each.page.equals(page) && command.line().startsWith(each.begin)) {
                int at = each.option.equals(SET) ? -1 : words.indexOf(each.option);
                if (at >= 0) {
                    words.set(at + 1, each.value);
                } else {
                    words.addAll(each.value.isEmpty() ? List.of(each.option) : List.of(each.option, each.value));
                }
            }
        }
        return words;
    }

    /** A row that no document has any more would excuse a command that is to come. */
    @Test
    void everyRowIsOfACommandThatIsThere() throws IOException {
        assumeTrue(Files.exists(ROOT.resolve("docs")), "no documents beside the modules");
        Set<String> lines = new TreeSet<>();
        for (Path page : DocumentedSteps.documents(ROOT)) {
            for (Step step : DocumentedSteps.of(Files.readString(page), Map.of())) {
                if (step instanceof Typed command) {
                    lines.add(page.getFileName() + " " + command.line());
                }
            }
        }
        Stream<String> rows = Stream.concat(
                UNTRIED.stream().map(row -> row.page + " " + row.begin),
                SMALLER.stream().map(row -> row.page + " " + row.begin));
        assertThat(rows).allMatch(row -> lines.stream().anyMatch(line -> line.startsWith(row)));
    }

    @Test
    void noneFails() throws IOException, InterruptedException {
        assumeTrue(Files.exists(ROOT.resolve("docs")), "no documents beside the modules");
        Path work = Files.createDirectory(folder.resolve("work"));
        Path given = Files.createDirectory(folder.resolve("given"));
        Path lines = folder.resolve("lines.jsonl");
        Path log = folder.resolve("child.log");
        Process process = JavaProcess.of(
                        log,
                        DocumentRunner.class.getName(),
                        ROOT.toString(),
                        given.toString(),
                        CASES.toString(),
                        lines.toString())
                .directory(work.toFile())
                .start();
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        List<String> wrong = new ArrayList<>();
        Set<String> untried = new TreeSet<>();
        int run = 0;
        for (String line : Files.readAllLines(lines)) {
            JsonNode command = MAPPER.readTree(line);
            if (command.has("untried")) {
                untried.add(command.get("untried").asText());
                continue;
            }
            run++;
            if (!ANSWERS.contains(command.get("code").asInt())) {
                wrong.add(command.get("page").asText() + ": "
                        + command.get("typed").asText() + ": exit " + command.get("code") + ": "
                        + command.get("err").asText());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(run).as("run; not run for: %s", untried).isGreaterThan(115);
    }
}
