package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.lab.audits.RecordedLogs;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The local page ended at random moments, by SIGKILL, SIGTERM and SIGINT in turn, while a log comes to it and an audit and two
 * experiments go on: what it began ends with it, nothing is half-written, and all of it comes to the bytes of work that was left
 * alone. -Dcredence.kills=N for another number of kills, -Dcredence.kills.seed=N for other moments.
 */
class PageKillsTest {
    private static final boolean ASKED = Integer.getInteger("credence.kills") != null;
    private static final int KILLS = Integer.getInteger("credence.kills", 1);
    private static final String[] SIGNALS = {"KILL", "TERM", "INT"};
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> RUNS_BEGUN = List.of("which-conditional", "mode-collapse");

    private final SplittableRandom random = new SplittableRandom(Long.getLong("credence.kills.seed", 8));
    private final List<Process> started = new ArrayList<>();

    @TempDir
    private Path folder = Path.of("");

    private Path runs = Path.of("");
    private String log = "";

    @AfterEach
    void endAll() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        children().forEach(ProcessHandle::destroyForcibly);
    }

    private PageProcess page() throws IOException, InterruptedException {
        PageProcess page = PageProcess.start(runs, folder.resolve("page.log"));
        started.add(page.process());
        return page;
    }

    @BeforeEach
    void make() throws IOException {
        runs = Files.createDirectories(folder.resolve("runs")).toRealPath();
    }

    @Test
    void whatItBeganEndsWithIt() throws IOException, InterruptedException {
        PageProcess page = page();
        String asked = JSON.createObjectNode()
                .put("name", "mode-collapse")
                .put("quick", true)
                .toString();
        page.post("/api/experiments", asked);
        end(page.process(), "KILL");
        noneGoesOn();
        assertThat(files(name -> name.equals("result.json"))).isEmpty();
    }

    @Test
    void nothingIsLostWithThePage() throws IOException, InterruptedException {
        assumeTrue(ASKED, "takes long: asked for by -Dcredence.kills=N");
        log = RecordedLogs.log(RecordedLogs.tilt(1), 4000, "");
        for (int kill = 0; kill < KILLS; kill++) {
            PageProcess page = page();
            begin(page, RUNS_BEGUN);
            try (Socket half = page.half("half.jsonl", log.getBytes(StandardCharsets.UTF_8))) {
                assertThat(half.isConnected()).isTrue();
                Thread.sleep(random.nextInt(6000));
                end(page.process(), SIGNALS[kill % SIGNALS.length]);
            }
            noneGoesOn();
            assertThat(folder.resolve("page.log")).content().doesNotContain("Exception", "\tat ");
        }
        PageProcess page = page();
        List<String> begun = begin(page, List.of());
        String whole = begun.get(0);
        awaitEnd(page);
        nothingHidden();
        logsAndAuditsAreWhole(runs.resolve(whole));
        experimentsComeToTheirEnd();
        page.process().destroy();
        assertThat(page.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        nothingHidden();
    }

    /** A log is dropped and audited, experiments begin; what is to come of them. */
    private List<String> begin(PageProcess page, List<String> experiments) throws IOException, InterruptedException {
        List<String> targets = new ArrayList<>();
        String dropped = page.post("/api/logs?name=log.jsonl", log).path("file").asText();
        String audit =
                JSON.createObjectNode().put("log", dropped).put("beta", "1").toString();
        targets.add(page.post("/api/audits", audit).path("target").asText());
        for (String name : experiments) {
            ObjectNode asked = JSON.createObjectNode().put("name", name).put("quick", true);
            targets.add(page.post("/api/experiments", asked.toString())
                    .path("target")
                    .asText());
        }
        return targets;
    }

    private static void end(Process process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(signal).isTrue();
    }

    private void noneGoesOn() throws InterruptedException {
        for (int wait = 0; wait < 1200 && children().findAny().isPresent(); wait++) {
            Thread.sleep(50);
        }
        assertThat(children()).as("processes that outlive their page").isEmpty();
    }

    private Stream<ProcessHandle> children() {
        return ProcessHandle.allProcesses()
                .filter(process -> Arrays.stream(process.info().arguments().orElse(new String[0]))
                        .anyMatch(argument -> argument.startsWith(runs.toString() + "/")));
    }

    private void awaitEnd(PageProcess page) throws IOException, InterruptedException {
        for (int wait = 0; wait < 1200; wait++) {
            boolean runs = false;
            for (JsonNode job : page.get("/api/jobs").path("jobs")) {
                runs |= job.path("ended").isNull();
                assertThat(job.path("state").asText()).as(job.toString()).isIn("running", "done");
            }
            if (!runs) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the work goes on");
    }

    private List<Path> files(Predicate<String> named) throws IOException {
        try (Stream<Path> files = Files.walk(runs)) {
            return files.filter(file -> named.test(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    private void nothingHidden() throws IOException {
        assertThat(files(name -> name.endsWith(".tmp") || name.endsWith(".part") || name.endsWith(".partial")))
                .as("what a killed process left")
                .isEmpty();
    }

    /** Each log that is there is all of it, each audit the same. */
    private void logsAndAuditsAreWhole(Path audit) throws IOException {
        assertThat(files(name -> name.equals("half.jsonl"))).isEmpty();
        assertThat(files("log.jsonl"::equals))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(file).hasContent(log));
        for (Path other : files(name -> name.endsWith(".audit.json"))) {
            assertThat(JSON.readTree(other.toFile()).get("steps"))
                    .as(other.toString())
                    .isEqualTo(JSON.readTree(audit.toFile()).get("steps"));
        }
    }

    /** Those that have their record go on; those that have not begin again in the same folder. */
    private void experimentsComeToTheirEnd() throws IOException {
        Map<String, Map<String, String>> whole = new TreeMap<>();
        for (Path run : files(name -> RUNS_BEGUN.stream().anyMatch(name::startsWith))) {
            String name = run.getFileName().toString().replaceFirst("-\\d+$", "");
            if (!Files.exists(run.resolve("result.json"))) {
                String[] again = Files.exists(run.resolve("run.json"))
                        ? new String[] {"resume", run.toString(), "-q"}
                        : new String[] {"run", name, "--quick", "-o", run.toString(), "-q"};
                Cli.run(again).exits(0);
            }
            if (!whole.containsKey(name)) {
                Path alone = folder.resolve("alone-" + name);
                Cli.run("run", name, "--quick", "-o", alone.toString(), "-q").exits(0);
                whole.put(name, results(alone));
            }
            assertThat(results(run)).as(run.toString()).isEqualTo(whole.get(name));
        }
    }

    /** What came of a run, as hashes of its files, but for its record and its page, which say when and by what it was asked. */
    private static Map<String, String> results(Path run) throws IOException {
        Map<String, String> results = new TreeMap<>();
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.equals("figures.json")) {
                    ObjectNode figures = (ObjectNode) JSON.readTree(file.toFile());
                    assertThat(figures.remove("provenance")).isNotNull();
                    results.put(name, figures.toString());
                } else if (!List.of("run.json", "result.json", "report.html").contains(name)) {
                    results.put(name, Files.isDirectory(file) ? "" : sha256(Files.readAllBytes(file)));
                }
            }
        }
        return results;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
