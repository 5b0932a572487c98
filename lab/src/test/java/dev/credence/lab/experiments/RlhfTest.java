package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RlhfTest {
    private static ExperimentResult result(Map<String, String> settings) {
        Rlhf experiment = new Rlhf();
        Effort quick = new Effort(Effort.Size.QUICK, false);
        return experiment.run(ExperimentSettings.of(experiment, quick, settings), Listener.silent());
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    /** The control: with infinitely many judgements of one rater nothing is lost by learning. */
    @ParameterizedTest
    @CsvSource({"helpful, approve, .5", "t1, reward, .2", "harmless, harmless, 1", "authors, quality, .5"})
    void infinitelyManyJudgementsOfOneRaterLoseNothing(String world, String reward, String beta) {
        ExperimentResult all =
                result(Map.of("world", world, "reward", reward, "pairs", "inf", "beta", beta, "seeds", "2"));
        Map<String, Finding> f = all.findings();
        for (String kind : new String[] {"reward_model.inf", "approvals.inf", "probabilities.inf"}) {
            assertThat(estimate(f, kind + ".lost")).as(kind).isCloseTo(0, within(1e-9));
            assertThat(f.get(kind + ".lost").grade()).isEqualTo(Grade.EXACT);
            assertThat(estimate(f, kind + ".accuracy")).isCloseTo(estimate(f, "best.accuracy"), within(1e-9));
        }
        assertThat(estimate(f, "reward_model.inf.calibration")).isCloseTo(0, within(1e-9));
        assertThat(estimate(f, "total.inf"))
                .as("what is left is the RL's")
                .isCloseTo(estimate(f, "policy.inf.lost"), within(1e-7));
        assertThat(all.conclusion())
                .contains("infinitely many pairs the reward model loses nothing")
                .doesNotContain("NaN")
                .doesNotContain("Infinity");
    }

    /** The parts and the rest are the total, whatever the settings. */
    @Test
    void thePartsAddUpWithTheRest() {
        Map<String, Finding> f =
                result(Map.of("pairs", "50,inf", "raters", "3", "seed", "4")).findings();
        for (String n : new String[] {"50", "inf"}) {
            assertThat(estimate(f, "reward_model." + n + ".lost")
                            + estimate(f, "policy." + n + ".lost")
                            + estimate(f, "rest." + n))
                    .isCloseTo(estimate(f, "total." + n), within(1e-12));
            assertThat(estimate(f, "approvals." + n + ".lost")
                            + estimate(f, "approvals." + n + ".policy.lost")
                            + estimate(f, "approvals." + n + ".rest"))
                    .isCloseTo(estimate(f, "approvals." + n + ".total"), within(1e-12));
        }
    }

    /** Kinds of judgement are ranked only where their intervals keep apart. */
    @Test
    void kindsAreNotRankedWhereSeedsDoNotTell() {
        Map<String, String> few = Map.of("world", "t1", "pairs", "30", "seeds", "2", "steps", "1");
        assertThat(result(few).conclusion())
                .contains("intervals that overlap, so that these seeds do not tell which kind does.")
                .contains(" where 2 were asked");
        Map<String, String> one = Map.of("world", "t1", "pairs", "30", "seeds", "2", "steps", "1", "beta", "1");
        assertThat(result(one).conclusion()).contains(" where 1 was asked");
    }

    /**
     * Large samples: E KL(π*_learnt‖π*_true) → (1/2β²) E Var*(s − r), with Var(s_x) = 1/(n π0 p(1 − p)) for approvals and σ²/(n π0) for
     * stated log-probabilities, and Var* of independent errors Σ π*(1 − π*) Var(s_x).
     */
    @ParameterizedTest
    @CsvSource({".5, .5, 20000", "1, .3, 8000"})
    void learningLosesWhatLargeSamplesLose(double beta, double noise, int n) {
        Map<String, Finding> f = result(Map.of(
                        "world", "t1",
                        "reward", "reward",
                        "pairs", String.valueOf(n),
                        "beta", String.valueOf(beta),
                        "noise", String.valueOf(noise),
                        "pseudo", "1e-6",
                        "seeds", "60",
                        "steps", "1"))
                .findings();
        double[] prior = {.4, .3, .2, .1};
        double z = 0;
        double mean = 0;
        for (int i = 0; i < 4; i++) {
            z += prior[i] * Math.exp(i / beta);
            mean += prior[i] * i;
        }
        double approvals = 0;
        double stated = 0;
        for (int i = 0; i < 4; i++) {
            double posterior = prior[i] * Math.exp(i / beta) / z;
            double p = 1 / (1 + Math.exp(mean - i));
            double share = posterior * (1 - posterior) / (2 * beta * beta * n * prior[i]);
            approvals += share / (p * (1 - p));
            stated += share * noise * noise;
        }
        assertNear(f.get("approvals." + n + ".lost"), approvals);
        assertNear(f.get("probabilities." + n + ".lost"), stated);
    }

    /** Within twice Student's half-width, about four standard errors; the upper end has room for a tail besides. */
    private static void assertNear(Finding finding, double expected) {
        double half = finding.estimate() - finding.lower();
        assertThat(finding.estimate()).as(finding.id()).isCloseTo(expected, within(2 * half));
        assertThat(half).as("and the interval is narrow enough to tell").isLessThan(.4 * expected);
    }

    /** Two raters at r ± d: pairs tend to the logit of their mean preference, stated log-probabilities to the mean reward. */
    @Test
    void tastesAreNotMendedByMoreJudgements() {
        Map<String, String> settings = Map.of("pairs", "inf", "raters", "2", "disagreement", "2");
        Map<String, Finding> f = result(settings).findings();
        assertThat(estimate(f, "reward_model.inf.lost")).isGreaterThan(1e-3);
        assertThat(estimate(f, "reward_model.inf.lost")).isEqualTo(estimate(f, "limit.lost"));
        assertThat(estimate(f, "approvals.inf.lost")).isGreaterThan(1e-3);
        assertThat(estimate(f, "probabilities.inf.lost")).isCloseTo(0, within(1e-9));
        assertThat(result(settings).conclusion()).contains("that no number of pairs mends");
        assertThat(estimate(
                        result(Map.of("pairs", "inf", "raters", "2", "disagreement", "0"))
                                .findings(),
                        "reward_model.inf.lost"))
                .isCloseTo(0, within(1e-9));
    }

    /** camera has a variable taste: its raters differ by it, whatever the noise between raters elsewhere. */
    @Test
    void aHiddenTasteIsUsedWhereThereIsOne() {
        Map<String, String> settings = Map.of("world", "camera", "reward", "approval", "pairs", "inf", "raters", "2");
        double lost = estimate(result(settings).findings(), "reward_model.inf.lost");
        assertThat(lost).isGreaterThan(1e-4);
        assertThat(estimate(
                        result(Map.of(
                                        "world",
                                        "camera",
                                        "reward",
                                        "approval",
                                        "pairs",
                                        "inf",
                                        "raters",
                                        "2",
                                        "disagreement",
                                        "7"))
                                .findings(),
                        "reward_model.inf.lost"))
                .isEqualTo(lost);
        assertThatThrownBy(() -> result(Map.of("raters", "2", "taste", "mood")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("taste is mood; a hidden variable of the world helpful");
    }

    @Test
    void moreJudgementsLoseLess() {
        ExperimentResult all = result(Map.of("pairs", "100,10000", "seeds", "5"));
        Map<String, Finding> f = all.findings();
        assertThat(f.get("reward_model.10000.lost").upper()).isLessThan(estimate(f, "reward_model.100.lost"));
        assertThat(all.conclusion()).contains("falls with the number of pairs");
        assertThat(result(Map.of("pairs", "300,301")).conclusion()).contains("does not clearly fall");
        assertThat(all.pictures()).hasSize(2);
        assertThat(all.tables().get("losses").rows()).hasSize(6);
    }

    @Test
    void sameSeedSameFigures() {
        Map<String, String> settings = Map.of("pairs", "80", "raters", "2");
        assertThat(result(settings).findings()).isEqualTo(result(settings).findings());
        assertThat(estimate(result(Map.of("pairs", "80", "seed", "9")).findings(), "total.80"))
                .isNotEqualTo(estimate(result(Map.of("pairs", "80")).findings(), "total.80"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reinforce", "ppo", "grpo", "dr-grpo", "dapo"})
    void everyMethodOfTheListRuns(String method) {
        Map<String, Finding> f = result(Map.of("pairs", "100", "method", method, "seeds", "2", "steps", "20"))
                .findings();
        assertThat(estimate(f, "policy.100.lost")).isPositive().isFinite();
    }

    @ParameterizedTest
    @CsvSource({
        "pairs, 0, each must be a whole number from 1 to 1000000",
        "pairs, 2.5, each must be a whole number",
        "pairs, many, each must be a whole number",
        "beta, 0, it must be a number from",
        "raters, 0, it must be a whole number from 1 to 1000",
        "method, dpo, it must be one of rloo",
        "reward, nothing, reward is nothing"
    })
    void refusesBadSettings(String key, String value, String rule) {
        assertThatThrownBy(() -> result(Map.of(key, value)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(rule);
    }

    @Test
    void refusesWorldsThatCannotBeJudged(@TempDir Path folder) throws IOException {
        Path bare = Files.writeString(folder.resolve("bare.yaml"), "prior: {a: .5, b: .5}\n");
        assertThatThrownBy(() -> result(Map.of("world", bare.toString())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a world with a reward; this one has none");
        Path single = Files.writeString(folder.resolve("single.yaml"), "prior: {a: 1}\nreward: {a: 0}\n");
        assertThatThrownBy(() -> result(Map.of("world", single.toString())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least two texts");
        Path certain =
                Files.writeString(folder.resolve("certain.yaml"), "prior: {a: .5, b: .5}\nreward: {a: 0, b: 2000}\n");
        assertThatThrownBy(() -> result(Map.of("world", certain.toString())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("whose raters can be in doubt");
        Path none = Files.writeString(folder.resolve("none.yaml"), "prior: {a: .5, b: .5}\nreward: {a: 1, b: 1}\n");
        assertThat(result(Map.of("world", none.toString(), "pairs", "inf")).conclusion())
                .contains("asks for nothing");
    }
}
