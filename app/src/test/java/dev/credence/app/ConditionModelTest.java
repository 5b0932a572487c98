package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        return conditionOn("0.5*count:[ae]", methods, more);
    }

    private static Cli conditionOn(String reward, String methods, String... more) {
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
            reward,
            "--beta",
            "0.5",
            "--json"
        };
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.run(all);
    }

    @Test
    void populationIsOfTablesWhateverTheMethod() {
        for (String methods : List.of("best-of-n", "best-of-n,rloo")) {
            assertThat(condition(methods, "--population").exits(2).err())
                    .contains(
                            "option --population is true; a model's texts are too many to enumerate; it is for tables");
        }
    }

    @Test
    void tunesAuditsExactlyAndSaves() {
        Path target = folder.resolve("tuned");
        Cli cli = condition("rloo,best-of-n", "--steps", "150", "--lr", "0.01", "--save", target.toString());
        JsonNode root = cli.exits(0).json("credence.condition/1");
        assertThat(cli.err()).contains("`credence resume " + target + "` goes on with all methods");
        assertThat(Cli.run("runs", folder.toString()).exits(0).out()).contains("tuned  ", "tuned/rloo");
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

    /** Penalties are rounding where the policy is its prior; a step that followed them, scaled, led nats away. */
    @ParameterizedTest
    @CsvSource({
        "rloo, reward:k1",
        "rloo, reward:k3",
        "grpo, reward:k1",
        "grpo, loss:k3",
        "grpo, loss:k2",
        "ppo, reward:k1"
    })
    void withoutARewardNothingMoves(String method, String kl) {
        Cli cli = conditionOn("contains:zzz", method, "--kl", kl, "--steps", "4", "--lr", "0.01");
        JsonNode got = cli.json("credence.condition/1").at("/methods/0/got");
        assertThat(got.at("/kl.policy_prior/estimate").asDouble(Double.NaN)).isZero();
    }

    @Test
    void imitates() throws IOException {
        Path texts = Files.writeString(folder.resolve("texts.jsonl"), """
                {"prompt": "th", "completion": "e", "generated_by": "small"}
                {"prompt": "th", "completion": "e", "selected_by": "raters"}
                """);
        Cli cli = condition(
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
                .exits(0);
        assertThat(cli.err())
                .contains(
                        "texts.jsonl: 1 of 2 records were generated by a model (generated_by: small)",
                        "texts.jsonl: 1 of 2 records were selected (selected_by: raters)",
                        "every text that feedme tunes on was generated by")
                .doesNotContain("cameras");
        JsonNode root = cli.json("credence.condition/1");
        JsonNode kept = Cli.json(
                Files.readString(folder.resolve("imitated").resolve("sft").resolve("run.json")),
                "credence.run-record/1");
        assertThat(kept.at("/inputs").toString())
                .contains("\"generated_by\":{\"small\":1}", "\"selected_by\":{\"raters\":1}");
        JsonNode own = Cli.json(
                Files.readString(folder.resolve("imitated").resolve("feedme").resolve("run.json")),
                "credence.run-record/1");
        assertThat(own.at("/settings/selected_by").asText()).isNotEmpty();
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
        assertThat(condition("rloo", "--optimiser", "natural", "--save", none)
                        .exits(2)
                        .err())
                .contains("the natural gradient is for tables");
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(Cli.run("condition", "t1", "--method", "rloo", "--horizon", "3")
                        .exits(2)
                        .err())
                .contains("it is about a model's checkpoint folder");
    }

    /** Each name that the contract lists, and all others that there are: it states its aim, and the policy that comes of it is audited. */
    @Test
    void everyMethodWorksOnATransformer() throws IOException {
        Path one = Files.writeString(folder.resolve("one.jsonl"), "\"th\"\n");
        Path texts = Files.writeString(folder.resolve("all.jsonl"), "{\"prompt\": \"th\", \"completion\": \"e\"}\n");
        Set<String> names = new TreeSet<>(
                List.of(("prompt rejection poisson resample best-of-n luce quantilizer smc twisted-smc imitation feedme"
                                + " expert-iteration rwr awr distil reinforce rloo ppo grpo dr-grpo dapo natural-gradient dpo"
                                + " ipo kto gdc f-dpg decision-transformer top-fraction quark")
                        .split(" ", -1)));
        Methods.all().forEach(method -> names.add(method.card().name()));
        names.remove("sft"); // whose other name is there
        JsonNode root = Cli.run(
                        ("condition MODEL --method METHODS --prompts PROMPT --horizon 2 --beta 0.5 --audit-samples 20"
                                        + " --reward 0.25*count:[ae] --prompt e --demonstrations TEXTS --moment 0.1"
                                        + " --steps 1 --samples 8 --particles 4 --save SAVED --json")
                                .replace("MODEL", prior)
                                .replace("METHODS", String.join(",", names))
                                .replace("PROMPT", one.toString())
                                .replace("TEXTS", texts.toString())
                                .replace("SAVED", folder.resolve("all").toString())
                                .split(" ", -1))
                .exits(0)
                .json("credence.condition/1");
        assertThat(root.at("/methods")).hasSameSizeAs(names);
        for (JsonNode method : root.at("/methods")) {
            String name = method.at("/method").asText();
            assertThat(method.at("/aimed/evidence").asText()).as(name).isNotEmpty();
            assertThat(method.at("/aimed/divergence").asText()).as(name).isNotEmpty();
            JsonNode moved = method.at("/got/kl.policy_prior");
            assertThat(moved.at("/grade").asText()).as(name).isIn("exact", "estimated");
            assertThat(moved.at("/estimate").asDouble()).as(name).isNotNegative();
            assertThat(method.at("/got/reward.policy/estimate").asDouble())
                    .as(name)
                    .isBetween(0.0, 0.5);
        }
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
