package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.credence.lab.audits.RecordedLogs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The audit as a guard in a pipeline: exit codes, what is said of them, options in a file, rewards by name. */
class GuardedAuditTest {
    private static final double[] DEPARTED = {.05, .10, .60, .25};

    @TempDir
    private Path folder = Path.of("");

    private String log = "";
    private String undecided = "";

    @BeforeEach
    void writeLogs() throws IOException {
        log = write("log.jsonl", RecordedLogs.log(DEPARTED, 300));
        undecided = write(
                "undecided.jsonl",
                RecordedLogs.log(DEPARTED, 300)
                        .lines()
                        .filter(line -> line.contains("\"source\": \"policy\""))
                        .reduce("", (a, b) -> a + b + "\n"));
    }

    private String write(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void withoutThresholdsTheVerdictDecides() {
        assertThat(Cli.run("audit", log, "--beta", "1", "--quiet").exits(0).err())
                .isEmpty();
        Cli cli = Cli.run("audit", undecided, "--beta", "1", "--quiet").exits(3);
        assertThat(cli.err().lines()).hasSize(1).first().asString().startsWith("cannot tell: ");
    }

    @Test
    void withThresholdsTheyAloneDecide() {
        Cli.run("audit", undecided, "--beta", "1", "--fail-over", "kl.policy_prior=50")
                .exits(0);
        Cli.run("audit", undecided, "--beta", "1", "--fail-over", "kl.policy_prior=0.01")
                .exits(4);
        Cli cli = Cli.run("audit", undecided, "--fail-under", "bayes_fraction=0.1", "-q")
                .exits(3);
        assertThat(cli.err().lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("withdrawn: bayes_fraction, named by --fail-under; ");
    }

    /** The last step decides; that of the steps before is said by the terminal, the page, JSON and JUnit XML alike. */
    @Test
    void whatStepsBeforeTheLastMissedIsSaidByAll() throws IOException {
        String policyOnly = RecordedLogs.log(RecordedLogs.tilt(3), 300, ", \"step\": 2")
                .lines()
                .filter(line -> line.contains("\"source\": \"policy\""))
                .reduce("", (a, b) -> a + b + "\n");
        String steps = write(
                "steps.jsonl",
                RecordedLogs.log(RecordedLogs.tilt(3), 300, ", \"step\": 1")
                        + policyOnly
                        + RecordedLogs.log(RecordedLogs.tilt(.5), 300, ", \"step\": 3"));
        Path page = folder.resolve("page.html");
        Path junit = folder.resolve("junit.xml");
        Path json = folder.resolve("audit.json");
        String[] command = {"audit", steps, "--beta", "1", "--fail-over", "kl.policy_prior=0.5", "--fail-under"};
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("bayes_fraction=0.3", "-o", page.toString(), "--junit", junit.toString()));
        words.addAll(List.of("--json", json.toString()));
        Cli cli = Cli.run(words.toArray(String[]::new)).exits(0);
        JsonNode thresholds =
                Cli.json(Files.readString(json), "credence.audit/1").get("thresholds");
        JsonNode under = thresholds.get(0);
        JsonNode over = thresholds.get(1);
        assertThat(under.get("withdrawn_before").toString()).isEqualTo("[2]");
        assertThat(under.has("missed_before")).isFalse();
        assertThat(over.get("missed_before").toString()).isEqualTo("[1,2]");
        assertThat(over.get("met").asBoolean()).isTrue();
        String missed = "not met before the last step, which alone counts: steps 1, 2";
        assertThat(cli.out()).contains("withdrawn before the last step: step 2");
        assertThat(cli.out().replaceAll("\\s+", " ")).contains(missed);
        assertThat(page).content().contains(missed, "withdrawn before the last step: step 2");
        assertThat(junit).content().contains(missed);
        Cli.run("report", json.toString(), "-o", page.toString()).exits(0);
        assertThat(page).content().as("read back").contains(missed);
    }

    @Test
    void eachThresholdAndItsOutcomeIsInTheJson() {
        Cli cli = Cli.run(
                        "audit",
                        log,
                        "--fail-under",
                        "bayes_fraction=0.99",
                        "--fail-over",
                        "kl.departure=5",
                        "--fail-over",
                        "log_z=1",
                        "--json")
                .exits(3);
        JsonNode thresholds = cli.json("credence.audit/1").get("thresholds");
        assertThat(thresholds).hasSize(3);
        assertThat(thresholds.get(0).get("id").asText()).isEqualTo("bayes_fraction");
        assertThat(thresholds.get(0).get("side").asText()).isEqualTo("under");
        assertThat(thresholds.get(0).get("met").asBoolean(true)).isFalse();
        assertThat(thresholds.get(1).get("met").asBoolean(false)).isTrue();
        assertThat(thresholds.get(2).get("met").isNull()).isTrue();
        assertThat(thresholds.get(2).get("reason").asText()).isEqualTo("no beta was given");
        assertThat(cli.err().lines().filter(line -> line.startsWith("not met: ") || line.startsWith("withdrawn: ")))
                .hasSize(2);
    }

    @Test
    void reportsKeepThresholdsAndInputs() throws IOException {
        String json = folder.resolve("a.json").toString();
        String page = folder.resolve("a.html").toString();
        Cli.run("audit", log, "--fail-under", "bayes_fraction=0.99", "--json", json)
                .exits(4);
        Cli.run("report", json, "-o", page).exits(0);
        assertThat(Files.readString(Path.of(page)))
                .contains("bayes_fraction ≥ 0.99", "not met", "1,200 records", "SHA-256")
                .contains(Cli.json(Files.readString(Path.of(json)), "credence.audit/1")
                        .at("/inputs/0/sha256")
                        .asText());
    }

    @Test
    void junitAndAnnotationsSayTheSame() throws IOException {
        String xml = folder.resolve("junit.xml").toString();
        Cli cli = Cli.run(
                        "audit",
                        log,
                        "--fail-under",
                        "bayes_fraction=0.99",
                        "--junit",
                        xml,
                        "--annotations",
                        "github",
                        "--json")
                .exits(4);
        assertThat(Files.readString(Path.of(xml)))
                .contains("failures=\"1\"", "<failure message=\"bayes_fraction has lower end ");
        assertThat(cli.err())
                .contains(
                        "::error title=Credence%2C log.jsonl%3A bayes_fraction not met::bayes_fraction has lower end ");
        cli.json("credence.audit/1"); // standard output is JSON alone
        assertThat(Cli.run("audit", log, "--fail-under", "bayes_fraction=0.99", "--annotations", "none")
                        .exits(4)
                        .err())
                .doesNotContain("::error");
        assertThat(Cli.run("audit", log, "--annotations", "gitlab").exits(2).err())
                .contains("it is github or none");
    }

    @Test
    void outputsAreNeverWrittenOverAnInputOrEachOther() throws IOException {
        String before = Files.readString(Path.of(log));
        assertThat(Cli.run("audit", log, "--junit", log).exits(2).err())
                .contains("option --junit is " + log + "; it is an input");
        String one = folder.resolve("one").toString();
        assertThat(Cli.run("audit", log, "--junit", one, "--json", one).exits(2).err())
                .contains("option --junit is " + one + "; another output goes there already");
        assertThat(Cli.run("audit", log, "--junit", "-").exits(2).err()).contains("name a file");
        String config = write("audit.yaml", "beta: 1\n");
        assertThat(Cli.run("audit", log, "--config", config, "--junit", config)
                        .exits(2)
                        .err())
                .contains("it is an input");
        assertThat(Files.readString(Path.of(log))).isEqualTo(before);
        assertThat(Path.of(one)).doesNotExist();
    }

    @Test
    void optionsComeFromAFile() throws IOException {
        String config = write("guard/audit.yaml", """
                # a guard
                beta: 1
                reward: warm=min(1,contains:c)
                candidate: [own=field:reward, "contains:d"]
                fail-under: {bayes_fraction: 0.2}
                fail-over:
                  - kl.departure=5
                  - log_z: 9
                junit: junit.xml
                quiet: true
                """);
        JsonNode root =
                Cli.run("audit", log, "--config", config, "--json").exits(0).json("credence.audit/1");
        assertThat(root.get("beta").asDouble()).isEqualTo(1);
        assertThat(root.get("reward").asText()).isEqualTo("warm");
        assertThat(root.get("thresholds")).hasSize(3);
        assertThat(root.get("inputs").get(1).get("name").asText()).isEqualTo(config);
        assertThat(root.get("candidates").findValuesAsText("name"))
                .containsExactlyInAnyOrder("reward", "warm", "own", "contains:d");
        assertThat(folder.resolve("guard/junit.xml")).exists();
        Cli typed = Cli.run(
                "audit", log, "--config", config, "--beta", "2", "--fail-under", "bayes_fraction=0.9", "--json");
        JsonNode overridden = typed.exits(4).json("credence.audit/1");
        assertThat(overridden.get("beta").asDouble()).isEqualTo(2);
        assertThat(overridden.get("thresholds"))
                .hasSize(3)
                .first()
                .satisfies(first -> assertThat(first.get("limit").asDouble()).isEqualTo(.9));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bta: 1                      | :2: field 'bta' is unknown; did you mean 'beta'?",
                "config: other.yaml          | :2: field 'config' is unknown",
                "beta: much                  | :2: field 'beta' is much; ",
                "beta: [1, 2]                | :2: field 'beta' is 2 values; it takes one",
                "beta:                       | :2: field 'beta' is no value",
                "skip-bad: perhaps           | :2: field 'skip-bad' is perhaps; it is true or false",
                "reward-range: 1             | :2: field 'reward-range' is 1; ",
                "candidate: [[a]]            | :2: field 'candidate' is no value",
                "seed: 2                     | :2: field 'seed' is given twice",
                "[                           | broken YAML",
            })
    void whatTheFileCannotSayIsNamedWithItsLine(String line, String message) throws IOException {
        String config = write("bad.yaml", "seed: 1\n" + line + "\n");
        assertThat(Cli.run("audit", log, "--config", config).exits(2).err())
                .startsWith("credence: " + config)
                .contains(message);
    }

