package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Thinned draws")
class ThinnedLogTest {
    private static final Path FOLDER = Path.of("../../shared/cases/plays/thinned");

    @ParameterizedTest
    @ValueSource(strings = {"rloo-beta0.05", "dpo-beta0.1"})
    void estimatesAndIntervalsAreTheReferences(String name) throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(FOLDER), () -> FOLDER + " is not here");
        ObjectMapper mapper = new ObjectMapper();
        JsonNode expected =
                mapper.readTree(FOLDER.resolve("expected.json").toFile()).path(name);
        StepAudit audit = Audit.of(
                read(mapper, FOLDER.resolve(name + ".jsonl.gz")),
                AuditOptions.atBeta("reward", expected.path("beta").asDouble()));
        expected.path("findings").properties().forEach(entry -> {
            Finding found = audit.findings().get(entry.getKey());
            JsonNode figure = entry.getValue();
            double width =
                    figure.path("upper").asDouble() - figure.path("lower").asDouble();
            assertThat(found.stands())
                    .as(entry.getKey() + ": " + found.reason())
                    .isTrue();
            assertThat(found.estimate())
                    .as(entry.getKey())
                    .isCloseTo(figure.path("estimate").asDouble(), within(1e-6));
            assertThat(found.lower())
                    .as("lower " + entry.getKey())
                    .isCloseTo(figure.path("lower").asDouble(), within(0.03 * width));
            assertThat(found.upper())
                    .as("upper " + entry.getKey())
                    .isCloseTo(figure.path("upper").asDouble(), within(0.03 * width));
        });
        for (String ess : List.of("ess.mm", "ess.asked")) {
            assertThat(audit.findings().get(ess).estimate())
                    .as(ess)
                    .isCloseTo(expected.path(ess).asDouble(), within(1e-6));
        }
    }

    /** A reader of its own: the one of the command line is another module's. */
    private static RolloutLog read(ObjectMapper mapper, Path file) throws IOException {
        Map<String, List<JsonNode>> byPrompt = new LinkedHashMap<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode record = mapper.readTree(line);
                byPrompt.computeIfAbsent(record.path("prompt").asText(), key -> new ArrayList<>())
                        .add(record);
            }
        }
        int n = byPrompt.values().stream().mapToInt(List::size).sum();
        double[] reward = new double[n];
        double[] logPrior = new double[n];
        double[] logPolicy = new double[n];
        byte[] source = new byte[n];
        double[] priorKept = new double[n];
        double[] policyKept = new double[n];
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        int at = 0;
        for (Map.Entry<String, List<JsonNode>> prompt : byPrompt.entrySet()) {
            int from = at;
            double draws = Double.NaN;
            Map<Double, Double> kept = new LinkedHashMap<>();
            for (JsonNode record : prompt.getValue()) {
                if (record.path("source").asText().equals("prior")) {
                    draws = record.path("draws").asDouble();
                    kept.put(
                            record.path("reward").asDouble(),
                            record.path("kept").asDouble());
                }
            }
            for (JsonNode record : prompt.getValue()) {
                reward[at] = record.path("reward").asDouble();
                logPrior[at] = record.path("logp_prior").asDouble();
                logPolicy[at] = record.path("logp_policy").asDouble();
                source[at] = record.path("source").asText().equals("prior") ? RolloutLog.PRIOR : RolloutLog.POLICY;
                priorKept[at] = kept.getOrDefault(reward[at], 1.0);
                policyKept[at] = 1;
                at++;
            }
            prompts.add(new RolloutLog.Prompt(
                    prompt.getKey(),
                    1.0 / byPrompt.size(),
                    from,
                    at,
                    false,
                    0,
                    List.of(),
                    List.of(),
                    new RolloutLog.Draws(draws, Double.NaN)));
        }
        return new RolloutLog(
                List.of("reward"),
                List.of("prior", "policy"),
                prompts,
                new RolloutLog.Columns(new double[][] {reward}, logPrior, logPolicy, source, null, null, null)
                        .withKept(new RolloutLog.Kept(priorKept, policyKept)));
    }
}
