package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.audits.PromptsFile;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.lab.Credence;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.LogReading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of many prompts: a file of their own, and what is said where they are not kept. */
class PromptsFileTest {
    private static final int MANY = 1001;

    @TempDir
    private Path folder = Path.of("");

    /** Prompts of four records; of the last one there is no policy record. */
    private String log(int prompts) throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        StringBuilder lines = new StringBuilder();
        for (int p = 0; p < prompts; p++) {
            for (int i = 0; i < 4; i++) {
                double prior = -1 - random.nextDouble();
                lines.append(String.format(
                        Locale.ROOT,
                        "{\"prompt\":\"p\\\"%d\",\"completion\":\"%d\",\"reward\":%d,\"logp_prior\":%s,\"logp_policy\":%s,\"source\":\"%s\"}%n",
                        p,
                        i,
                        random.nextInt(3),
                        prior,
                        prior + random.nextDouble() - 0.5,
                        i % 2 == 0 || p == prompts - 1 ? "prior" : "policy"));
            }
        }
        return Files.writeString(folder.resolve(prompts + ".jsonl"), lines).toString();
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private List<JsonNode> rows(String name) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(name))) {
            rows.add(new ObjectMapper().readTree(line));
        }
        return rows;
    }

    private static double number(JsonNode node) {
        return node.isTextual()
                ? Double.parseDouble(node.asText().replace("inf", "Infinity"))
                : node.isNull() ? Double.NaN : node.asDouble();
    }

    private static void agrees(JsonNode row, PromptAudit prompt) {
        assertThat(row.get("prompt").asText()).isEqualTo(prompt.prompt());
        assertThat(row.get("weight").asDouble()).isEqualTo(prompt.weight());
        assertThat(row.get("prior_records").asInt()).isEqualTo(prompt.priorRecords());
        assertThat(row.get("policy_records").asInt()).isEqualTo(prompt.policyRecords());
        assertThat(row.get("findings")).hasSize(prompt.findings().size());
        prompt.findings().forEach((id, finding) -> {
            JsonNode own = row.get("findings").get(id);
            assertThat(number(own.get("lower"))).isEqualTo((Double) finding.lower());
            assertThat(number(own.get("estimate"))).isEqualTo((Double) finding.estimate());
            assertThat(number(own.get("upper"))).isEqualTo((Double) finding.upper());
            assertThat(own.get("grade").asText())
                    .isEqualToIgnoringCase(finding.grade().name());
            assertThat(own.path("reason").asText("null")).isEqualTo(String.valueOf(finding.reason()));
        });
    }

    @Test
    void everyPromptIsInTheFileAndTheOthersSayHowMany() throws IOException {
        String log = log(MANY);
        StepAudit whole = Credence.audit(AuditRequest.standard().atBeta(1), log).last();
        assertThat(whole.prompts()).hasSize(MANY);
        assertThat(whole.omitted()).isNull();
        Cli cli = Cli.run(
                "audit",
                log,
                "--beta",
                "1",
                "--prompts-file",
                at("p.jsonl"),
                "--json",
                at("a.json"),
                "-o",
                at("a.html"));
        assertThat(cli.err()).contains("wrote " + at("p.jsonl"));
        String words =
                "300 of 1,001 prompts: the 200 with the largest share of the departure and the 100 weakest others";
        assertThat(cli.out().replaceAll("\\s+", " ")).contains("At hand are " + words);
        assertThat(Files.readString(folder.resolve("a.html"))).contains("Shown are " + words);
        List<JsonNode> rows = rows("p.jsonl");
        assertThat(rows).hasSize(MANY);
        for (int p = 0; p < MANY; p++) {
            agrees(rows.get(p), whole.prompts().get(p));
        }
        JsonNode json = Cli.json(Files.readString(folder.resolve("a.json")), "credence.audit/1");
        assertThat(json.get("prompts")).hasSize(300);
        assertThat(json.get("prompts_omitted").get("all").asInt()).isEqualTo(MANY);
        assertThat(json.get("prompts_omitted").get("file").asText()).isEqualTo(at("p.jsonl"));
        assertThat(json.get("prompts").has("p\"" + (MANY - 1))).isTrue(); // left out: the weakest there is
        StepAudit read = AuditJson.read(folder.resolve("a.json")).last();
        assertThat(read.promptCount()).isEqualTo(MANY);
        assertThat(whole.prompts()).containsAll(read.prompts());
        assertThat(read.findings()).isEqualTo(whole.findings());
    }

    @Test
    void parquetHoldsTheSame() throws Exception {
        String log = log(12);
        LogAudit audit =
                new LogAudit(List.of(log), InputStream.nullInputStream(), LogReading.standard(), warning -> {});
        audit.withPromptsFile(folder.resolve("p.parquet"))
                .audit(AuditRequest.standard().atBeta(1));
        audit.withPromptsFile(folder.resolve("p.jsonl"))
                .audit(AuditRequest.standard().atBeta(1));
        List<JsonNode> rows = rows("p.jsonl");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                ResultSet found = duck.createStatement()
                        .executeQuery("SELECT prompt, prior_records, findings['kl.departure'].estimate,"
                                + " findings['log_z'].upper, findings['log_z'].grade FROM '" + at("p.parquet") + "'")) {
            for (JsonNode row : rows) {
                assertThat(found.next()).isTrue();
                assertThat(found.getString(1)).isEqualTo(row.get("prompt").asText());
                assertThat(found.getInt(2)).isEqualTo(row.get("prior_records").asInt());
                JsonNode departure = row.get("findings").get("kl.departure").get("estimate");
                Object stored = found.getObject(3);
                assertThat(stored == null ? Double.NaN : (Double) stored).isEqualTo((Double) number(departure));
                Object upper = found.getObject(4);
                assertThat(upper == null ? Double.NaN : (Double) upper).isEqualTo((Double)
                        number(row.get("findings").get("log_z").get("upper")));
                assertThat(found.getString(5))
                        .isEqualTo(row.get("findings").get("log_z").get("grade").asText());
            }
            assertThat(found.next()).isFalse();
        }
    }

    @Test
    void packedLinesAreTheSameLines() throws IOException {
        String log = log(300);
        for (String name : List.of("p.jsonl", "p.jsonl.gz", "p.jsonl.zst")) {
            Cli.run("audit", log, "--beta", "1", "--prompts-file", at(name)).exits(3);
        }
        for (String name : List.of("p.jsonl.gz", "p.jsonl.zst")) {
            List<JsonNode> unpacked = new ArrayList<>();
            try (RawRecords records = RawRecords.open(at(name), InputStream.nullInputStream())) {
                for (JsonNode row = records.next(); row != null; row = records.next()) {
                    unpacked.add(row);
                }
            }
            assertThat(unpacked).isEqualTo(rows("p.jsonl"));
            assertThat(Files.size(folder.resolve(name))).isLessThan(Files.size(folder.resolve("p.jsonl")) / 5);
        }
        assertThat(rows("p.jsonl")).hasSize(300);
    }

    @Test
    void fewPromptsStayInTheJsonAsTheyAre() throws IOException {
        String log = log(3);
        String bare = Cli.run("audit", log, "--json", "-", "-q").out();
        Cli asked = Cli.run("audit", log, "--json", "-", "-q", "--prompts-file", at("p.jsonl"));
        JsonNode json = Cli.json(bare, "credence.audit/1");
        assertThat(json.has("prompts_omitted")).isFalse();
        assertThat(asked.json("credence.audit/1").get("prompts")).isEqualTo(json.get("prompts"));
        assertThat(rows("p.jsonl")).hasSize(3);
    }

    @Test
    void aWorldsPromptsGoToTheFileTooAndWithoutOneTheLossIsSaid() throws IOException {
        StringBuilder world = new StringBuilder("prompt,outcome,prior,policy,reward\n");
        for (int p = 0; p < 1001; p++) {
            world.append(String.format(Locale.ROOT, "q%d,a,0.5,%s,0%nq%d,b,0.5,%s,1%n", p, .25, p, .75));
        }
        Path file = Files.writeString(folder.resolve("w.csv"), world);
        Cli cli =
                Cli.run("audit", file.toString(), "--beta", "1", "--prompts-file", at("p.jsonl"), "--json", "-", "-q");
        assertThat(rows("p.jsonl")).hasSize(1001);
        assertThat(cli.json("credence.audit/1").get("prompts")).hasSize(200);
        assertThat(Cli.run("audit", file.toString(), "--beta", "1").out().replaceAll("\\s+", " "))
                .contains("200 of 1,001 prompts")
                .contains("the others' figures were not kept (--prompts-file FILE writes them).");
    }

    @Test
    void whatCannotBeWrittenIsRefusedOrLeavesTheOldFile() throws IOException {
        String log = log(3);
        assertThat(Cli.run("audit", log, "--prompts-file", at("p.csv")).exits(2).err())
                .contains(
                        "prompts-file",
                        "p.csv",
                        "its name must end in .jsonl or .parquet, or .gz or .zst behind .jsonl");
        assertThat(Cli.run("audit", log, "--prompts-file", log).exits(2).err()).contains("it is an input");
        assertThat(Cli.run("audit", log, "--prompts-file", at("a.jsonl"), "--json", at("a.jsonl"))
                        .exits(2)
                        .err())
                .contains("another output goes there already");
        assertThat(Cli.run("audit", "--follow", folder.toString(), "--prompts-file", at("p.jsonl"))
                        .exits(2)
                        .err())
                .contains("following a folder");
        for (String name : List.of("old.jsonl", "old.parquet")) {
            Path old = Files.writeString(folder.resolve(name), "old", StandardCharsets.UTF_8);
            assertThatThrownBy(() -> PromptsFile.write(old, sink -> {
                        sink.add(null, new PromptAudit("p", 1, 1, 1, java.util.Map.of()));
                        throw new IllegalStateException("in the middle");
                    }))
                    .hasMessage("in the middle");
            assertThat(old).hasContent("old");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.filter(path -> path.toString().endsWith(".tmp"))).isEmpty();
        }
    }
}