    @Test
    void anAbsentFileIsSaidToBe() {
        assertThat(Cli.run("audit", log, "--config", "no.yaml").exits(2).err())
                .contains("no.yaml: no such file; a configuration is a YAML file");
    }

    @Test
    void rewardsGoByTheirNames() {
        Cli cli = Cli.run(
                        "audit", log, "--reward", "warm=2*contains:c", "--candidate", "cold=contains:a", "--beta", "1")
                .exits(0);
        assertThat(cli.out()).contains("reward 'warm' at β = 1", "Against 1 copy of warm", "cold");
        assertThat(cli.out()).doesNotContain("contains:");
    }

    @Test
    void aDeclaredRangeMustBeTrue() {
        assertThat(Cli.run("audit", log, "--reward-range", "0..2.5").exits(2).err())
                .contains("every reward lies within 0..2.5, as was declared");
        for (String bad : List.of("1", "3..0", "0..inf", "0...5..1", "a..b", "0..1..2")) {
            assertThat(Cli.run("audit", log, "--reward-range", bad).exits(2).err())
                    .contains("'" + bad + "' is not A..B");
        }
    }

    @Test
    void filesOfDifferentPoliciesGoTogetherWhereThatIsSaid() throws IOException {
        String one = write("run/rollouts.jsonl", RecordedLogs.log(DEPARTED, 20));
        String other = write("run/grpo.jsonl", RecordedLogs.log(DEPARTED, 30));
        assertThat(Cli.run("audit", one, other).exits(2).err()).contains("option --together is missing; ");
        Cli.run("audit", one, other, "--together").exits(0);
    }

