package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.app.console.Console;
import dev.credence.lab.audits.RecordedLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuditCommandTest {
    private static final double[] DEPARTED = {.05, .10, .60, .25};

    @TempDir
    private Path folder;

    private String log;

    @BeforeEach
    void writeLog() throws IOException {
        log = write("log.jsonl", RecordedLogs.log(DEPARTED, 300));
    }

    /** Prompts all of whose draws were kept count among those that were drawn: of another's thinned ones the sum was no number. */
    @Test
    void thinnedDrawsOfOnePromptAreCountedBesideThoseOfAnother() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String prompt : List.of("thinned", "whole")) {
            for (int i = 0; i < 40; i++) {
                text.append(String.format(
                        Locale.ROOT,
                        "{\"prompt\":\"%s\",\"completion\":\"%s\",\"source\":\"%s\",\"logp_prior\":-0.7,\"logp_policy\":-0.7,"
                                + "\"reward\":1%s}%n",
                        prompt,
                        "ab".charAt(i % 2),
                        i < 20 ? "prior" : "policy",
                        prompt.equals("thinned") && i < 20 ? ",\"kept\":0.1,\"draws\":203" : ""));
            }
        }
        assertThat(Cli.run("audit", write("half.jsonl", text.toString()), "--beta", "1")
                        .out())
                .contains("80 records of 2 prompts: 40 kept of 223 drawn from the prior, 40 from the policy");
    }

    @Test
    void printsTheAuditInTheOrderOfTheSpecification() {
        Cli cli = Cli.run("audit", log, "--beta", "1").exits(0);
        assertThat(cli.out())
                .containsSubsequence(
                        "log.jsonl · 1,200 records of 2 prompts: 600 from the prior, 600 from the policy",
                        "reward 'reward' at β = 1",
                        "Gates",
                        "log_z",
                        "kl.policy_prior",
                        "kl.explained",
                        "kl.departure",
                        "bayes_fraction",
                        "copies.moment_match",
                        "In words: about ",
                        "nuisance.log_prior",
                        "recall",
                        "q1",
                        "q2",
                        "Verdict: partly",
                        "What to change");
        assertThat(cli.err()).isEmpty();
        assertThat(cli.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(cli.out()).doesNotContain("\u001b");
    }

    @Test
    void noFigureOfAPromptIsCut() throws IOException {
        String near = write("near.jsonl", RecordedLogs.log(new double[] {.402, .299, .2, .099}, 300));
        assertThat(Cli.run("audit", near, "--beta", "1").out().lines().filter(line -> line.startsWith("  q")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("[").doesNotContain("…"));
    }

    @Test
    void figuresThatSeveralGatesWithdrawAreListedOnce() throws IOException {
        String log = RecordedLogs.log(new double[] {.01, .02, .07, .9}, 300);
        String swapped = log.replace("\"source\": \"prior\"", "\"source\": \"?\"")
                .replace("\"source\": \"policy\"", "\"source\": \"prior\"")
                .replace("\"source\": \"?\"", "\"source\": \"policy\"");
        Cli cli =
                Cli.run("audit", write("swapped.jsonl", swapped), "--beta", "1").exits(3);
        String gates = cli.out().substring(cli.out().indexOf("Gates"), cli.out().indexOf("Evidence"));
        assertThat(gates).contains("FAIL  two_estimates", "withdraws what normalisation withdraws");
        assertThat(gates.split("copies.moment_match", -1)).hasSize(2);
    }

    @Test
    void saysWithoutBetaThatNothingIsSaidOfWhatWasAsked() {
        assertThat(Cli.run("audit", log).exits(0).out())
                .contains("no β stated")
                .containsPattern("log_z +\\S* +withdrawn|log_z.*withdrawn");
    }

    /** A gate's reason stands with the gate; the figures that it withdrew name it. */
    @Test
    void aGatesReasonIsPrintedOnce() throws IOException {
        String policyOnly = write(
                "alone.jsonl",
                RecordedLogs.log(DEPARTED, 300)
                        .lines()
                        .filter(line -> line.contains("\"source\": \"policy\""))
                        .reduce("", (a, b) -> a + b + "\n"));
        String out = Cli.run("audit", policyOnly, "--beta", "1").exits(3).out();
        String told = out.replaceAll("\\s+", " ");
        assertThat(told.split("needs records drawn from the prior", -1)).as(out).hasSizeLessThanOrEqualTo(3);
        assertThat(told.split("what the policy dropped cannot be seen", -1)).hasSize(2);
        assertThat(out.substring(0, out.indexOf("Prompt by prompt")))
                .contains("gate blind_spot, above")
                .doesNotContain("gate blind_spot: ");
    }

    @Test
    void verboseAddsQuestionsAndEveryPromptsFigures() {
        String brief = Cli.run("audit", log, "--beta", "1").out();
        String full = Cli.run("audit", log, "--beta", "1", "--verbose").exits(0).out();
        assertThat(brief).doesNotContain("Prompt q1").doesNotContain("ess.mm");
        assertThat(full).contains("Prompt q1", "Prompt q2", "ess.mm", "How far did the policy move from the prior?");
    }

    @Test
    void jsonGoesToStandardOutputAlone() {
        Cli cli = Cli.run("audit", log, "--beta", "1", "--json").exits(0);
        JsonNode root = cli.json("credence.audit/1");
        assertThat(root.at("/findings/bayes_fraction/grade").asText()).isEqualTo("estimated");
        assertThat(root.at("/inputs/0/name").asText()).isEqualTo(log);
        assertThat(root.at("/inputs/0/sha256").asText()).hasSize(64);
        assertThat(root.at("/provenance/command").asText()).startsWith("credence audit ");
        assertThat(root.at("/verdict/label").asText()).isEqualTo("partly");
    }

    @Test
    void jsonAndReportGoIntoFilesBesideTheText() throws IOException {
        Path json = folder.resolve("audit.json");
        Path html = folder.resolve("audit.html");
        Cli cli = Cli.run("audit", log, "--beta", "1", "--json", json.toString(), "-o", html.toString())
                .exits(0);
        assertThat(cli.out()).contains("Verdict: partly");
        assertThat(cli.err()).isEqualTo("wrote " + html + System.lineSeparator());
        JsonNode root = Cli.json(Files.readString(json), "credence.audit/1");
        assertThat(Files.readString(html))
                .contains("<title>Audit of log.jsonl")
                .contains(root.at("/verdict/text").asText());
        try (var left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("log.jsonl", "audit.json", "audit.html");
        }
    }

    /** Four texts of two rewards: those of one reward whose log-ratios differ are shown, and the one that was dropped. */
    @Test
    void theReportShowsTheTextsThatDepart() throws IOException {
        StringBuilder lines = new StringBuilder();
        double[] prior = {.4, .3, .2, .1};
        double[] policy = {.3, .2, .05, .45};
        for (int i = 0; i < 400; i++) {
            for (int s = 0; s < 2; s++) {
                double u = (i + .5) / 400;
                int x = 0;
                double[] of = s == 0 ? prior : policy;
                while (u > of[x]) {
                    u -= of[x++];
                }
                lines.append(String.format(
                        java.util.Locale.ROOT,
                        "{\"prompt\":\"q\",\"completion\":\"text <%d>\",\"reward\":%d,\"logp_prior\":%s,\"logp_policy\":%s,\"source\": \"%s\"}%n",
                        x,
                        x / 2,
                        Math.log(prior[x]),
                        Math.log(policy[x]),
                        s == 0 ? "prior" : "policy"));
            }
        }
        String own = write("four.jsonl", lines.toString());
        Path page = folder.resolve("four.html");
        Path json = folder.resolve("four.json");
        Cli.run("audit", own, "--beta", "1", "-o", page.toString(), "--json", json.toString());
        String shown = Files.readString(page);
        String texts = shown.substring(shown.indexOf("<section class=\"texts\""));
        // log(.45/.1) and log(.05/.2); the posterior of 2 is .2e/(.7 + .3e)
        assertThat(texts.substring(0, texts.indexOf("</section>")))
                .contains("text &lt;3&gt;", "text &lt;2&gt;", ">1.50<", ">−1.39<", ">0.359<", ">0.0500<")
                .contains("The largest departures", "Dropped");
        Path again = folder.resolve("again.html");
        Cli.run("report", json.toString(), "-o", again.toString()).exits(0);
        assertThat(Files.readString(again)).contains("class=\"texts\"");
        write("four.jsonl", lines + "\n");
        Cli.run("report", json.toString(), "-o", again.toString()).exits(0);
        assertThat(Files.readString(again)).as("the log is another now").doesNotContain("class=\"texts\"");
    }

    @Test
    void resultsAreNeverWrittenOverAnInput() throws IOException {
        String before = Files.readString(Path.of(log));
        assertThat(Cli.run("audit", log, "--json", log).exits(2).err())
                .contains("option --json is " + log + "; it is an input");
        assertThat(Cli.run("audit", log, "-o", folder + "/./log.jsonl").exits(2).err())
                .contains("option --output is " + folder + "/./log.jsonl; it is an input");
        assertThat(Files.readString(Path.of(log))).isEqualTo(before);
    }

    /** It ended in a fault of the program, and named a record by its place among the prompt's. */
    @Test
    void aRewardThatEvidenceSaysNothingOfIsRefusedWithItsPrompt() throws IOException {
        assertThat(Cli.run("audit", log, "--beta", "1", "--evidence", "raters:3")
                        .exits(2)
                        .err())
                .contains("option --evidence is all of Poisson(3) independent raters approve; of prompt '")
                .contains("the reward is 2.0")
                .contains("an approval probability must be in [0, 1]");
    }

    /** A newcomer's log has names and words of its own: what to type is said as an option. */
    @Test
    void aFieldOrSourceOfAnotherNameIsToldAsAnOption() throws IOException {
        String renamed = RecordedLogs.log(DEPARTED, 20).replace("\"completion\"", "\"completions\"");
        assertThat(Cli.run("audit", write("renamed.jsonl", renamed)).exits(2).err())
                .contains("renamed.jsonl:1: field 'completion' is missing")
                .contains("name its place with --field completion=PATH; this one has ")
                .contains("did you mean 'completions'?");
        String words =
                RecordedLogs.log(DEPARTED, 20).replace("\"prior\"", "\"base\"").replace("\"policy\"", "\"grpo\"");
        assertThat(Cli.run("audit", write("words.jsonl", words)).exits(2).err())
                .contains("say which word means which with --value base=prior");
    }

    @Test
    void aLogBehindJsonWasMeantAsAnInput() throws IOException {
        String other = write("other.jsonl", RecordedLogs.log(DEPARTED, 20));
        assertThat(Cli.run("audit", "--json", other, log).exits(2).err())
                .contains("an existing log or world is not overwritten; put --json behind the inputs");
        assertThat(Cli.run("audit", "--json", log).exits(2).err())
                .contains("LOG is missing; at least one file is given");
    }

    @Test
    void refusesAnOutputWithoutFolderBeforeTheWork() {
        assertThat(Cli.run("audit", log, "-o", folder + "/none/report.html")
                        .exits(2)
                        .err())
                .isEqualTo("credence: option --output is " + folder + "/none/report.html; its folder does not exist"
                        + System.lineSeparator());
        assertThat(Cli.run("audit", log, "--json", folder.toString()).exits(2).err())
                .contains("it is a folder");
    }

    @ParameterizedTest
    @CsvSource({
        "--fail-under, bayes_fraction=0.1, 0",
        "--fail-over, kl.departure=0.001, 4",
    })
    void thresholdsDecideTheExitCode(String option, String threshold, int code) {
        assertThat(Cli.run("audit", log, "--beta", "1", option, threshold)
                        .exits(code)
                        .out())
                .contains("Verdict");
    }

    @Test
    void aWithdrawnFigureGoesBeforeAMissedThreshold() {
        Cli cli = Cli.run("audit", log, "--fail-under", "log_z=0", "--fail-under", "bayes_fraction=0.99")
                .exits(3);
        assertThat(cli.err()).contains("withdrawn: log_z, named by --fail-under", "not met: bayes_fraction");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "bayes_fractoin=1 | did you mean 'bayes_fraction'?",
                "bayes_fraction | it is ID=NUMBER, such as bayes_fraction=0.8",
            })
    void badThresholdsAreBadInput(String threshold, String message) {
        assertThat(Cli.run("audit", log, "--fail-under", threshold).exits(2).err())
                .startsWith("credence: option --fail-under is ")
                .contains(message);
    }

    @Test
    void aVerdictThatCannotTellIsNotDone() throws IOException {
        String policyOnly = write(
                "policy.jsonl",
                RecordedLogs.log(DEPARTED, 300)
                        .lines()
                        .filter(line -> line.contains("\"source\": \"policy\""))
                        .reduce("", (a, b) -> a + b + "\n"));
        Cli cli = Cli.run("audit", policyOnly, "--beta", "1").exits(3);
        assertThat(cli.out()).contains("Verdict: cannot tell", "FAIL  blind_spot");
    }

    @Test
    void rewardsAreComputedFromTheTexts() {
        Cli cli = Cli.run("audit", log, "--candidate", "contains:c", "--candidate", "2*contains:d")
                .exits(0);
        assertThat(cli.out()).contains("Which conditional", "contains:c", "2*contains:d");
        assertThat(Cli.run("audit", log, "--candidate", "rewrad").exits(2).err())
                .contains("option --candidate is rewrad");
    }

    @Test
    void readsStandardInput() {
        Cli cli = Cli.on(Console.Face.PLAIN_FILE, RecordedLogs.log(DEPARTED, 50), "audit", "-")
                .exits(0);
        assertThat(cli.out()).startsWith("standard input · 200 records of 2 prompts");
    }

    @Test
    void warningsOfBadRecordsAreSaidUnlessQuiet() throws IOException {
        String bad = write("bad.jsonl", RecordedLogs.log(DEPARTED, 50) + "{\"prompt\": \"q1\"}\nnot json\n");
        Cli skipped = Cli.run("audit", bad, "--skip-bad").exits(0);
        assertThat(skipped.err()).contains("warning: left out 2 bad records", bad + ":201: ", bad + ":202: ");
        assertThat(Cli.run("audit", bad, "--skip-bad", "--quiet").exits(0).err())
                .isEmpty();
    }

    @Test
    void fieldsMayHaveOtherNames() throws IOException {
        String text = RecordedLogs.log(DEPARTED, 50)
                .replace("\"logp_policy\": ", "\"scores\": {\"sum\": ")
                .replace(", \"source\"", "}, \"source\"");
        String renamed = write("renamed.jsonl", text);
        Cli.run("audit", renamed, "--field", "logp_policy=scores.sum").exits(0);
        assertThat(Cli.run("audit", renamed, "--field", "logp_polcy=x").exits(2).err())
                .contains("did you mean 'logp_policy'?");
        assertThat(Cli.run("audit", renamed, "--format", "nobody").exits(2).err())
                .contains("option --format is nobody; it is trl, verl or openrlhf");
    }

    @Test
    void stepsAreAuditedApart() throws IOException {
        String steps = write(
                "steps.jsonl",
                RecordedLogs.log(DEPARTED, 60, ", \"step\": 10")
                        + RecordedLogs.log(RecordedLogs.tilt(1), 60, ", \"step\": 20"));
        Cli cli = Cli.run("audit", steps, "--beta", "1", "--fail-under", "bayes_fraction=0.7")
                .exits(0);
        assertThat(cli.out()).containsSubsequence("Figures against step", "10", "20", "Step 20, the last");
    }

    @Test
    void judgesAgainstEvidence() throws IOException {
        String best = write("best.jsonl", RecordedLogs.log(new double[] {0, 0, 2 / 3., 1 / 3.}, 300));
        Cli cli = Cli.run("audit", best, "--beta", "1", "--evidence", "at-least:2")
                .exits(0);
        assertThat(cli.out())
                .containsSubsequence("Against what was aimed: conditional", "Against the reward is at least 2")
                .contains("Against what was asked");
        JsonNode root = Cli.run("audit", best, "--evidence", "at-least:1 and 0.5*reward:", "--json")
                .exits(0)
                .json("credence.audit/1");
        assertThat(root.at("/verdicts/aimed/label").asText()).isNotEqualTo("conditional");
        assertThat(root.at("/provenance/settings/evidence").asText()).isEqualTo("at-least:1 and 0.5*reward:");
        assertThat(Cli.run("audit", best, "--evidence", "regex:[cd]").exits(0).out())
                .contains("reward 'regex:[cd]'", "Against what was aimed: conditional");
        assertThat(Cli.run("audit", best, "--evidence", "at-least:2", "--method", "tilt")
                        .exits(2)
                        .err())
                .contains(
                        "option --evidence is at-least:2; the policy is held against evidence, or against what a method");
        assertThat(Cli.run("audit", best, "--evidence", "at-least:2 and contains:a")
                        .exits(2)
                        .err())
                .contains("here evidence is about one reward, and this is about the reward and about 'contains:a'");
        assertThat(Cli.run("audit", best, "--reward", "contains:b", "--evidence", "contains:a")
                        .exits(2)
                        .err())
                .contains("it is about 'contains:a', and the reward is 'contains:b': leave that out");
    }

    @Test
    void judgesAgainstTheMethodsAim() {
        Cli cli = Cli.run("audit", log, "--beta", "1", "--method", "best-of-n", "--n", "4")
                .exits(0);
        assertThat(cli.out()).contains("Against what was aimed");
        assertThat(Cli.run("audit", log, "--method", "prompt", "--prompt", "a")
                        .exits(0)
                        .err())
                .contains("warning: no verdict against what prompt aims at: its evidence is about the text");
        assertThat(Cli.run("audit", log, "--n", "4").exits(2).err())
                .contains("option --n is 4; it belongs to a method: name it with --method");
        assertThat(Cli.run("audit", log, "--method", "best-of-m").exits(2).err())
                .contains("option --method is best-of-m; did you mean 'best-of-n'?");
        assertThat(Cli.run("audit", log, "--method", "best-of-n", "--q", "1")
                        .exits(2)
                        .err())
                .contains("option --q is 1; no method named here has it");
    }

    @ParameterizedTest
    @ValueSource(strings = "NaN")
    void betaIsFiniteAndNotNegative(String beta) {
        assertThat(Cli.run("audit", log, "--beta", beta).exits(2).err())
                .startsWith("credence: option --beta is ")
                .contains("it must be a finite number, 0 or larger");
    }

    @Test
    void optionsThatCannotBeReadAreBadInput() {
        assertThat(Cli.run("audit", log, "--beta", "much").exits(2).err())
                .startsWith("credence: Invalid value for option '--beta'")
                .contains("see: credence audit --help");
        assertThat(Cli.run("audit", log, "--reward-type", "magic").exits(2).err())
                .contains("'magic' is not one of log-probability, probability, logit, score");
        assertThat(Cli.run("audit", folder + "/none.jsonl").exits(2).err()).contains("none.jsonl: no such file");
    }

    @Test
    void theRewardsTypeDecidesTheWordsOfCopies() {
        assertThat(Cli.run("audit", log, "--reward-type", "log-probability").out())
                .containsPattern("independent copies( \\(95 %.*\\))?\\s+of\\s+the\\s+observation");
        assertThat(Cli.run("audit", log, "--reward-type", "logit").out().replaceAll("\\s+", " "))
                .contains("Luce's choice");
    }

    @Test
    void aTableIsAuditedExactly() throws IOException {
        String world = write("world.yaml", PosteriorCommandTest.FOUR_LINES);
        JsonNode root =
                Cli.run("audit", world, "--beta", "1", "--json").exits(0).json("credence.audit/1");
        assertThat(root.at("/findings/bayes_fraction/grade").asText()).isEqualTo("exact");
        String policy = write("policy.yaml", "policy: {a: 0.4, b: 0.3, c: 0.2, d: 0.1}");
        assertThat(Cli.run("audit", world, "--policy", policy, "--json")
                        .json("credence.audit/1")
                        .get("inputs"))
                .hasSize(2);
        assertThat(Cli.run("audit", world, world).exits(2).err()).contains("one world is audited at a time");
    }

    @Test
    void aCsvOfRolloutsIsToldHowItBecomesALog() throws IOException {
        String csv =
                write("rollouts.csv", "prompt,completion,reward,logp_prior,logp_policy,source\nq,a,1,-1,-1,prior\n");
        for (String[] typed : new String[][] {{csv}, {csv, csv}}) {
            String[] words = Stream.concat(Stream.of("audit"), Stream.of(typed)).toArray(String[]::new);
            assertThat(Cli.run(words).exits(2).err()).contains("rollouts.csv", "pandas.read_csv");
        }
        String world = write("world.csv", "outcome,prior,reward,policy\na,.5,0,.2\nb,.5,1,.8\n");
        Cli.run("audit", world, "--beta", "1").exits(0);
    }

    @Test
    void jsonIsAWorldOrLinesOfALog() throws IOException {
        String world = write(
                "world.json",
                "{\"prior\": {\"a\": 0.5, \"b\": 0.5}, \"reward\": {\"a\": 0, \"b\": 1},"
                        + " \"policy\": {\"a\": 0.25, \"b\": 0.75}}");
        assertThat(Cli.run("audit", world).exits(0).out()).contains("world.json · exact table");
        String lines = write("lines.json", RecordedLogs.log(DEPARTED, 20));
        assertThat(Cli.run("audit", lines).out()).contains("lines.json · 80 records");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }
}
