package dev.credence.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.Main;
import dev.credence.app.console.Console;
import dev.credence.core.figures.DataTable;
import dev.credence.data.files.ParquetTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages ask for, and the work that they begin. */
class WebPagesTest {
    private static final String WORLD = "prior: {a: 0.4, b: 0.3, c: 0.2, d: 0.1}\nreward: {a: 0, b: 1, c: 2, d: 3}\n";
    private static final String MARKUP = "<img src=x onerror=alert(1)>";

    @TempDir
    private static Path folder;

    private static Path runs;
    private static Served page;

    @BeforeAll
    static void start() throws IOException {
        runs = Files.createDirectories(folder.resolve("runs"));
        Served.writeLog(runs.resolve("logs/log.jsonl"), MARKUP);
        page = new Served(runs);
        command(
                "audit",
                runs.resolve("logs/log.jsonl").toString(),
                "--beta",
                "1",
                "--json",
                runs.resolve("logs/kept.json").toString());
    }

    @AfterAll
    static void stop() {
        page.close();
    }

    static String command(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        Main.run(arguments, new Console(InputStream.nullInputStream(), results, results, Console.Face.PLAIN_FILE));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String asked(String... pairs) {
        ObjectNode node = Served.JSON.createObjectNode();
        for (int i = 0; i < pairs.length; i += 2) {
            node.put(pairs[i], pairs[i + 1]);
        }
        return node.toString();
    }

    @Test
    void everyDocumentNamesItsSchema() throws IOException {
        assertThat(page.json("/api/runs").path("schema").asText()).isEqualTo("credence.runs/1");
        assertThat(page.json("/api/audits").path("schema").asText()).isEqualTo("credence.audits/1");
        assertThat(page.json("/api/audit?file=logs/kept.json").path("schema").asText())
                .isEqualTo("credence.audit/1");
        assertThat(page.json("/api/compare?file=logs/kept.json").path("schema").asText())
                .isEqualTo("credence.report/1");
        assertThat(page.json("/api/texts?file=logs/kept.json").path("schema").asText())
                .isEqualTo("credence.texts/1");
        assertThat(page.json("/api/log?file=logs/log.jsonl").path("schema").asText())
                .isEqualTo("credence.log/1");
        assertThat(page.json("/api/experiments").path("schema").asText()).isEqualTo("credence.experiments/1");
        JsonNode worlds = page.json("/api/worlds");
        assertThat(worlds.path("schema").asText()).isEqualTo("credence.worlds/1");
        assertThat(worlds.path("worlds"))
                .as("those of the command of that schema")
                .isEqualTo(Served.JSON.readTree(command("worlds", "--json")).path("worlds"));
        assertThat(page.json("/api/world?name=t1").path("schema").asText()).isEqualTo("credence.world/1");
        assertThat(page.json("/api/jobs").path("schema").asText()).isEqualTo("credence.jobs/1");
    }

    @Test
    void runsAreComparedOnlyAsManyAsAreToldApart() throws IOException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 13; i++) {
            Path run = Files.createDirectories(runs.resolve("compared/r" + i));
            Files.writeString(
                    run.resolve("run.json"),
                    "{\"schema\":\"credence.run/1\",\"credence\":\"x\",\"kind\":\"condition\",\"started\":\"x\",\"settings\":{}}");
            Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":1,\"kl\":0.25,\"reward\":1.5}\n");
            names.add("name=compared/r" + i);
        }
        String twelve = String.join("&", names.subList(0, 12));
        assertThat(page.get("/part/runs?" + twelve).body())
                .contains("runs-frontier", "compared/r11")
                .doesNotContain("style=\"");
        assertThat(page.json("/api/run?" + twelve).path("runs")).hasSize(12);
        for (String path : List.of("/part/runs", "/api/run")) {
            HttpResponse<String> many = page.get(path + "?" + String.join("&", names));
            assertThat(many.statusCode()).isEqualTo(400);
            assertThat(many.body()).contains("name 1 to 12 runs");
            assertThat(page.get(path).statusCode()).isEqualTo(400);
            assertThat(page.get(path + "?name=none").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aPosteriorIsTheCommandsOwn() throws IOException {
        Path world = folder.resolve("world.yaml");
        Files.writeString(world, WORLD);
        JsonNode typed = Served.JSON.readTree(command("posterior", world.toString(), "--beta", "0.5", "--json"));
        JsonNode answer = page.json("/api/posterior", asked("yaml", WORLD, "beta", "0.5"));
        assertThat(answer.path("schema").asText()).isEqualTo("credence.posterior/1");
        assertThat(answer.path("findings")).isEqualTo(typed.path("findings"));
        assertThat(answer.path("prompts")).isEqualTo(typed.path("prompts"));
        double z = 0.4 + 0.3 * Math.exp(2) + 0.2 * Math.exp(4) + 0.1 * Math.exp(6);
        assertThat(answer.at("/findings/log_z/estimate").asDouble()).isCloseTo(Math.log(z), within(1e-12));
        assertThat(page.json("/part/posterior", asked("yaml", WORLD, "beta", "0.5"))
                        .path("html")
                        .asText())
                .contains("Prior and posterior")
                .doesNotContain("style=");
    }

    @Test
    void aBrokenWorldIsRefusedWithItsRule() {
        HttpResponse<String> answer =
                page.post("/api/posterior", asked("yaml", "prior: {a: 0.5, b: 0.1}\nreward: {a: 0, b: 1}"));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Served.parsed(answer).path("error").asText())
                .contains("world.yaml")
                .contains("1");
        assertThat(page.post("/api/posterior", asked("yaml", WORLD, "beta", "-1"))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aWorldWithOtherRewardsIsDrawnWithItsOwn() throws IOException {
        String world = "prior: {a: 0.5, b: 0.5}\nreward: {a: 0, b: 1}\n";
        JsonNode drawn = Served.JSON.readTree(
                page.post("/part/posterior", asked("yaml", world, "beta", "1", "reward", "quality"))
                        .body());
        assertThat(drawn.path("rewards").get(0).asText()).isEqualTo("reward");
        assertThat(drawn.at("/posterior/findings/log_z/estimate").asDouble())
                .isCloseTo(Math.log(0.5 + 0.5 * Math.E), within(1e-12));
    }

    @Test
    void aPastedWorldRunsNoProgram() throws IOException {
        Path touched = folder.resolve("touched");
        for (String key : List.of("\"command:touch " + touched + "\"", "\"\\x63ommand:touch " + touched + "\"")) {
            String network =
                    "variables:\n  x: {values: {a: .5, b: .5}}\ntext: \"{x}\"\nrewards:\n  r: {text: " + key + "}\n";
            HttpResponse<String> answer = page.post("/part/posterior", asked("yaml", network, "beta", "1"));
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("is for the command line");
        }
        assertThat(touched).doesNotExist();
        String control =
                "variables:\n  x: {values: {a: .5, b: .5}}\ntext: \"{x}\"\nrewards:\n  r: {text: \"contains:a\"}\n";
        assertThat(page.post("/part/posterior", asked("yaml", control, "beta", "1"))
                        .statusCode())
                .isEqualTo(200);
        for (String reward : List.of("command:touch " + touched, "model:x", "http://a", "class:a.B", "1 + lexicon:x")) {
            HttpResponse<String> answer = page.post("/api/audits", asked("log", "logs/log.jsonl", "reward", reward));
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(Served.parsed(answer).path("error").asText()).startsWith("reward is " + reward);
        }
    }

    @Test
    void anExperimentOfThePageRunsNoProgramAndReadsNoWorldFromElsewhere() throws IOException {
        Path touched = folder.resolve("touched");
        Path elsewhere = Files.writeString(folder.resolveSibling(folder.getFileName() + ".yaml"), "prior: {a: 1}\n");
        Map<String, Map<String, String>> asked = Map.of(
                "certified", Map.of("reward", "length + command:touch " + touched),
                "which-conditional", Map.of("world", elsewhere.toString()),
                "mode-collapse", Map.of("human.world", "../" + elsewhere.getFileName()));
        int begun = page.json("/api/jobs").path("jobs").size();
        for (Map.Entry<String, Map<String, String>> each : asked.entrySet()) {
            ObjectNode request = Served.JSON.createObjectNode().put("name", each.getKey());
            request.set("settings", Served.JSON.valueToTree(each.getValue()));
            HttpResponse<String> answer = page.post("/api/experiments", request.toString());
            assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 404);
            assertThat(page.json("/api/jobs").path("jobs").size())
                    .as(each.getKey())
                    .isEqualTo(begun);
        }
        Files.delete(elsewhere);
        assertThat(touched).doesNotExist();
    }

    @Test
    void textsThatAreLikelyOrDroppedAreShownWithTheirShares() {
        JsonNode texts = page.json("/api/texts?file=logs/kept.json&prompt=first%20prompt");
        assertThat(texts.path("copies").asDouble()).isEqualTo(1);
        assertThat(texts.path("equal_reward").size()).isEqualTo(1);
        JsonNode widest = texts.path("equal_reward").get(0);
        assertThat(widest.path("spread").asDouble()).isCloseTo(Math.log(3) + Math.log(2), within(1e-12));
        assertThat(widest.at("/highest/completion").asText()).isEqualTo(MARKUP);
        assertThat(widest.at("/lowest/completion").asText()).isEqualTo("four");
        double z = 0.7 + 0.3 * Math.E;
        JsonNode dropped = texts.path("dropped").get(0);
        assertThat(dropped.path("completion").asText()).isEqualTo("four");
        assertThat(dropped.path("posterior").asDouble()).isCloseTo(0.1 * Math.E / z, within(1e-9));
        assertThat(dropped.path("policy").asDouble()).isCloseTo(0.05, within(1e-9));
        assertThat(texts.path("prior").get(0).path("completion").asText()).isEqualTo("one");
        assertThat(texts.path("policy").get(0).path("completion").asText()).isEqualTo(MARKUP);
    }

    /** An audit that was made from another folder, or before its folder was moved, has its log beside it. */
    @Test
    void theLogIsFoundBesideItsAuditAndIsTheOneThatWasAudited() throws IOException {
        Path folder = Files.createDirectories(runs.resolve("moved"));
        Path log = Files.copy(runs.resolve("logs/log.jsonl"), folder.resolve("log.jsonl"));
        String audit = Files.readString(runs.resolve("logs/kept.json"));
        String name = Pattern.compile("\"name\" : \"([^\"]*log\\.jsonl)\"")
                .matcher(audit)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        for (String written : List.of("log.jsonl", "./log.jsonl", "moved/log.jsonl", "/gone/since/log.jsonl")) {
            Files.writeString(folder.resolve("kept.json"), audit.replace(name, written));
            assertThat(page.json("/api/texts?file=moved/kept.json").path("log").asText())
                    .as(written)
                    .isEqualTo("moved/log.jsonl");
        }
        Files.writeString(log, Files.readString(log).replace("four", "five")); // as long as it was
        HttpResponse<String> changed = page.get("/api/texts?file=moved/kept.json");
        assertThat(changed.statusCode()).isEqualTo(409);
        assertThat(Served.parsed(changed).path("error").asText())
                .startsWith("the log /gone/since/log.jsonl is no longer the one that was audited");
        Files.delete(log);
        HttpResponse<String> gone = page.get("/api/texts?file=moved/kept.json");
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(gone.body()).contains("is not one file in the folder served");
    }

    @Test
    void textsOfALogInAPartHaveNoMarkup() {
        assertThat(page.get("/part/audit?file=logs/kept.json").body())
                .doesNotContain("<img")
                .contains("data-prompt=\"first prompt\"");
        assertThat(page.get("/part/compare?file=logs/kept.json&file=logs/kept.json")
                        .body())
                .contains("logs/kept")
                .doesNotContain("style=\"");
    }

    @Test
    void aReportIsSavedRatherThanShown() {
        HttpResponse<String> report = page.get("/report?file=logs/kept.json");
        assertThat(report.headers().firstValue("Content-Disposition").orElse(""))
                .startsWith("attachment");
        assertThat(report.body()).startsWith("<!DOCTYPE html>");
    }

    @Test
    void aDroppedLogIsMappedAuditedAndTheSameAsByTheCommand() throws Exception {
        String log = Files.readString(runs.resolve("logs/log.jsonl")).replace("\"reward\":", "\"score\":");
        String file = page.json("/api/logs?name=mine.jsonl", log).path("file").asText();
        JsonNode fields = page.json("/api/log?file=" + file);
        assertThat(fields.path("mapped").path("reward").isNull()).isTrue();
        assertThat(fields.path("mapped").path("prompt").asText()).isEqualTo("prompt");
        assertThat(fields.path("found").has("score")).isTrue();
        ObjectNode asked = Served.JSON.createObjectNode().put("log", file).put("beta", "1");
        asked.putObject("fields").put("reward", "score");
        JsonNode job = page.json("/api/audits", asked.toString());
        JsonNode ended = page.job(job.path("id").asText(), Served::ended);
        assertThat(ended.path("state").asText()).as(ended.toString()).isEqualTo("done");
        JsonNode audit = page.json("/api/audit?file=" + ended.path("target").asText());
        JsonNode kept = page.json("/api/audit?file=logs/kept.json");
        assertThat(audit.path("findings")).isEqualTo(kept.path("findings"));
        assertThat(page.json("/api/texts?file=" + ended.path("target").asText())
                        .path("passed_over")
                        .asInt())
                .isZero();
    }

    @Test
    void severalFilesAreOneLogAndTheQuestionIsTheCommands() throws Exception {
        List<String> lines = Files.readAllLines(runs.resolve("logs/log.jsonl"));
        String first = String.join("\n", lines.subList(0, lines.size() / 2));
        String second = String.join("\n", lines.subList(lines.size() / 2, lines.size()));
        ObjectNode asked = Served.JSON.createObjectNode();
        asked.put(
                "log",
                page.json("/api/logs?name=left.jsonl", first).path("file").asText());
        String other =
                page.json("/api/logs?name=right.jsonl", second).path("file").asText();
        asked.putArray("more").add(other);
        asked.put("beta", "1").put("together", true).put("drop_thin", true).put("reward-range", "0..3");
        JsonNode job = page.json("/api/audits", asked.toString());
        JsonNode ended = page.job(job.path("id").asText(), Served::ended);
        assertThat(ended.path("state").asText()).as(ended.toString()).isEqualTo("done");
        assertThat(ended.path("title").asText()).endsWith("left.jsonl and 1 more");
        JsonNode audit = page.json("/api/audit?file=" + ended.path("target").asText());
        assertThat(audit.path("inputs")).hasSize(2);
        assertThat(audit.path("provenance").path("settings").toString())
                .contains("\"together\":\"yes\"", "\"drop-thin\":\"yes\"", "\"reward-range\":\"0..3\"");
        JsonNode kept = page.json("/api/audit?file=logs/kept.json");
        String kl = "/findings/kl.policy_prior/estimate";
        assertThat(audit.at(kl).asDouble()).isCloseTo(kept.at(kl).asDouble(), within(1e-9));
        for (String outside : List.of("..", "/", "logs/log.jsonl", "none")) {
            asked.put("prior", outside).put("policy", outside);
            assertThat(page.post("/api/audits", asked.toString()).statusCode())
                    .as(outside)
                    .isBetween(400, 404);
        }
        asked.remove(List.of("prior", "policy"));
        asked.put("evidence", "command:touch x");
        assertThat(page.post("/api/audits", asked.toString()).body()).contains("is for the command line");
        asked.remove("evidence");
        asked.put("step", "2"); // of a trainer's dump, with both models
        JsonNode refused = page.json("/api/audits", asked.toString());
        assertThat(page.job(refused.path("id").asText(), Served::ended).toString())
                .contains("failed", "--step");
    }

    @Test
    void aNameThatARequestDoesNotHaveIsRefusedAndNotPassedOver() {
        for (String path : List.of("/api/audits", "/api/experiments", "/api/posterior", "/part/posterior")) {
            HttpResponse<String> answer = page.post(path, asked("betta", "0.5"));
            assertThat(answer.statusCode()).as(path).isEqualTo(400);
            assertThat(answer.body()).as(path).contains("a request here has no betta; ", "known are: ");
        }
        assertThat(page.post("/api/audits", asked("betta", "0.5")).body()).contains("did you mean 'beta'?");
        assertThat(page.post("/api/logs/remove", asked("log", "x")).body()).contains("known are: file");
    }

    @Test
    void aLogWithABrokenLineIsAuditedWithoutItAndShowsItsTexts() throws Exception {
        List<String> lines = new ArrayList<>(Files.readAllLines(runs.resolve("logs/log.jsonl")));
        lines.add(2, "{\"prompt\": \"cut");
        String file = page.json("/api/logs?name=cut-beta0.1.jsonl", String.join("\n", lines))
                .path("file")
                .asText();
        assertThat(file).isEqualTo("dropped-cut-beta0.1/cut-beta0.1.jsonl");
        JsonNode fields = page.json("/api/log?file=" + file);
        assertThat(fields.path("broken").asText()).contains("cut-beta0.1.jsonl:3: broken JSON");
        assertThat(fields.path("mapped").path("reward").asText()).isEqualTo("reward");
        ObjectNode asked =
                Served.JSON.createObjectNode().put("log", file).put("beta", "1").put("skip_bad", true);
        JsonNode job = page.json("/api/audits", asked.toString());
        JsonNode ended = page.job(job.path("id").asText(), Served::ended);
        assertThat(ended.path("state").asText()).as(ended.toString()).isEqualTo("done");
        JsonNode texts = page.json("/api/texts?file=" + ended.path("target").asText());
        assertThat(texts.path("passed_over").asInt()).isEqualTo(1);
        assertThat(texts.path("records").asInt()).isEqualTo(lines.size());
    }

    @Test
    void aLogWithoutRecordsHasNoFields() throws IOException {
        Files.writeString(runs.resolve("empty.jsonl"), "\n");
        Files.writeString(runs.resolve("cut.jsonl"), "{\"a\n");
        Files.writeString(runs.resolve("pickled.parquet"), "\u0001pickle");
        assertThat(refusal("/api/log?file=empty.jsonl")).isEqualTo("empty.jsonl: empty; a log has at least one record");
        assertThat(refusal("/api/log?file=cut.jsonl")).contains("cut.jsonl:1: broken JSON");
        assertThat(refusal("/api/log?file=pickled.parquet")).contains("pickled.parquet: no Parquet");
    }

    private static String refusal(String path) {
        HttpResponse<String> answer = page.get(path);
        assertThat(answer.statusCode()).isEqualTo(400);
        return Served.parsed(answer).path("error").asText();
    }

    @Test
    void ofParquetTheFirstRecordsAreLookedAt() throws IOException {
        DataTable.Builder rows = DataTable.of("log", "prompt", "it's", "reward");
        for (int i = 0; i < 1000; i++) {
            rows.row("p", "text " + i, (double) i);
        }
        Path file = runs.resolve("it's.parquet");
        ParquetTable.write(rows.build(), file);
        JsonNode fields = page.json("/api/log?file=it's.parquet");
        assertThat(fields.path("sampled").asInt()).isEqualTo(200);
        assertThat(fields.path("found").path("it's").get(0).asText()).isEqualTo("text 0");
        assertThat(fields.path("mapped").path("completion").isNull()).isTrue();
    }

    @Test
    void aRunThatIsKilledUnderThePageGoesOnFromIt() throws Exception {
        ObjectNode asked =
                Served.JSON.createObjectNode().put("name", "mode-collapse").put("quick", true);
        HttpResponse<String> wrong = page.post(
                "/api/experiments",
                asked.deepCopy()
                        .set("settings", Served.JSON.createObjectNode().put("seed", "x"))
                        .toString());
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(Served.parsed(wrong).path("error").asText()).startsWith("seed is x");
        asked.putObject("settings").put("seed", "7");
        JsonNode job = page.json("/api/experiments", asked.toString());
        assertThat(job.path("command").asText())
                .startsWith("credence run mode-collapse -o ")
                .endsWith("--set=seed=7");
        assertThat(job.path("ended").isNull()).isTrue();
        String run = job.path("target").asText();
        assertThat(page.post("/api/runs/resume?name=" + run, "{}").statusCode()).isNotEqualTo(200);
        while (!Files.exists(runs.resolve(run).resolve("run.json"))) {
            Thread.sleep(10);
        }
        ProcessHandle.of(job.path("pid").asLong()).orElseThrow().destroyForcibly();
        JsonNode killed = page.job(job.path("id").asText(), Served::ended);
        assertThat(killed.path("state").asText()).isEqualTo("failed");
        assertThat(killed.path("ended").asLong())
                .isGreaterThanOrEqualTo(killed.path("started").asLong());
        List<String> statuses = new ArrayList<>();
        page.json("/api/runs").path("runs").forEach(each -> {
            if (each.path("run").asText().equals(run)) {
                statuses.add(each.path("status").asText());
            }
        });
        assertThat(statuses).containsExactly("resumable");

        Served.JSON.readTree(page.get("/api/run?name=" + run).body());
        JsonNode resumed = page.json("/api/runs/resume?name=" + run, "{}");
        assertThat(resumed.path("kind").asText()).isEqualTo("resume");
        assertThat(page.post("/api/runs/resume?name=" + run, "{}").statusCode())
                .as("one process at a time")
                .isEqualTo(409);
        JsonNode done = page.job(resumed.path("id").asText(), Served::ended);
        assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("done");
        assertThat(page.json("/api/experiments").path("past"))
                .as("what tells one from another of the same name")
                .anySatisfy(past -> {
                    assertThat(past.path("file").asText()).isEqualTo(run + "/figures.json");
                    assertThat(past.path("quick").asBoolean()).isTrue();
                    assertThat(past.path("settings").toString()).isEqualTo("{\"seed\":\"7\"}");
                });
        assertThat(page.get("/part/experiment?file=" + run + "/figures.json").body())
                .contains("data-experiment=\"mode-collapse\"");
    }

    @Test
    void anEndThatWorkHoldsUpIsTold(@TempDir Path own) throws Exception {
        ObjectNode asked =
                Served.JSON.createObjectNode().put("name", "mode-collapse").put("quick", true);
        Served ending = new Served(own); // its end is not the other tests'
        long pid = ending.json("/api/experiments", asked.toString()).path("pid").asLong();
        signal("STOP", pid);
        List<String> said = Collections.synchronizedList(new ArrayList<>());
        Thread closing = new Thread(() -> ending.close(said::add));
        closing.start();
        for (int wait = 0; wait < 1000 && said.isEmpty(); wait++) {
            Thread.sleep(10);
        }
        assertThat(ProcessHandle.of(pid)).as("it has a minute").isPresent();
        signal("CONT", pid);
        closing.join(60_000);
        assertThat(said).singleElement().asString().contains("is brought to an end and kept first");
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Test
    void aSecondTabSeesAndStopsTheWorkOfTheFirst() throws Exception {
        JsonNode job = page.json("/api/audits", asked("log", "logs/log.jsonl", "beta", "1"));
        String other = page.opened();
        assertThat(other).isEqualTo(page.cookie());
        page.post("/api/jobs/stop?id=" + job.path("id").asText(), "{}");
        JsonNode ended = page.job(job.path("id").asText(), Served::ended);
        assertThat(ended.path("state").asText()).isIn("stopped", "done");
        assertThat(page.post("/api/jobs/stop?id=none", "{}").statusCode()).isEqualTo(404);
    }

    @Test
    void aRunOfAnotherProcessIsNotResumedHere() throws IOException {
        Path run = Files.createDirectories(runs.resolve("elsewhere"));
        Files.writeString(
                run.resolve("run.json"),
                "{\"schema\":\"credence.run/1\",\"credence\":\"x\",\"kind\":\"train\",\"started\":\"x\",\"settings\":{\"steps\":\"9\"}}");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":2.5,\"kl\":0.25,\"reward\":1.5}\n");
        assertThat(page.get("/part/run?name=elsewhere").body())
                .contains("KL from the prior")
                .contains("data-height");
        HttpResponse<String> refused = page.post("/api/runs/resume?name=elsewhere", "{}");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(Served.parsed(refused).path("error").asText()).contains("credence resume");
        Files.writeString(run.resolve("run.json"), "{half");
        JsonNode listed = page.json("/api/runs").path("runs");
        assertThat(listed.findValuesAsText("status"))
                .as("the others are still told")
                .contains("unreadable");
        Files.delete(run.resolve("run.json"));
    }

    @Test
    void badSettingsAreRefusedBeforeAnythingIsServed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        refused("port is 70000; it must be from 0 to 65535", "serve", "--port", "70000");
        Path unmade = folder.resolve("unmade");
        refused("something else listens there", "serve", unmade.toString(), "--port", Integer.toString(page.port()));
        assertThat(unmade).doesNotExist();
        refused(
                "cannot be made; RUNS is a folder",
                "serve",
                file.resolve("runs").toString(),
                "--port",
                "0");
        refused("RUNS is a folder", "serve", file.toString(), "--port", "0");
        refused("a model is served without", "serve", runs.toString(), "--model", "none");
        refused("it is about a model", "serve", runs.toString(), "--end", "both");
    }

    private static void refused(String words, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        int code = Main.run(
                arguments, new Console(InputStream.nullInputStream(), results, results, Console.Face.PLAIN_FILE));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(words);
        assertThat(code).isEqualTo(2);
    }
}