    /** Trackers get what stands, with its ends; the audit does not depend on them. */
    @Test
    void figuresGoToTrackers() throws IOException {
        Map<String, byte[]> sent = new ConcurrentHashMap<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/2.0/", exchange -> {
            String path = exchange.getRequestURI().getPath().substring("/api/2.0/".length());
            sent.merge(path, exchange.getRequestBody().readAllBytes(), (first, second) -> second);
            byte[] answer =
                    "{\"experiment_id\":\"e\",\"run\":{\"info\":{\"run_id\":\"r\",\"artifact_uri\":\"mlflow-artifacts:/e/r/artifacts\"}}}"
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Path events = folder.resolve("events");
        try {
            Cli cli = Cli.run(
                            "audit", log, "--beta", "1", "--mlflow", url, "--tensorboard", events.toString(), "--json")
                    .exits(0);
            assertThat(cli.err()).contains("sent the figures to " + url + ", with the report", "wrote events into");
            JsonNode fraction = cli.json("credence.audit/1").at("/findings/bayes_fraction");
            JsonNode metrics = new ObjectMapper()
                    .readTree(sent.get("mlflow/runs/log-batch"))
                    .path("metrics");
            Map<String, Double> values = new HashMap<>();
            metrics.forEach(metric ->
                    values.put(metric.path("key").asText(), metric.path("value").asDouble()));
            assertThat(values)
                    .containsEntry("bayes_fraction", fraction.path("estimate").asDouble())
                    .containsEntry(
                            "bayes_fraction.lower", fraction.path("lower").asDouble())
                    .containsEntry(
                            "bayes_fraction.upper", fraction.path("upper").asDouble());
            assertThat(new String(
                            sent.get("mlflow-artifacts/artifacts/e/r/artifacts/report.html"), StandardCharsets.UTF_8))
                    .startsWith("<!DOCTYPE html>");
            try (var files = Files.list(events)) {
                assertThat(files)
                        .singleElement()
                        .satisfies(file -> assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                                .contains("bayes_fraction.lower", "copies.moment_match"));
            }
        } finally {
            server.stop(0);
        }
        assertThat(Cli.run("audit", log, "--beta", "1", "--mlflow", url)
                        .exits(0)
                        .err())
                .contains("warning: no figures to " + url);
        assertThat(Cli.run("audit", log, "--tensorboard", log).exits(2).err())
                .contains("option --tensorboard is " + log + "; it is a file");
    }
}
