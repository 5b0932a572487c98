package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.lab.audits.RecordedLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    @TempDir
    private Path folder;

    private String pilot;

    @BeforeEach
    void writePilot() throws IOException {
        pilot = Files.writeString(
                        folder.resolve("pilot.jsonl"), RecordedLogs.log(new double[] {.05, .10, .60, .25}, 200))
                .toString();
    }

    @Test
    void halfTheWidthTakesAboutFourTimesTheRecords() {
        JsonNode log = Cli.run("audit", pilot, "--beta", "1", "--json")
                .json("credence.audit/1")
                .at("/findings/log_z"); // its scale is plain
        double half = (log.get("upper").asDouble() - log.get("lower").asDouble()) / 2;
        JsonNode plan = plan("log_z", half);
        double growth = plan.get("growth").asDouble(); // .97 of the width is aimed at
        assertThat(growth).isCloseTo(4 / (.97 * .97), within(0.15));
        assertThat(plan.get("of").asText()).isEqualTo("records");
        int each = (int) Math.ceil(200 * growth);
        assertThat(plan.at("/prompts/q1/prior").asInt()).isEqualTo(each);
        assertThat(plan.at("/prompts/q2/policy").asInt()).isEqualTo(each);
        assertThat(plan.get("records").asInt()).isEqualTo(4 * each);
        assertThat(plan.get("limits")).isEmpty();
    }

    @Test
    void theRecordsThatItNamesGiveTheWidth() throws IOException {
        JsonNode plan = plan("bayes_fraction", 0.012);
        int records = plan.at("/prompts/q1/prior").asInt();
        String larger = Files.writeString(
                        folder.resolve("larger.jsonl"), RecordedLogs.log(new double[] {.05, .10, .60, .25}, records))
                .toString();
        JsonNode finding =
                Cli.run("audit", larger, "--json").json("credence.audit/1").at("/findings/bayes_fraction");
        double width = finding.get("upper").asDouble() - finding.get("lower").asDouble();
        assertThat(records).isGreaterThan(500);
        assertThat(width).isCloseTo(0.012, within(0.002)); // the pilot's spread is itself an estimate
    }

    /** Room for texts that no record shows shrinks faster than the root of the records: a plan by the root alone came out too small or too large. */
    @Test
    void theFarEndOfADepartureNarrowsAsItsOwnRoomDoes() throws IOException {
        double[] policy = {.25, .10, .35, .30};
        String first = write("small.jsonl", policy, 120);
        JsonNode before =
                Cli.run("audit", first, "--json").json("credence.audit/1").at("/findings/kl.departure");
        double wanted = (before.get("upper").asDouble() - before.get("lower").asDouble()) / 3;
        JsonNode plan = Cli.run("plan", first, "--figure", "kl.departure", "--width", String.valueOf(wanted), "--json")
                .exits(0)
                .json("credence.plan/1");
        int records = plan.at("/prompts/q1/prior").asInt();
        JsonNode after = Cli.run("audit", write("large.jsonl", policy, records), "--json")
                .json("credence.audit/1")
                .at("/findings/kl.departure");
        double width = after.get("upper").asDouble() - after.get("lower").asDouble();

        assertThat(width).isCloseTo(wanted, within(.15 * wanted));
    }

    /** No number of records of two prompts tells of the others: more prompts do. */
    @Test
    void aFigureOfThePopulationTakesPrompts() throws IOException {
        StringBuilder lines = new StringBuilder();
        double[][] policies = {{.05, .10, .60, .25}, {.10, .10, .40, .40}, {.20, .10, .30, .40}, {.05, .15, .50, .30}};
        for (int k = 0; k < policies.length; k++) {
            lines.append(RecordedLogs.log(policies[k], 200).replace("\"q", "\"p" + k));
        }
        String several =
                Files.writeString(folder.resolve("several.jsonl"), lines).toString();
        Cli cli = Cli.run("plan", several, "--figure", "bayes_fraction.population", "--width", "0.1")
                .exits(0);
        assertThat(cli.out())
                .contains("times the pilot's prompts", "prompts in the place of 8, with as many records each");
        JsonNode plan = Cli.run("plan", several, "--figure", "bayes_fraction.population", "--width", "0.1", "--json")
                .json("credence.plan/1");
        assertThat(plan.get("of").asText()).isEqualTo("prompts");
        assertThat(plan.at("/prompts/p01/prior").asInt()).isEqualTo(200);
        int prompts = plan.get("prompts_needed").asInt();
        assertThat(prompts).isGreaterThan(8);
        assertThat(plan.get("records").asInt()).isBetween(400 * (prompts - 1), 400 * prompts);
    }

    private String write(String name, double[] policy, int records) throws IOException {
        return Files.writeString(folder.resolve(name), RecordedLogs.log(policy, records))
                .toString();
    }

    @Test
    void printsRecordsByPromptAndSource() {
        Cli cli = Cli.run("plan", pilot, "--figure", "kl.policy_prior", "--width", "0.05")
                .exits(0);
        assertThat(cli.out())
                .containsSubsequence(
                        "Plan for kl.policy_prior, 0.05 wide",
                        "pilot:",
                        "times the pilot's records",
                        "q1",
                        "q2",
                        "all");
    }

    @Test
    void saysWhenThePilotIsEnough() {
        assertThat(Cli.run("plan", pilot, "--figure", "kl.policy_prior", "--width", "3")
                        .exits(0)
                        .out())
                .contains("the pilot has enough records");
    }

    @Test
    void aWithdrawnFigureCannotBePlanned() throws IOException {
        String policyOnly = Files.writeString(
                        folder.resolve("policy.jsonl"),
                        RecordedLogs.log(new double[] {.05, .10, .60, .25}, 100)
                                .lines()
                                .filter(line -> line.contains("\"source\": \"policy\""))
                                .reduce("", (a, b) -> a + b + "\n"))
                .toString();
        Cli cli = Cli.run("plan", policyOnly, "--figure", "bayes_fraction", "--width", "0.1")
                .exits(3);
        assertThat(cli.out()).contains("(withdrawn)", "none can be planned", "Why: ");
        JsonNode plan = Cli.run("plan", policyOnly, "--figure", "bayes_fraction", "--width", "0.1", "--json")
                .json("credence.plan/1");
        assertThat(plan.get("growth").isNull()).isTrue();
        assertThat(plan.get("limits")).isNotEmpty();
    }

    @Test
    void refusesWhatItCannotPlan() {
        assertThat(Cli.run("plan", pilot, "--figure", "bayes", "--width", "0.1")
                        .exits(2)
                        .err())
                .contains("option --figure is bayes; no such figure");
        assertThat(Cli.run("plan", pilot, "--figure", "bayes_fraction", "--width", "0")
                        .exits(2)
                        .err())
                .contains("option --width is 0.0; it must be positive and finite");
        assertThat(Cli.run("plan", pilot, "--figure", "bayes_fraction").exits(2).err())
                .contains("Missing required option: '--width=W'");
    }

    private JsonNode plan(String figure, double width) {
        return Cli.run("plan", pilot, "--beta", "1", "--figure", figure, "--width", String.valueOf(width), "--json")
                .exits(0)
                .json("credence.plan/1");
    }
}
