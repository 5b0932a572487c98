package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionCommandTest {
    @TempDir
    private Path folder;

    @Test
    void saysWhatWasAskedAimedAndGot() {
        JsonNode root = Cli.run(
                        "condition", "t1", "--method", "tilt,best-of-n,quantilizer", "--n", "4", "--q", "0.3", "--json")
                .exits(0)
                .json("credence.condition/1");
        assertThat(root.get("methods")).hasSize(3);
        JsonNode best = root.at("/methods/1");
        assertThat(best.get("method").asText()).isEqualTo("best-of-n");
        assertThat(best.at("/options/n").asText()).isEqualTo("4");
        assertThat(best.at("/asked/evidence").asText()).isEqualTo("1 copy of the reward (beta 1)");
        assertThat(best.at("/asked/beta").asDouble()).isEqualTo(1);
        assertThat(best.at("/aimed/evidence").asText()).isEqualTo("being picked as the best of 4 draws from the prior");
        assertThat(best.at("/aimed/divergence").asText()).isEqualTo("none: its draws are exact");
        assertThat(best.at("/got/kl.policy_prior/estimate").asDouble()).isCloseTo(.58711367, within(5e-9));
        assertThat(best.at("/got/kl.policy_aimed/estimate").asDouble()).isCloseTo(0, within(1e-12));
        assertThat(best.at("/got/kl.aimed_policy/estimate").asDouble()).isCloseTo(0, within(1e-12));
        assertThat(best.get("policy").get("").get("d").asDouble()).isCloseTo(.3439, within(1e-12));
        assertThat(root.at("/methods/0/got/bayes_fraction/estimate").asDouble()).isCloseTo(1, within(1e-9));
        assertThat(root.at("/methods/2/got/kl.asked_policy/estimate").asText()).isEqualTo("inf");
    }

    @Test
    void aLimitThatIsNotReachedFailsWithItsDistance() {
        Cli missed = Cli.run("condition", "t1", "--method", "rloo,grpo", "--population", "--steps", "2", "--json")
                .exits(1);
        assertThat(missed.err().lines().filter(line -> line.startsWith("credence: ")))
                .singleElement()
                .asString()
                .contains("rloo steps=2", "has not reached its limit: total variation 0.286 from it", "grpo steps=2");
        JsonNode root = missed.json("credence.condition/1");
        assertThat(root.at("/methods/0/training/limitReached").asBoolean()).isFalse();
        assertThat(root.at("/methods/0/training/limitDistance").asDouble())
                .isEqualTo(root.at("/methods/0/got/limit.distance/estimate").asDouble());
        assertThat(Cli.run("condition", "t1", "--method", "rloo,grpo,dpo,kto,distil", "--population", "--beta", "0.05")
                        .exits(0)
                        .out())
                .contains("limit reached: total variation from it", "came to rest, limit not stated");
        assertThat(Cli.run("condition", "t1", "--method", "grpo", "--samples", "1")
                        .exits(2)
                        .err())
                .contains("option --samples is 1", "it must be at least 2");
    }

    @Test
    void aMethodThatIsExactAnywayTakesPopulationAndSaysSo() {
        Cli exact = Cli.run("condition", "t1", "--method", "best-of-n,rloo,smc", "--population", "--json")
                .exits(0);
        JsonNode methods = exact.json("credence.condition/1").get("methods");
        assertThat(exact.err())
                .contains("best-of-n: its policy on a table is exact, with --population and without")
                .contains("smc: its policy on a table is exact")
                .doesNotContain("rloo: its policy");
        assertThat(Cli.run("condition", "t1", "--method", "best-of-n,rloo", "--json")
                        .exits(0)
                        .json("credence.condition/1")
                        .at("/methods/0/policy"))
                .isEqualTo(methods.get(0).get("policy"));
        assertThat(methods.at("/1/training/limitReached").asBoolean()).isTrue();
        assertThat(Cli.run("condition", "t1", "--method", "best-of-n", "--population")
                        .exits(0)
                        .out())
                .contains("best-of-n");
        assertThat(Cli.run("condition", "t1", "--method", "best-of-n", "--population=false")
                        .exits(2)
                        .err())
                .contains("option --population is false; no method named here has it");
    }

    @Test
    void printsTheTable() {
        Cli cli = Cli.run("condition", "t1", "--method", "tilt,best-of-n", "--n", "4")
                .exits(0);
        assertThat(cli.out())
                .containsSubsequence(
                        "asked of each: 1 copy of the reward (beta 1)",
                        "method",
                        "got",
                        "Bayes fraction",
                        "copies",
                        "KL(π‖asked)",
                        "KL(asked‖π)",
                        "modes kept",
                        "tilt",
                        "conditional",
                        "best-of-n n=4",
                        "mostly",
                        "0.903",
                        "aimed: being picked as the best of 4 draws from the prior",
                        "How each meets its own aim",
                        "minimises on the way");
        assertThat(cli.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void saysWhenAMethodAimsAtNoPosterior() {
        Cli cli = Cli.run("condition", "t1", "--method", "expert-iteration", "--prior-share", "0.3")
                .exits(0);
        assertThat(cli.out()).contains("aims at no posterior: with prior texts mixed in");
        JsonNode method = Cli.run("condition", "t1", "-m", "expert-iteration", "--prior-share", "0.3", "--json")
                .json("credence.condition/1")
                .at("/methods/0");
        assertThat(method.at("/aimed/noPosterior").asText()).contains("rational");
        assertThat(method.at("/got/kl.policy_aimed/grade").asText()).isEqualTo("withdrawn");
    }

    @Test
    void writesAReportOfTheTable() throws IOException {
        Path html = folder.resolve("condition.html");
        Cli cli = Cli.run("condition", "t1", "--method", "best-of-n", "-o", html.toString())
                .exits(0);
        assertThat(cli.err()).contains("wrote " + html);
        assertThat(Files.readString(html)).contains("Methods compared", "credence.condition/1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "magic | --n=4 | option --method is magic",
                "best-of-n | --n=0 | option --n is 0; it must be a whole number of at least 1",
                "best-of-n | --q=0.3 | option --q is 0.3; no method named here has it",
                "quantilizer | --q=2 | option --q is 2; it must be in (0, 1]",
                "poisson | --beta=1 | Poisson raters need an approval probability in [0, 1]",
                "decision-transformer | --level=7 | of prompt '', whose rewards are 0, 1, 2, 3: there is nothing to condition on",
                "gdc | --moment=9 | no distribution on the prior's texts of prompt '' has mean reward 9: moment 0 is 9.0",
                "gdc | --seed=3 | option --moment is missing",
                "tilt | --beta=-2 | option --beta is -2.0",
            })
    void refusesWhatAMethodCannotDo(String method, String option, String message) {
        assertThat(Cli.run("condition", "t1", "--method", method, option)
                        .exits(2)
                        .err())
                .startsWith("credence: ")
                .contains(message);
    }

    @Test
    void evidenceIsAskedWhereverARewardIs() {
        JsonNode root = Cli.run("condition", "t1", "--evidence", "at-least:2", "-m", "rejection,best-of-n", "--json")
                .exits(0)
                .json("credence.condition/1");
        assertThat(root.at("/methods/0/asked/evidence").asText()).isEqualTo("the reward is at least 2");
        assertThat(root.at("/methods/0/asked/expression").asText()).isEqualTo("at-least:2");
        assertThat(root.at("/methods/0/got/bayes_fraction/estimate").asDouble()).isCloseTo(1, within(1e-9));
        assertThat(root.at("/methods/1/got/kl.policy_asked/estimate").asText()).isEqualTo("inf");
        assertThat(root.at("/methods/1/got/mass.excluded/estimate").asDouble())
                .isCloseTo(Math.pow(.7, 4), within(1e-12));
        assertThat(Cli.run("condition", "t1", "--evidence", "beats:4", "-m", "best-of-n")
                        .exits(0)
                        .out())
                .contains("builtin:t1, evidence 'beats:4'", "log-likelihood of the evidence");
    }

    @Test
    void evidenceThatAMethodCannotUseIsRefused() {
        assertThat(Cli.run("condition", "t1", "--evidence", "level:2", "-m", "rloo")
                        .exits(2)
                        .err())
                .contains("option --evidence is level:2; it excludes texts, and rloo learns from");
        assertThat(Cli.run("condition", "t1", "--evidence", "top:.5", "--beta", ".5", "-m", "tilt")
                        .exits(2)
                        .err())
                .contains("option --beta is 0.5; evidence top: is seen once");
        assertThat(Cli.run("posterior", "t1", "--evidence", "top:.5", "--beta", ".5")
                        .exits(2)
                        .err())
                .contains("option --beta is 0.5; evidence top: is seen once");
    }

    @Test
    void aLogIsNoWorld() throws IOException {
        Path log = Files.writeString(
                folder.resolve("rollouts.jsonl"), "{\"prompt\":\"p\",\"completion\":\"a\",\"reward\":1}\n");
        Path other = Files.copy(log, folder.resolve("rollouts.txt"));
        for (Path each : new Path[] {log, other}) {
            assertThat(Cli.run("condition", each.toString(), "-m", "tilt")
                            .exits(2)
                            .err())
                    .contains("a log of rollouts; a world is YAML or CSV with a prior; a log is for `audit`");
        }
        assertThat(Cli.run("posterior", log.toString()).exits(2).err()).contains("a log is for `audit`");
    }

    @Test
    void theMethodIsNeeded() {
        assertThat(Cli.run("condition", "t1").exits(2).err()).contains("Missing required option: '--method=M,M...'");
    }

    @Test
    void everyMethodsOptionIsThere() {
        String help = Cli.run("help", "condition", "--all").exits(0).out();
        assertThat(help).contains("--n=", "--q=", "--rounds=", "--threshold=", "--level=", "--moment=", "--prompt=");
    }

    /** What is printed of a command without a seed changes nothing when it is read, line by line. */
    @Test
    void noOneSeedIsCalledTheStandardOfMethodsAndAudits() throws IOException {
        assertThat(Cli.run("help", "condition", "--all").exits(0).out().replaceAll("\\s+", " "))
                .contains("Seed of all randomness (default 1; of what methods draw their own, 0).");
        String[] command = {"condition", "t1", "--method", "rloo", "--steps", "2", "--json"};
        JsonNode made = Cli.run(command).exits(0).json("credence.condition/1");
        assertThat(made.at("/methods/0/options/seed").asText()).isEqualTo("0");
        assertThat(made.at("/provenance/seed").asLong()).isEqualTo(1);
        command[command.length - 1] = "--print-config";
        assertThat(Cli.run(command).exits(0).out()).contains("# seed: N\n").doesNotContain("seed: 1");
        assertThat(Cli.run("help", "audit", "--all").exits(0).out()).contains("Seed of all randomness (default 1).");
    }
}
