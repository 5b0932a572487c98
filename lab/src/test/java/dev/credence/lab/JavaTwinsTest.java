package dev.credence.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.data.runs.StoredRun;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.CorpusTrainingSettings;
import dev.credence.lab.training.Start;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of docs/java.md, compiled as they stand and run on the cases. */
class JavaTwinsTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "java.md");
    private static final Path CASES = Path.of("..", "..", "shared", "cases");
    private static final Pattern EXAMPLE =
            Pattern.compile("## ([^\\n]+)\\n(?:(?!\\n## ).)*?```java\\n(.*?)```", Pattern.DOTALL);
    private static final int MOST_LINES = 10;

    private static final Pattern FIRST_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private static Path folder = Path.of("");

    record Example(String title, String code) {
        @Override
        public String toString() {
            return title;
        }
    }

    static Stream<Example> examples() throws IOException {
        if (!Files.exists(DOCUMENT)) {
            return Stream.empty();
        }
        List<Example> examples = new ArrayList<>();
        Matcher found = EXAMPLE.matcher(Files.readString(DOCUMENT));
        while (found.find()) {
            examples.add(new Example(found.group(1), found.group(2)));
        }
        return examples.stream();
    }

    /** The imports that the document tells its readers to write, and no other. */
    private static String imports() throws IOException {
        Matcher block = FIRST_BLOCK.matcher(Files.readString(DOCUMENT));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    @BeforeAll
    static void inputs() throws IOException {
        Files.writeString(folder.resolve("world.yaml"), """
                prior:  {a: 0.4, b: 0.3, c: 0.2, d: 0.1}
                reward: {a: 0, b: 1, c: 2, d: 3}
                policy: {a: 0.05, b: 0.10, c: 0.60, d: 0.25}
                """);
        Files.writeString(folder.resolve("prompts.txt"), "a\nt\n");
        Files.writeString(
                folder.resolve("sweep.yaml"), "experiment: which-conditional\ngrid: {accept.good: [.7, .8]}\n");
        StringBuilder pairs = new StringBuilder();
        for (String text : List.of("a", "in", "he", "o", "the")) {
            pairs.append("{\"prompt\":\"t\",\"chosen\":\"").append(text).append("\",\"rejected\":\"");
            pairs.append(text).append("s\"}\n");
        }
        Files.writeString(folder.resolve("pairs.jsonl"), pairs.toString().repeat(4));
        stopped();
    }

    /** A training as if it had been killed behind its tenth step of twenty. */
    private static void stopped() throws IOException {
        Path run = folder.resolve("stopped");
        CorpusTrainingSettings settings = CorpusTrainingSettings.standard()
                .start(Start.FromScratch.standard().layers(1).width(16, 1).context(16))
                .steps(20)
                .batch(8)
                .length(8)
                .measuring(new CorpusTrainingSettings.Measuring(5, 10, 10, 0, Journal.Sinks.none()));
        Credence.train(run, List.of(folder.resolve("world.yaml").toString()), settings, 1, line -> {});
        StoredRun stored = StoredRun.open(run);
        Files.delete(stored.result());
        Files.delete(run.resolve("model.safetensors"));
        stored.checkpoints().dropFrom(20);
    }

    @Test
    void everyChapterHasAnExample() throws IOException {
        assumeTrue(Files.exists(DOCUMENT), "no documents beside the module");
        assertThat(examples().map(Example::title).toList()).hasSizeGreaterThanOrEqualTo(7);
    }

    /** All but the demo, which is a tour of the others, and the help with them. */
    @Test
    void everyCommandOfTheReadmeHasAnExample() throws IOException {
        Path readme = Path.of("..", "README.md");
        assumeTrue(Files.exists(readme), "no README beside the module");
        Set<String> commands = new TreeSet<>();
        Matcher typed = Pattern.compile("(?:\\./|`)credence\\s+([a-z]+)").matcher(Files.readString(readme));
        while (typed.find()) {
            commands.add(typed.group(1));
        }
        assertThat(commands).contains("audit", "plan", "train", "loss", "merge", "posterior", "condition", "run");
        commands.removeAll(Set.of("demo", "help"));
        for (String command : commands) {
            assertThat(Files.readString(DOCUMENT)).contains("`credence " + command + " ");
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void compilesAndRuns(Example example) throws Exception {
        assertThat(example.code.lines().count()).isLessThanOrEqualTo(MOST_LINES);
        String code = onCases(example.code);
        String name = "Twin" + Integer.toHexString(example.title.hashCode());
        Path sources = Files.createDirectories(folder.resolve("sources"));
        Path source = sources.resolve(name + ".java");
        Files.writeString(
                source,
                imports() + "public final class " + name + " { public static void run() throws Exception {\n" + code
                        + "}}");
        ByteArrayOutputStream problems = new ByteArrayOutputStream();
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        problems,
                        "-d",
                        folder.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(compiled).as(problems.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(output(name)).as("what it prints").isNotBlank();
    }

    /** The names that the document uses stand for files of the cases. */
    private static String onCases(String code) {
        String changed = code;
        for (String[] pair : new String[][] {
            {"rollouts.jsonl", "plays/rollouts/rloo-beta0.05.jsonl"},
            {"base", "letters/prior"},
            {"tuned", "letters/rloo-beta0.5"}
        }) {
            if (changed.contains("\"" + pair[0] + "\"")) {
                Path file = CASES.resolve(pair[1]);
                assumeTrue(Files.exists(file), "skipped: " + file + " is not there");
                changed = changed.replace(
                        "\"" + pair[0] + "\"", "\"" + file.toAbsolutePath().normalize() + "\"");
            }
        }
        if (changed.contains("\"adapted\"")) {
            Path base = CASES.resolve("checkpoints/gpt2").toAbsolutePath().normalize();
            Path adapter = CASES.resolve("adapters/gpt2-lora").toAbsolutePath().normalize();
            assumeTrue(Files.exists(adapter), "skipped: " + adapter + " is not there");
            changed = changed.replace("\"adapted\"", "\"" + base + "+" + adapter + "\"");
        }
        for (String local : List.of(
                "world.yaml",
                "prompts.txt",
                "sweep.yaml",
                "drawn.jsonl",
                "trained",
                "stopped",
                "amplified",
                "swept",
                "pairs.jsonl",
                "helpful",
                "several",
                "merged",
                "tuned-run")) {
            changed = changed.replace("\"" + local + "\"", "\"" + folder.resolve(local) + "\"");
        }
        return changed;
    }

    private static String output(String name) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {folder.toUri().toURL()});
                PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            loader.loadClass(name).getMethod("run").invoke(null);
        } catch (InvocationTargetException e) {
            throw new AssertionError("the example fails: " + e.getCause(), e);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
