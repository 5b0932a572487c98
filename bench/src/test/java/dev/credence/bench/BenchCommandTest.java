package dev.credence.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.app.Main;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

@DisplayName("credence bench")
class BenchCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder = Path.of("");

    private int run(String... arguments) {
        Console console = new Console(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Console.Face.PLAIN_FILE);
        String[] typed =
                Stream.concat(Stream.of("bench"), Arrays.stream(arguments)).toArray(String[]::new);
        return Main.run(typed, console);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** They take minutes to hours, so that none is run: what they are typed with is read. */
    @Test
    void whatTheDocumentsTypeIsReadByTheCommandLine() throws IOException {
        Path docs = Path.of("..", "docs");
        assumeTrue(Files.isDirectory(docs), "no documents beside the modules");
        Console console = new Console(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Console.Face.PLAIN_FILE);
        CommandLine bench = BenchCommand.of(console).setCaseInsensitiveEnumValuesAllowed(true); // as the program has it
        int read = 0;
        for (String page : new String[] {"benchmarks.md", "coverage.md"}) {
            for (String line : Files.readAllLines(docs.resolve(page))) {
                if (line.startsWith("./credence bench ")) {
                    String typed = line.substring("./credence bench ".length()).replaceFirst("\\s+#.*", "");
                    bench.parseArgs(typed.split("\\s+", -1));
                    read++;
                }
            }
        }
        assertThat(read).isGreaterThanOrEqualTo(12);
        assertThatThrownBy(() -> bench.parseArgs("coverage", "--no-such-option"))
                .isInstanceOf(ParameterException.class);
    }

    @Test
    void coverageNamesEveryHeadlineFigure() throws IOException {
        Path json = folder.resolve("coverage.json");

        assertThat(run("coverage", "--logs", "20", "--full", "--json", json.toString()))
                .isEqualTo(ExitCode.DONE);

        assertThat(printed()).contains("over 20 logs (seed 1)").contains("non-members, text-like");
        assertThat(printed())
                .contains(
                        "kl.policy_prior",
                        "kl.explained",
                        "kl.departure",
                        "bayes_fraction",
                        "copies.moment_match",
                        "log_z");
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("20 of 20 logs");
        JsonNode document = new ObjectMapper().readTree(Files.readString(json));
        assertThat(document.path("schema").asText()).isEqualTo("credence.bench.coverage/1");
        assertThat(document.path("figures").path("kl.departure").path("covered").asDouble())
                .isBetween(0.5, 1.0);
    }

    @Test
    void coverageByKindNamesItsRows() throws IOException {
        Path json = folder.resolve("kinds.json");

        assertThat(run("coverage", "--kinds", "--only", "small", "--logs", "4", "--json", json.toString()))
                .isEqualTo(ExitCode.DONE);

        assertThat(printed()).contains("4 logs a row, seed 1").contains("4 prompts × 20, small tables");
        JsonNode document = new ObjectMapper().readTree(Files.readString(json));
        assertThat(document.path("schema").asText()).isEqualTo("credence.bench.coverage.kinds/1");
        assertThat(document.path("kinds").path("4 prompts × 20, small tables").path("recall"))
                .isNotEmpty();
    }

    @Test
    void verdictsAreCountedByKind() throws IOException {
        Path json = folder.resolve("verdicts.json");

        assertThat(run("coverage", "--verdicts", "--logs", "26", "--json", json.toString()))
                .isEqualTo(ExitCode.DONE);

        assertThat(printed()).contains("Labels of 26 adversarial logs (seed 1): 0 wrong");
        JsonNode document = new ObjectMapper().readTree(Files.readString(json));
        assertThat(document.path("schema").asText()).isEqualTo("credence.bench.verdicts/1");
        assertThat(document.path("kinds").path("opposite: wrong sign").has("cannot tell"))
                .isTrue();
    }

    @Test
    void auditTellsSpeedAndWhatItCouldNotCompareWith() throws IOException {
        String nowhere = folder.resolve("nowhere").toString();

        assertThat(run("audit", "--records", "4000", "--prompts", "4", "--repeats", "2", "--peers", nowhere, "--json"))
                .isEqualTo(ExitCode.DONE);

        JsonNode log = new ObjectMapper().readTree(printed()).path("logs").path(0);
        assertThat(log.path("records").asLong()).isEqualTo(4_000);
        assertThat(log.path("timesDuckdb").asDouble()).isPositive();
        assertThat(log.path("numpy").path("skipped").asText()).startsWith("no " + nowhere);
    }

    @Test
    void speedIsPrinted() {
        String nowhere = folder.resolve("nowhere").toString();

        assertThat(run("audit", "--records", "4000", "--prompts", "4", "--repeats", "1", "--peers", nowhere, "--quiet"))
                .isEqualTo(ExitCode.DONE);

        assertThat(printed()).contains("4,000 records, 4 prompts", "read and audit, warm", "skipped", "peak heap");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void particlesRefuseWhatGivesNoSpread() {
        assertThat(run("particles", "--runs", "1")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("runs", "it must be 2 or more");
        assertThat(run("particles", "--particles", "16,0")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("particles", "it must be 1 or more");
        assertThat(run("particles", "--beta", "0.5,0")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("beta", "it must be above 0");
    }

    @Test
    void particlesTellWhatTheyCouldNotCompareWith() throws IOException {
        Path cases = Path.of("..", "..", "shared", "cases");
        assumeTrue(Files.isDirectory(cases), "the shared cases are not there");
        String nowhere = folder.resolve("nowhere").toString();

        assertThat(run(
                        "particles",
                        "--runs",
                        "40",
                        "--particles",
                        "4",
                        "--cases",
                        cases.toString(),
                        "--beta",
                        "0.5",
                        "--horizon",
                        "3",
                        "--peers",
                        nowhere,
                        "--json"))
                .isEqualTo(ExitCode.DONE);

        JsonNode document = new ObjectMapper().readTree(printed());
        assertThat(document.path("skipped").asText()).startsWith("no " + nowhere);
        JsonNode target = document.path("targets").path(0);
        assertThat(target.path("log_z").asDouble()).isStrictlyBetween(0.0, 3.0); // a nat for each vowel
        assertThat(target.path("rows")).hasSize(4);
        for (JsonNode row : target.path("rows")) {
            double error = row.path("ratioError").asDouble();
            assertThat(row.path("ratio").asDouble()).isCloseTo(1, within(5 * error + 1e-5));
        }
        assertThat(target.path("rows").path(3).path("spread").asDouble()).isLessThan(1e-5); // exact twists
    }

    @Test
    void withoutAMeasurementItSaysWhichThereAre() {
        assertThat(run()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("name a measurement: coverage, audit, torch, train, methods, smc, particles or limits");
    }

    @Test
    void coverageRefusesWhatDoesNotGoTogether() {
        assertThat(run("coverage", "--kinds", "--verdicts")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("give one of --kinds, --verdicts and --all");
        assertThat(run("coverage", "--kinds", "--only", "nothing like it")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("it must be part of a name, such as");
    }

    @Test
    void limitsAreComparedWithFormulasOfTheirOwn() throws IOException {
        Path json = folder.resolve("limits.json");

        assertThat(run("limits", "--only", "grpo kl=loss", "--tables", "8", "--json", json.toString()))
                .isEqualTo(ExitCode.DONE);

        assertThat(printed()).contains("Limits on 8 random tables a method (seed 1)", "grpo kl=loss:k3-ratio");
        JsonNode document = new ObjectMapper().readTree(Files.readString(json));
        assertThat(document.path("schema").asText()).isEqualTo("credence.bench.limits/1");
        assertThat(document.path("methods")).hasSize(8);
        for (JsonNode row : document.path("methods")) {
            assertThat(row.path("reached").asInt()).isEqualTo(row.path("tables").asInt());
            assertThat(row.path("furthest").asDouble()).isLessThan(1e-6);
        }
        assertThat(run("limits", "--only", "no such method")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run("limits", "--tables", "0")).isEqualTo(ExitCode.BAD_INPUT);
    }

    /** What MainTest asks of the program's own commands. */
    @ParameterizedTest
    @ValueSource(strings = {"", "coverage", "audit", "torch", "train", "methods", "limits"})
    void helpHasAnExampleOfItself(String measurement) {
        String command = ("bench " + measurement).strip();
        assertThat(run(Stream.of(measurement, "--help")
                        .filter(each -> !each.isEmpty())
                        .toArray(String[]::new)))
                .isEqualTo(ExitCode.DONE);
        assertThat(printed()).containsPattern("Examples?:\\R(?s:.*)  credence " + command);
        assertThat(printed().lines()).allMatch(line -> line.length() <= 100);
        if (!measurement.isEmpty()) {
            assertThat(printed()).contains("--json", "--seed", "--quiet", "--verbose", "--help");
        }
    }
}
