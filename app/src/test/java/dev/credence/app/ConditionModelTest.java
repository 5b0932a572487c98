package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conditioning a small random model. */
class ConditionModelTest {
    @TempDir
    private static Path folder = Path.of("");

    private static String prior = "";
    private static String prompts = "";

    @BeforeAll
    static void writeModel() throws IOException {
        prior = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        prompts = Files.writeString(folder.resolve("prompts.jsonl"), "\"\"\n\"th\"\n")
                .toString();
    }

    private static Cli condition(String methods, String... more) {
        String[] args = {
            "condition",
            prior,
            "--method",
            methods,
            "--prompts",
            prompts,
            "--horizon",
            "2",
            "--reward",
            "0.5*count:[ae]",
            "--beta",
            "0.5",
            "--json"
        };
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.run(all);
    }

    @Test
    void tunesAuditsExactlyAndSaves() {
        Path target = folder.resolve("tuned");
        JsonNode root = condition("rloo,best-of-n", "--steps", "150", "--lr", "0.01", "--save", target.toString())
                .exits(0)
                .json("credence.condition/1");
        JsonNode rloo = root.at("/methods/0");
        assertThat(rloo.at("/aimed/evidence").asText()).isEqualTo("2 copies of the reward (beta 0.5)");
        double before = rloo.at("/got/kl.asked_prior/estimate").asDouble();
        assertThat(rloo.at("/got/kl.policy_aimed/estimate").asDouble()).isLessThan(before / 4);
        assertThat(rloo.at("/got/kl.policy_aimed/estimate").asDouble())
                .isCloseTo(rloo.at("/got/kl.policy_asked/estimate").asDouble(), within(1e-6));
        assertThat(rloo.get("modelCalls").asLong()).isEqualTo(150L * 64 * 2 * 3);
        assertThat(root.at("/methods/1/got/kl.policy_aimed/estimate").asDouble())
                .isLessThan(1e-9);
        assertThat(target.resolve("rloo").resolve("config.json")).exists();
        JsonNode again = Cli.run(
                        "audit",
                        "--exact",
                        "--horizon",
                        "2",
                        "--prior",
                        prior,
                        "--policy",
                        target.resolve("rloo").toString(),
                        "--prompts",
                        prompts,
                        "--reward",
                        "0.5*count:[ae]",
                        "--beta",
                        "0.5",
                        "--json")
                .json("credence.audit/1");
        assertThat(again.at("/findings/kl.policy_asked/estimate").asDouble())
                .isCloseTo(rloo.at("/got/kl.policy_asked/estimate").asDouble(), within(1e-5));
    }

    @Test
    void imitates() throws IOException {
        Path texts = Files.writeString(folder.resolve("texts.jsonl"), """
                {"prompt": "th", "completion": "e"}
                {"prompt": "th", "completion": "e"}
                """);
        JsonNode root = condition(
                        "sft,feedme,expert-iteration",
                        "--demonstrations",
                        texts.toString(),
                        "--rounds",
                        "2",
                        "--steps",
                        "60",
                        "--lr",
                        "0.01",
                        "--kl-limit",
                        "inf",
                        "--save",
                        folder.resolve("imitated").toString())
                .exits(0)
                .json("credence.condition/1");
        JsonNode sft = root.at("/methods/0");
        assertThat(sft.at("/aimed/evidence").asText()).isEqualTo("the distribution of 2 demonstrations");
        assertThat(sft.at("/got/kl.policy_prior/estimate").asDouble()).isGreaterThan(0.1);
        for (int i = 1; i < 3; i++) {
            JsonNode got = root.at("/methods/" + i);
            double mean = got.at("/got/reward.policy/estimate").asDouble();
            assertThat(mean).isGreaterThan(got.at("/got/reward.prior/estimate").asDouble() + 0.1);
            assertThat(got.get("modelCalls").asLong()).isPositive();
        }
        Files.writeString(texts, "{\"prompt\": \"th\"}\n");
        assertThat(condition(
                                "sft",
                                "--demonstrations",
                                texts.toString(),
                                "--save",
                                folder.resolve("bad").toString())
                        .exits(2)
                        .err())
                .contains("texts.jsonl:1: field 'completion' is missing; it is a text");
        assertThat(condition("sft", "--save", folder.resolve("none").toString())
                        .exits(2)
                        .err())
                .contains("option --demonstrations is missing");
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(Cli.run("condition", prior, "--method", "rloo", "--reward", "length")
                        .exits(2)
                        .err())
                .contains("--prompts", "name a file of prompts");
        String none = folder.resolve("none").toString();
        assertThat(condition("rloo", "--population", "--save", none).exits(2).err())
                .contains("it is for tables");
        assertThat(condition("natural-gradient", "--save", none).exits(2).err())
                .contains("the natural gradient is for tables");
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(Cli.run("condition", "t1", "--method", "rloo", "--horizon", "3")
                        .exits(2)
                        .err())
                .contains("it is about a model's checkpoint folder");
    }

    @Test
    void drawsWithinABudgetAndKeepsWhatItDrew() {
        Path target = folder.resolve("drawn");
        Cli cli = condition(
                        "best-of-n,rejection", "--draws", "4000", "--audit-samples", "100", "--save", target.toString())
                .exits(0);
        assertThat(cli.err())
                .contains("best-of-n: 200 texts of the policy from 800 of the prior (4 draws a text, 0.250 accepted)");
        JsonNode best = cli.json("credence.condition/1").at("/methods/0");
        assertThat(best.get("drawsPerText").asDouble()).isEqualTo(4);
        assertThat(best.get("modelCalls").asLong()).isGreaterThanOrEqualTo(1000);
        assertThat(best.at("/got/kl.policy_prior.bound/estimate").asDouble())
                .isCloseTo(Math.log(4) - .75, within(1e-12));
        assertThat(best.at("/got/kl.policy_prior/grade").asText()).isEqualTo("estimated");
        assertThat(target.resolve("best-of-n").resolve("rollouts.parquet")).exists();
        assertThat(condition("best-of-n", "--draws", "5", "--audit-samples", "100")
                        .exits(2)
                        .err())
                .contains("option --draws is 5; the budget is spent: best-of-n had 0 texts of prompt ''");
        assertThat(Cli.run("condition", "t1", "--method", "best-of-n", "--draws", "5")
                        .exits(2)
                        .err())
                .contains("option --draws is 5; it is about a model's checkpoint folder");
    }

    @Test
    void evidenceOnAModelIsAskedAsOnATable() {
        Cli cli = Cli.run(
                        "condition",
                        prior,
                        "--method",
                        "rejection",
                        "--prompts",
                        prompts,
                        "--horizon",
                        "2",
                        "--evidence",
                        "contains:e",
                        "--json")
                .exits(0);
        JsonNode got = cli.json("credence.condition/1").at("/methods/0");
        assertThat(got.at("/asked/evidence").asText()).isEqualTo("contains:e");
        assertThat(got.at("/got/bayes_fraction/estimate").asDouble()).isCloseTo(1, within(1e-9));
        assertThat(Cli.run(
                                "condition",
                                prior,
                                "--method",
                                "rloo",
                                "--prompts",
                                prompts,
                                "--horizon",
                                "2",
                                "--evidence",
                                "contains:e",
                                "--save",
                                folder.resolve("never").toString())
                        .exits(2)
                        .err())
                .contains("option --evidence is contains:e; it excludes texts, and rloo learns from");
        assertThat(folder.resolve("never")).doesNotExist();
    }
}
