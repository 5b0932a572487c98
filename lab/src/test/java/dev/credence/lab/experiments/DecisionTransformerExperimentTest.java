package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTransformerExperimentTest {
    private static final Map<String, String> BRIEF = Map.of(
            "transformer",
            "yes",
            "transformer.seeds",
            "2",
            "transformer.steps",
            "100",
            "transformer.batch",
            "32",
            "transformer.lr",
            "0.006");

    @TempDir
    private Path folder;

    private static ExperimentResult run(Map<String, String> settings) {
        DecisionTransformerExperiment experiment = new DecisionTransformerExperiment();
        return experiment.run(ExperimentSettings.of(experiment, settings), line -> {});
    }

    private static double estimate(ExperimentResult result, String id) {
        return result.findings().get(id).estimate();
    }

    private String world(String yaml) throws IOException {
        return Files.writeString(folder.resolve("world" + yaml.hashCode() + ".yaml"), yaml)
                .toString();
    }

    @Test
    void aLevelIsThePriorOnItsTexts() {
        ExperimentResult result = run(Map.of());
        assertVector(estimate(result, "level.3.kl"), "T19.cond_R3", "KL");
        assertThat(estimate(result, "level.0.kl")).isCloseTo(-Math.log(.4), within(1e-12));
        assertThat(estimate(result, "level.1.kl")).isCloseTo(-Math.log(.3), within(1e-12));
        assertThat(estimate(result, "level.2.kl")).isCloseTo(-Math.log(.2), within(1e-12));
        assertThat(estimate(result, "tilted.distance")).isLessThan(1e-12);
        assertThat(estimate(result, "fraction.distance")).isLessThan(1e-12);
        assertThat(estimate(result, "unseen.refused")).isEqualTo(1);
        assertThat(result.tables().get("unseen").rows())
                .allSatisfy(row -> assertThat(row.get(2).toString()).contains("there is nothing to condition on"));
        assertThat(result.findings().values()).allMatch(each -> each.grade() == Grade.EXACT);
        assertThat(result.conclusion())
                .contains("conditioning on it, 2.30 nats")
                .contains("the bound holds")
                .contains("are refused");
    }

    /** The bound of 1/q is reached by a cost that only what the quantilizer keeps has. */
    @Test
    void withoutACostTheWorstOneIsTaken() {
        ExperimentResult result = run(Map.of("world", "t1", "q", "0.25"));
        assertVector(estimate(result, "quantilizer.kl"), "T8.q0.25", "KL");
        assertThat(estimate(result, "prior.cost")).isCloseTo(.1, within(1e-12));
        assertThat(estimate(result, "quantilizer.cost")).isCloseTo(.4, within(1e-12));
        assertThat(estimate(result, "quantilizer.cost_bound")).isCloseTo(.4, within(1e-12));
        assertThat(estimate(result, "largest.cost")).isCloseTo(1, within(1e-12));
        assertThat(result.conclusion()).contains("the bound is reached");
    }

    /** Plain sums over worlds with ties, several prompts and costs. */
    @Test
    void everyFigureIsItsFormulaInRandomWorlds() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        for (int each = 0; each < 10; each++) {
            int texts = 3 + random.nextInt(9);
            double[][] prior = new double[2][texts];
            double[][] reward = new double[2][texts];
            double[][] cost = new double[2][texts];
            StringBuilder yaml = new StringBuilder("prompts:\n");
            for (int p = 0; p < 2; p++) {
                double sum = 0;
                for (int i = 0; i < texts; i++) {
                    prior[p][i] = 0.05 + random.nextDouble();
                    reward[p][i] = i < 3 ? i : random.nextInt(5) / 2.0; // 0, 1 and 2 under both
                    cost[p][i] = 5 * random.nextDouble();
                    sum += prior[p][i];
                }
                yaml.append("  q")
                        .append(p)
                        .append(":\n    weight: ")
                        .append(p + 1)
                        .append("\n    prior: {");
                for (int i = 0; i < texts; i++) {
                    prior[p][i] /= sum;
                    yaml.append("t").append(i).append(": ").append(prior[p][i]).append(", ");
                }
                yaml.append("}\n    rewards:\n      good: {");
                for (int i = 0; i < texts; i++) {
                    yaml.append("t").append(i).append(": ").append(reward[p][i]).append(", ");
                }
                yaml.append("}\n      cost: {");
                for (int i = 0; i < texts; i++) {
                    yaml.append("t").append(i).append(": ").append(cost[p][i]).append(", ");
                }
                yaml.append("}\n");
            }
            double q = 0.05 + 0.9 * random.nextDouble();
            ExperimentResult result = run(Map.of(
                    "world", world(yaml.toString().replace(", }", "}")),
                    "reward", "good",
                    "level", "2.0",
                    "q", Double.toString(q),
                    "lambda", Double.toString(4 * random.nextDouble() - 2)));
            double kl = 0;
            double kept = 0;
            double before = 0;
            for (int p = 0; p < 2; p++) {
                double weight = (p + 1) / 3.0;
                double mass = 0;
                for (int i = 0; i < texts; i++) {
                    mass += reward[p][i] == 2 ? prior[p][i] : 0;
                    before += weight * prior[p][i] * cost[p][i];
                }
                kl -= weight * Math.log(mass);
                kept += weight * keptCost(prior[p], reward[p], cost[p], q);
            }
            assertThat(estimate(result, "level.2.0.kl")).isCloseTo(kl, within(1e-9));
            assertThat(estimate(result, "level.2.kl")).isCloseTo(kl, within(1e-9));
            assertThat(estimate(result, "tilted.distance")).isLessThan(1e-12);
            assertThat(estimate(result, "fraction.distance")).isLessThan(1e-12);
            assertThat(estimate(result, "quantilizer.cost")).isCloseTo(kept, within(1e-9));
            assertThat(estimate(result, "quantilizer.cost_bound")).isCloseTo(before / q, within(1e-9));
            assertThat(kept).isLessThanOrEqualTo(before / q + 1e-12);
        }
    }

    /** Mean cost of the best share, ties at its edge in equal parts. */
    private static double keptCost(double[] prior, double[] reward, double[] cost, double q) {
        TreeMap<Double, double[]> levels = new TreeMap<>();
        for (int i = 0; i < prior.length; i++) {
            double[] sums = levels.computeIfAbsent(-reward[i], level -> new double[2]);
            sums[0] += prior[i];
            sums[1] += prior[i] * cost[i];
        }
        double left = q;
        double sum = 0;
        for (double[] level : levels.values()) {
            double part = Math.min(1, left / level[0]);
            sum += part * level[1];
            left -= part * level[0];
            if (left <= 1e-12) {
                break;
            }
        }
        return sum / q;
    }

    @Test
    void withoutCopiesAndWithTheWholePriorNothingIsConditioned() {
        ExperimentResult result = run(Map.of("lambda", "0", "q", "1"));
        assertThat(estimate(result, "tilted.kl")).isCloseTo(0, within(1e-12));
        assertThat(estimate(result, "quantilizer.kl")).isCloseTo(0, within(1e-12));
        assertThat(estimate(result, "quantilizer.cost")).isCloseTo(estimate(result, "prior.cost"), within(1e-12));
        assertThat(result.conclusion()).contains("nothing is conditioned on").contains("nothing is kept back");
    }

    /** Networks work as tables do: quality 3 has mass .2·.2 + .07·.6 + .03·.1. */
    @Test
    void takesNetworks() {
        ExperimentResult result = run(Map.of("world", "authors", "lambda", "-1"));
        assertThat(estimate(result, "level.3.kl")).isCloseTo(-Math.log(.04 + .042 + .003), within(1e-9));
        assertThat(estimate(result, "tilted.distance")).isLessThan(1e-12);
    }

    @Test
    void aReturnThatAPromptLacksIsWithdrawnThere() throws IOException {
        String world = world(
                "prompts: {q1: {prior: {a: .5, b: .5}, reward: {a: 0, b: 1}}, q2: {prior: {a: 1}, reward: {a: 0}}}");
        ExperimentResult result = run(Map.of("world", world, "level", "1"));
        assertThat(result.findings().get("level.1.kl").stands()).isFalse();
        assertThat(result.findings().get("level.1.kl").reason()).contains("no text of prompt 'q2'");
        assertThat(estimate(result, "level.0.kl")).isCloseTo(.5 * Math.log(2), within(1e-12));
        assertThat(result.conclusion()).contains("not to be had behind every prompt");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "level | 9 | level is 9; it must be a return that a text of the world has, and they are 0, 1, 2, 3",
                "level | 2.5 | they are 0, 1, 2, 3",
                "q | 0 | q is 0; it must be a number from 1e-9 to 1",
                "q | 1.01 | q is 1.01",
                "lambda | inf | lambda is inf",
                "reward | nothing | reward is nothing",
                "cost | nothing | cost is nothing",
                "world | t1000 | no such world",
                "beyond | -1 | beyond is -1",
                "transformer | maybe | transformer is maybe; it must be one of no, yes"
            })
    void refuses(String key, String value, String message) {
        assertThatThrownBy(() -> run(Map.of(key, value)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesACostBelowZero() throws IOException {
        String world = world("prior: {a: .5, b: .5}\nrewards: {reward: {a: 0, b: 1}, cost: {a: 0, b: -1}}\n");
        assertThatThrownBy(() -> run(Map.of("world", world, "level", "1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cost is cost; a cost is 0 or more")
                .hasMessageContaining("'b' has -1.0");
    }

    @Test
    void aTrainedTransformerGivesWhatItIsAskedForWhereItHasSeenIt() {
        ExperimentResult result = run(BRIEF);
        for (int level = 0; level <= 3; level++) {
            Finding got = result.findings().get("asked." + level + ".got");
            assertThat(got.grade()).isEqualTo(Grade.ESTIMATED);
            assertThat(got.estimate()).isCloseTo(level, within(.5));
            assertThat(estimate(result, "asked." + level + ".exactly")).isGreaterThan(.6);
        }
        for (String beyond : new String[] {"4", "5"}) {
            Finding extrapolated = result.findings().get("asked." + beyond + ".extrapolated");
            assertThat(extrapolated.lower()).as("no text has less than 0").isNotNegative();
            assertThat(extrapolated.upper()).as("no text has more than 3").isLessThanOrEqualTo(3);
            assertThat(extrapolated.reason()).contains("extrapolation");
        }
        assertThat(estimate(result, "trained.tilted.distance")).isBetween(0.0, .3);
        assertThat(result.conclusion())
                .contains("Forced to answer for 4")
                .contains("which no text has")
                .contains("extrapolation");
    }

    @Test
    void theSameSeedGivesTheSameFigures() {
        Map<String, String> settings = new LinkedHashMap<>(BRIEF);
        settings.put("transformer.steps", "5");
        Map<String, Finding> once = run(settings).findings();
        assertThat(run(settings).findings()).isEqualTo(once);
        settings.put("seed", "2");
        assertThat(run(settings).findings()).isNotEqualTo(once);
    }

    @Test
    void nothingIsForcedWhereNothingBeyondIsAsked() {
        Map<String, String> settings = new LinkedHashMap<>(BRIEF);
        settings.putAll(Map.of("beyond", "0", "transformer.steps", "5"));
        ExperimentResult result = run(settings);
        assertThat(result.findings().keySet()).noneMatch(id -> id.endsWith(".extrapolated"));
        assertThat(result.conclusion()).doesNotContain("extrapolation");
    }

    /** A text that no training draws is no more than any other unseen return, and is said to be. */
    @Test
    void whatTrainingNeverDrewIsExtrapolationToo() throws IOException {
        Map<String, String> settings = new LinkedHashMap<>(BRIEF);
        settings.put("world", world("prior: {rare: .000000001, often: .999999999}\nreward: {rare: 1, often: 0}\n"));
        settings.putAll(Map.of("level", "1", "transformer.steps", "10"));
        ExperimentResult result = run(settings);
        assertThat(result.findings().get("asked.1.got").stands()).isFalse();
        assertThat(result.findings().get("asked.1.got").reason()).contains("its answer is extrapolation");
        assertThat(result.findings().get("asked.0.got").stands()).isTrue();
    }

    @Test
    void refusesATransformerOfTooManyTexts() throws IOException {
        StringBuilder texts = new StringBuilder("prior: {");
        StringBuilder rewards = new StringBuilder("}\nreward: {");
        for (int i = 0; i < 500; i++) {
            texts.append(i == 0 ? "" : ", ").append("t").append(i).append(": 0.002");
            rewards.append(i == 0 ? "" : ", ")
                    .append("t")
                    .append(i)
                    .append(": ")
                    .append(i);
        }
        String world = world(texts.toString() + rewards + "}\n");
        assertThat(estimate(run(Map.of("world", world)), "level.3.kl")).isCloseTo(Math.log(500), within(1e-9));
        Map<String, String> settings = new LinkedHashMap<>(BRIEF);
        settings.put("world", world);
        assertThatThrownBy(() -> run(settings))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the world has 500 texts, and 502 returns are asked for");
    }
}
