package dev.credence.worlds;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableWorldsTest {
    private static final String TWO = """
            prompts:
              q1:
                prior: {a: 0.4, b: 0.6}
                rewards:
                  helpful: {a: 0, b: 1}
                  approve: {a: 1, b: -2.5e-1}
                policy: {b: 0.9, a: 0.1}
                weight: 3
              q2:
                prior: {x: 1, y: 3}
                normalise: true
                rewards:
                  helpful: {x: 0, y: 1}
                  approve: {x: 1, y: 2}
                policy: {x: 5, y: 5}
            """;

    @Test
    void theBuiltInWorldIsT1() {
        TableWorld world = TableWorlds.builtIn("t1");
        assertThat(TableWorlds.builtIn())
                .containsExactly(
                        "t1", "t19", "camera", "authors", "helpful", "harmless", "proxy", "notebook", "questions");
        assertThat(world.rewardNames()).containsExactly("reward");
        TablePosterior posterior = TablePosterior.of(
                world.prior(), Evidence.reward(world.onlyReward()).atKl(2));
        assertVector(posterior.model().given("").probabilities(), "T1.beta2", "post");
        assertVector(posterior.logPartition(""), "T1.beta2", "logZ");
        assertThat(world.policy().orElseThrow().given("").probabilities())
                .containsExactly(new double[] {.05, .1, .6, .25}, within(1e-15));
        assertThatThrownBy(() -> TableWorlds.builtIn("t2"))
                .isInstanceOf(InputException.class)
                .hasMessage("builtin:t2: no such world; did you mean 't1'? known are: t1, t19, camera, authors,"
                        + " helpful, harmless, proxy, notebook, questions");
    }

    @Test
    void readsSeveralPromptsAndRewards() {
        TableWorld world = TableWorlds.parse("two.yaml", TWO);
        assertThat(world.prior().prompts()).containsExactly("q1", "q2");
        assertThat(world.prior().weight("q1")).isEqualTo(.75);
        assertThat(world.prior().given("q2").probability("y")).isCloseTo(.75, within(1e-15));
        assertThat(world.rewardNames()).containsExactly("helpful", "approve");
        assertThat(world.reward("approve").reward("q1", "b")).isEqualTo(-.25);
        assertThat(world.reward("approve").name()).isEqualTo("approve");
        TableModel policy = world.policy().orElseThrow();
        assertThat(policy.given("q1").outcomes()).containsExactly("a", "b"); // the prior's order
        assertThat(policy.given("q1").probability("b")).isCloseTo(.9, within(1e-15));
        assertThat(policy.given("q2").probability("y")).isEqualTo(.5);
        assertThatThrownBy(() -> world.reward("helpfull"))
                .hasMessage("reward is helpfull; did you mean 'helpful'? known are: helpful, approve");
        assertThatThrownBy(world::onlyReward)
                .hasMessage("reward is missing; this world has several rewards, name one of: helpful, approve");
        assertThatThrownBy(() -> world.reward("helpful").reward("q1", "x"))
                .hasMessageContaining("completion 'x' of prompt 'q1' has no reward 'helpful'");
        TableWorld bare = TableWorlds.parse("bare.yaml", "prior: {a: 1}");
        assertThatThrownBy(bare::onlyReward).hasMessageContaining("this world has no rewards");
        assertThatThrownBy(() -> bare.reward("r")).hasMessageContaining("this world has no rewards");
        assertThat(bare.policy()).isEmpty();
    }

    @Test
    void csvSaysTheSame() {
        String csv = """
                prompt,outcome,prior,reward.helpful,reward.approve,policy,weight
                q1,a,0.4,0,1,0.1,3
                q1,b,0.6,1,-0.25,0.9,3
                q2,x,0.25,0,1,0.5,1

                q2,"y",0.75,1,2,0.5,1
                """;
        TableWorld expected = TableWorlds.parse("two.yaml", TWO);
        for (String text : List.of(csv, "\uFEFF" + csv.replace("\n", "\r\n"))) {
            TableWorld world = TableWorlds.parse("two.CSV", text);
            assertThat(world.rewardNames()).isEqualTo(expected.rewardNames());
            assertThat(world.prior().weight("q1")).isEqualTo(.75);
            for (String prompt : List.of("q1", "q2")) {
                Distribution prior = world.prior().given(prompt);
                assertThat(prior.outcomes())
                        .isEqualTo(expected.prior().given(prompt).outcomes());
                assertThat(prior.probabilities())
                        .containsExactly(expected.prior().given(prompt).probabilities(), within(1e-15));
                assertThat(world.reward("approve").rewards(prompt, prior))
                        .containsExactly(expected.reward("approve").rewards(prompt, prior));
                assertThat(world.policy().orElseThrow().given(prompt).probabilities())
                        .containsExactly(
                                expected.policy().orElseThrow().given(prompt).probabilities(), within(1e-15));
            }
        }
        TableWorld plain = TableWorlds.parse("t.csv", "outcome,prior,reward\n\"a, \"\"b\"\"\nc\",1,2\n");
        assertThat(plain.prior().given("").outcomes()).containsExactly("a, \"b\"\nc");
        assertThat(plain.onlyReward().reward("", "a, \"b\"\nc")).isEqualTo(2);
    }

    /** Every message names file, line, field, value and rule. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prior: {a: 0.4, b: 0.5}|w.yaml:1: field 'prior' is a sum of 0.9; probabilities must sum to 1 (within 1e-9); for"
                        + " weights say normalise: true",
                "prior:#  a: 0.4#  b: .nan|w.yaml:3: field 'prior.b' is '.nan'; it must be a finite number",
                "prior: {a: 1, b: NaN}|w.yaml:1: field 'prior.b' is 'NaN'; it must be a finite number",
                "prior: {a: 1, b: 1e999}|w.yaml:1: field 'prior.b' is 1e999; it must be a finite number that"
                        + " a double can hold",
                "prior: {a: 1.5, b: -0.5}|w.yaml:1: field 'prior.a' is 1.5; a probability must be in [0, 1]",
                "normalise: true#prior: {a: 3, b: -1}|w.yaml:2: field 'prior.b' is -1; a weight must be >= 0",
                "normalise: true#prior: {a: 0, b: 0}|w.yaml:2: field 'prior' is a sum of 0.0; weights must have a positive,"
                        + " finite sum",
                "normalise: yes#prior: {a: 1}|w.yaml:1: field 'normalise' is yes; it must be true or false",
                "prior: {}|w.yaml:1: field 'prior' is empty; it needs at least one outcome",
                "prior: [0.5, 0.5]|w.yaml:1: field 'prior' is a list; it must be a map, such as {a: 0.4, b: 0.6}",
                "prior: 1|w.yaml:1: field 'prior' is 1; it must be a map, such as {a: 0.4, b: 0.6}",
                "prior: {a: {b: 1}}|w.yaml:1: field 'prior.a' is a map; it must be a single value",
                "prior: {a: 1}#reward:#  a: 1#  a: 2|w.yaml:4: field 'reward.a' is given twice; a name may stand only once",
                "prior: {a: 1}#rewrad: {a: 1}|w.yaml:2: field 'rewrad' is not a field of a world; did you mean 'reward'? known"
                        + " are: prior, reward, rewards, policy, normalise, prompts",
                "prior: {a: 0.5, b: 0.5}#reward: {a: 1}|w.yaml:2: field 'reward.b' is missing; every outcome of the prior needs"
                        + " its reward",
                "prior: {a: 1}#reward:#  a: 1#  bb: 2|w.yaml:4: field 'reward.bb' is 2; the prior has no such outcome;"
                        + " known are: a",
                "prior: {a: 0.5, b: 0.5}#policy: {a: 1}|w.yaml:2: field 'policy.b' is missing; give 0 where the policy"
                        + " excludes it",
                "prior: {a: 1}#reward: {a: 1}#rewards: {x: {a: 1}}|w.yaml:3: field 'rewards' is beside 'reward'; give 'reward'"
                        + " or 'rewards', not both",
                "reward: {a: 1}|w.yaml: field 'prior' is missing; every prompt needs its prior",
                "prompts: {}|w.yaml:1: field 'prompts' is empty; it needs at least one prompt",
                "prior: {a: 1}#prompts: {q: {prior: {a: 1}}}|w.yaml:1: field 'prior' is beside 'prompts'; with several prompts"
                        + " it belongs under each of them",
                "prompts:#  q:#    prior: {a: 1}#    wieght: 2|w.yaml:4: field 'prompts.q.wieght' is not a field of a world; did"
                        + " you mean 'weight'? known are: prior, reward, rewards, policy, normalise, weight",
                "prompts:#  q:#    prior: {a: 1}#    weight: 0|w.yaml:4: field 'prompts.q.weight' is 0; it must be positive",
                "prompts:#  q: {prior: {a: 1}, reward: {a: 1}}#  p: {prior: {a: 1}}|w.yaml:3: field 'prompts.p.rewards.reward' is"
                        + " missing; every prompt needs the same rewards",
                "prompts:#  q: {prior: {a: 1}}#  p: {prior: {a: 1}, reward: {a: 1}}|w.yaml:3: field 'prompts.p.reward' is a"
                        + " reward the first prompt lacks; every prompt needs the same rewards",
                "prompts:#  q: {prior: {a: 1}, policy: {a: 1}}#  p: {prior: {a: 1}}|w.yaml:3: field 'prompts.p.policy' is"
                        + " missing; every prompt needs the policy, or none",
                "just text|w.yaml:1: no map of fields; a world begins with 'prior:', 'prompts:' or 'variables:'",
                "prior: {a: 1}#---#prior: {a: 1}|w.yaml:3: a second document; a file holds one world",
            })
    void refusesBadYaml(String text, String message) {
        assertThatThrownBy(() -> TableWorlds.parse("w.yaml", text.replace('#', '\n')))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @Test
    void refusesBrokenYamlAtItsLine() {
        assertThatThrownBy(() -> TableWorlds.parse("w.yaml", "prior:\n  a: 0.5\n b: {\n"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("w.yaml:3: broken YAML (")
                .hasMessageEndingWith("; the file must be YAML");
        assertThatThrownBy(() -> TableWorlds.parse("w.yaml", "")).hasMessageStartingWith("w.yaml: no map of fields");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "outcome,prior#a,0.4#b,0.5|w.csv:2: field 'prior' is a sum of 0.9; probabilities must sum to 1 (within 1e-9); for"
                        + " weights say normalise: true",
                "outcome,prior,rewrad#a,1,2|w.csv:1: field 'rewrad' is not a column; did you mean 'reward'? known are: prompt,"
                        + " outcome, prior, reward, reward.NAME, policy, weight",
                "outcome,prior,prior#a,1,1|w.csv:1: field 'prior' is given twice; a column may stand only once",
                "outcome,reward#a,1|w.csv:1: field 'prior' is missing; it must be one of the columns",
                "outcome,prior,reward,reward.x#a,1,1,1|w.csv:1: field 'reward.x' is beside 'reward'; give 'reward' or columns"
                        + " 'reward.NAME', not both",
                "outcome,prior,reward#a,1|w.csv:2: 2 cells; the header has 3 columns",
                "outcome,prior,reward#a,1,|w.csv:2: field 'reward.a' is missing; it must be a finite number",
                "outcome,prior#a,0.5#a,0.5|w.csv:3: field 'prior.a' is given twice; an outcome may stand only once a prompt",
                "prompt,outcome,prior,weight#q,a,0.5,1#q,b,0.5,2|w.csv:3: field 'prompts.q.weight' is 2; it must be the same on"
                        + " all rows of a prompt, and was 1",
                "outcome,prior#\"a,1|w.csv:2: a quote that is never closed; quotes come in pairs",
                "outcome,prior#\"a\"b,1|w.csv:2: 'b' after a closing quote; a quoted cell ends at a comma",
                "outcome,prior#|w.csv: no rows; a table needs at least one outcome",
                "#|w.csv: empty; the first line names the columns: outcome,prior,reward",
            })
    void refusesBadCsv(String text, String message) {
        assertThatThrownBy(() -> TableWorlds.parse("w.csv", text.replace('#', '\n')))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @Test
    void readsPoliciesOfEveryShape() {
        TableWorld t1 = TableWorlds.builtIn("t1");
        double[] expected = {.1, .2, .3, .4};
        for (String text : List.of(
                "policy: {a: 0.1, b: 0.2, c: 0.3, d: 0.4}",
                "{\"d\": 0.4, \"c\": 0.3, \"b\": 0.2, \"a\": 0.1}",
                "{\"\": {a: 0.1, b: 0.2, c: 0.3, d: 0.4}}",
                "normalise: true\npolicy: {a: 1, b: 2, c: 3, d: 4}",
                "prior: {a: 0.4, b: 0.3, c: 0.2, d: 0.1}\npolicy: {a: 0.1, b: 0.2, c: 0.3, d: 0.4}")) {
            TableModel policy = TableWorlds.parsePolicy("p.yaml", text, t1.prior());
            assertThat(policy.given("").probabilities()).as(text).containsExactly(expected, within(1e-15));
        }
        String csv = "outcome,policy\nb,0.2\na,0.1\nc,0.3\nd,0.4\n";
        assertThat(TableWorlds.parsePolicy("p.csv", csv, t1.prior()).given("").probabilities())
                .containsExactly(expected, within(1e-15));
    }

    @Test
    void refusesPoliciesOfOtherWorlds() {
        TableModel prior = TableWorlds.parse("two.yaml", TWO).prior();
        assertThatThrownBy(() -> TableWorlds.parsePolicy("p.yaml", "q1: {a: 1, b: 0}", prior))
                .hasMessage("p.yaml: field 'prompts.q2' is missing; the prior has this prompt, so the policy needs it");
        assertThatThrownBy(() -> TableWorlds.parsePolicy("p.yaml", "prompts: {q3: {policy: {a: 1}}}", prior))
                .hasMessage(
                        "p.yaml:1: field 'prompts' is 'q3'; the prior has no such prompt; did you mean 'q1'? known are: q1,"
                                + " q2");
        assertThatThrownBy(() -> TableWorlds.parsePolicy("p.yaml", "polcy: {a: 1}", prior))
                .hasMessageStartingWith("p.yaml:1: field 'polcy' is not a field of a world; did you mean 'policy'?");
        assertThatThrownBy(() -> TableWorlds.parsePolicy("p.yaml", "prompts: {q1: {prior: {a: 1}}}", prior))
                .hasMessage("p.yaml:1: field 'prompts.q1.policy' is missing; every prompt needs the policy, or none");
    }

    @Test
    void writesPoliciesThatReadBackToTheLastDigit(@TempDir Path folder) throws IOException {
        List<String> names = List.of("yes", "1", "a: b # c", "say \"hi\"\\\n\t\u0001", "", "~", "ü€");
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        for (String prompt : List.of("q \"1\"", "no")) {
            Map<String, Double> weights = new LinkedHashMap<>();
            for (String name : names) {
                weights.put(name, Math.exp(-3.7 * weights.size()) + prompt.length());
            }
            byPrompt.put(prompt, Distribution.normalised(weights));
        }
        for (TableModel model : List.of(TableModel.of(byPrompt), TableModel.of(byPrompt.get("no")))) {
            Path file = folder.resolve("policy" + model.prompts().size() + ".yaml");
            Files.writeString(file, TableWorlds.policyYaml(model));
            TableModel back = TableWorlds.readPolicy(file, model);
            for (String prompt : model.prompts()) {
                assertThat(back.given(prompt).outcomes()).isEqualTo(names);
                assertThat(back.given(prompt).probabilities())
                        .containsExactly(model.given(prompt).probabilities(), within(1e-15));
            }
        }
    }

    @Test
    void readsFiles(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("w.csv");
        Files.writeString(file, "outcome,prior\na,1\n");
        assertThat(TableWorlds.read(file).prior().given("").probability("a")).isEqualTo(1);
        Path missing = folder.resolve("none.yaml");
        assertThatThrownBy(() -> TableWorlds.read(missing))
                .isInstanceOf(InputException.class)
                .hasMessage(missing + ": no such file; give a world's file, YAML or CSV");
        Path binary = folder.resolve("b.yaml");
        Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> TableWorlds.read(binary)).hasMessageContaining("not UTF-8 text");
    }

    @Test
    void readsLargeTables() {
        int n = 100_000;
        StringBuilder yaml = new StringBuilder("normalise: true");
        for (String field : List.of("prior", "reward", "policy")) {
            yaml.append('\n').append(field).append(':');
            for (int i = 0; i < n; i++) {
                yaml.append("\n  outcome number ").append(i).append(": ").append(i % 7);
            }
        }
        TableWorld world = TableWorlds.parse("large.yaml", yaml.toString());
        assertThat(world.prior().given("").size()).isEqualTo(n);
        assertThat(world.onlyReward().reward("", "outcome number 99999")).isEqualTo(99999 % 7);
    }
}
