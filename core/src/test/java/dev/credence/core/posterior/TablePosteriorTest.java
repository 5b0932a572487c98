package dev.credence.core.posterior;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertVector;
import static dev.credence.core.Vectors.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablePosteriorTest {
    private static final TableModel PRIOR = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final RewardFunction PROBABILITY = TestWorlds.reward(TestWorlds.t2Probabilities());

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "0.5, \"T2.copies0.5\"",
                "1, \"T2.copies1\"",
                "2, \"T2.copies2\"",
                "20, \"T2.copies20\"",
                "50, \"T2.copies50\""
            })
    void conditionsOnCopiesOfAnObservation(double n, String key) {
        TablePosterior posterior =
                TablePosterior.of(PRIOR, Evidence.probability(PROBABILITY).times(n));
        Distribution result = posterior.model().given("");
        double[] expected = numbers(key, "post");
        for (int i = 0; i < expected.length; i++) { // also the tiny ones, to the digits printed
            assertThat(result.probability(i)).isCloseTo(expected[i], within(Math.min(5.000001e-9, 1e-7 * expected[i])));
        }
        assertVector(posterior.logPartition(""), key, "logZ");
        assertVector(Divergences.kl(result, TestWorlds.T1), key, "KL");
        TablePosterior copies = TablePosterior.of(PRIOR, PROBABILITY, RewardLikelihood.copies(n));
        assertThat(copies.logPartition("")).isCloseTo(posterior.logPartition(""), within(EXACT));
    }

    @Test
    void logitsAreAnotherConditional() {
        TablePosterior posterior = TablePosterior.of(
                PRIOR,
                Evidence.reward((prompt, text) -> {
                            double p = PROBABILITY.reward(prompt, text);
                            return Math.log(p / (1 - p));
                        })
                        .atKl(1));
        assertVector(posterior.model().given("").probabilities(), "T2.logit1", "post");
        assertVector(posterior.logPartition(""), "T2.logit1", "logZ");
    }

    @Test
    void conditionsOnARewardLevel() {
        Distribution prior = TestWorlds.distribution(.2, .2, .15, .15, .1, .1, .06, .04);
        RewardFunction reward = TestWorlds.reward(0, 0, 1, 1, 2, 2, 3, 3);
        TablePosterior posterior = TablePosterior.of(TableModel.of(prior), Evidence.rewardLevel(3, reward));
        assertVector(posterior.model().given("").probabilities(), "T19.cond_R3", "p");
        assertVector(Divergences.kl(posterior.model().given(""), prior), "T19.cond_R3", "KL");
        assertVector(-posterior.logPartition(""), "T19.cond_R3", "minus_logpR");
    }

    /** So many copies that a double near λr is a nat from the next: what is left is the prior on the best texts, and adds up to 1. */
    @ParameterizedTest
    @CsvSource({"1e9", "1e12", "1e15", "1e100", "1e300"})
    void anyNumberOfCopiesLeavesThePriorItsDigits(double copies) {
        SplittableRandom random = new SplittableRandom(14);
        for (int world = 0; world < 50; world++) {
            double[] mass = random.doubles(6).map(u -> u * u).toArray();
            double sum = Arrays.stream(mass).sum();
            Distribution prior = TestWorlds.distribution(
                    Arrays.stream(mass).map(m -> m / sum).toArray());
            double[] rewards = random.ints(6, 1, 4).asDoubleStream().toArray();
            TableModel table = TableModel.of(prior);
            RewardFunction reward = TestWorlds.reward(rewards);
            double[] best = TablePosterior.of(table, reward, RewardLikelihood.tilt(Double.POSITIVE_INFINITY))
                    .model()
                    .given("")
                    .probabilities();
            Distribution got = TablePosterior.of(table, reward, RewardLikelihood.tilt(copies))
                    .model()
                    .given("");
            assertThat(got.probabilities()).containsExactly(best, within(1e-12));
            assertThat(TablePosterior.of(table, Evidence.reward(reward).times(copies))
                            .model()
                            .given("")
                            .probabilities())
                    .containsExactly(best, within(1e-12));
            double[] column = ColumnPosterior.of(prior.logProbabilities(), rewards, RewardLikelihood.tilt(copies))
                    .logProbs();
            assertThat(Arrays.stream(column).map(Math::exp).toArray()).containsExactly(best, within(1e-12));
            double[] shifted = Arrays.stream(rewards).map(r -> r * copies).toArray();
            assertThat(Arrays.stream(Distribution.ofLogWeights(prior.outcomes(), shifted)
                                    .probabilities())
                            .sum())
                    .isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void refusesALevelNeverSeen() {
        assertThatThrownBy(() -> TablePosterior.of(PRIOR, REWARD, RewardLikelihood.level(7)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage(
                        "'the reward is exactly 7' was never seen under the prior of the only prompt, whose rewards lie in"
                                + " [0.0, 3.0]: there is nothing to condition on");
        assertThatThrownBy(() -> TablePosterior.of(PRIOR, Evidence.rewardLevel(7, REWARD)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("no text of it fulfils 'the reward is exactly 7'");
        TableModel without = TableModel.of(TestWorlds.distribution(.5, .3, .2, 0));
        assertThatThrownBy(() -> TablePosterior.of(without, REWARD, RewardLikelihood.level(3)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("rewards lie in [0.0, 2.0]");
    }

    @Test
    void refusesNoNumberAndInfinity() {
        assertThatThrownBy(() -> TablePosterior.of(
                        PRIOR, Evidence.reward((p, text) -> Double.NaN).atKl(1)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("log-likelihood of 'a' (the only prompt) under '1 copy")
                .hasMessageContaining("is NaN: a likelihood must be a number");
        assertThatThrownBy(() -> TablePosterior.of(
                        PRIOR,
                        Evidence.event("no", (p, text) -> text.equals("b")).times(-1)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("is Infinity: Z is infinite");
    }

    @Test
    void asksOnlyWhatThePriorAllows() {
        TableModel prior = TableModel.of(TestWorlds.distribution(.5, .5, 0));
        Evidence evidence =
                Evidence.reward((p, text) -> text.equals("c") ? Double.NaN : 1).atKl(1);
        assertThat(TablePosterior.of(prior, evidence).model().given("").probabilities())
                .containsExactly(new double[] {.5, .5, 0}, within(EXACT));
    }

    @Test
    void keepsPromptsApart() {
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        byPrompt.put("q1", TestWorlds.T1);
        byPrompt.put("q2", TestWorlds.distribution(.25, .75));
        TableModel prior = TableModel.of(byPrompt, Map.of("q1", 3.0, "q2", 1.0));
        TablePosterior posterior =
                TablePosterior.of(prior, Evidence.reward(REWARD).atKl(1));
        double second = Math.log(.25 + .75 * Math.E);
        assertVector(posterior.logPartition("q1"), "T1.beta1", "logZ");
        assertThat(posterior.logPartition("q2")).isCloseTo(second, within(EXACT));
        assertThat(posterior.meanLogPartition())
                .isCloseTo(.75 * posterior.logPartition("q1") + .25 * second, within(EXACT));
        assertThat(posterior.model().weight("q1")).isEqualTo(.75);
        assertThat(posterior.logProbability("q2", "b")).isCloseTo(Math.log(.75) + 1 - second, within(EXACT));
        assertThat(posterior.logProbability("q2", "zzz")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> posterior.logPartition("q3")).hasMessage("prompt 'q3' is not one of [q1, q2]");
        assertThatThrownBy(() -> TablePosterior.of(prior, REWARD, RewardLikelihood.level(3)))
                .hasMessageContaining("never seen under the prior of prompt 'q2'");
    }

    @Test
    void samplesItself() {
        TablePosterior posterior =
                TablePosterior.of(PRIOR, Evidence.reward(REWARD).atKl(1));
        SplittableRandom random = new SplittableRandom(11);
        int draws = 200_000;
        int[] count = new int[4];
        for (int i = 0; i < draws; i++) {
            count[posterior.sample("", random).charAt(0) - 'a']++;
        }
        double chiSquared = 0;
        for (int i = 0; i < 4; i++) {
            double expected = draws * posterior.model().given("").probability(i);
            chiSquared += (count[i] - expected) * (count[i] - expected) / expected;
        }
        assertThat(chiSquared).isLessThan(21.1); // χ²(3) at 1e-4
    }

    @Test
    void seesWhatAPolicysOwnSamplesCannot() {
        Distribution posterior = TablePosterior.of(
                        PRIOR, Evidence.reward(REWARD).atKl(1))
                .model()
                .given("");
        double kept = posterior.probability(0) + posterior.probability(3);
        Distribution policy =
                TestWorlds.distribution(posterior.probability(0) / kept, 0, 0, posterior.probability(3) / kept);
        assertVector(kept, "X.blind", "kept");
        assertVector(Divergences.kl(policy, posterior), "X.blind", "true_revKL");
        assertThat(Divergences.kl(posterior, policy)).isInfinite();
        double logZ = TablePosterior.of(PRIOR, Evidence.reward(REWARD).atKl(1)).logPartition("");
        double z = 0; // importance sampling from the policy never sees the two dropped modes
        double log = 0;
        for (int i : new int[] {0, 3}) {
            double weight = TestWorlds.T1.probability(i) * Math.exp(i) / policy.probability(i);
            z += policy.probability(i) * weight;
            log += policy.probability(i) * Math.log(weight);
        }
        assertVector(Math.log(z), "X.blind", "logZhat");
        assertVector(logZ, "X.blind", "logZ");
        assertVector(Math.log(z) - log, "X.blind", "apparent_revKL_selfZ");
    }

    @Test
    void requiresSupport() {
        TableModel policy = TableModel.of(TestWorlds.distribution(.25, .25, .25, .25));
        TableModel narrow = TableModel.of(TestWorlds.distribution(.5, .5, 0, 0));
        TablePosterior.requireSupport(policy, narrow);
        assertThatThrownBy(() -> TablePosterior.requireSupport(narrow, policy))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage(
                        "the policy gives 'c' (prompt '') probability 0.25 where the prior has 0: it is no conditional of"
                                + " this prior");
        TableModel other = TableModel.of(Map.of("q", TestWorlds.T1));
        assertThatThrownBy(() -> TablePosterior.requireSupport(policy, other))
                .hasMessage("the policy has prompt 'q', the prior has not");
    }

    @Test
    void beatsAndTopQuantileAgreeWithTheirArrayForms() {
        Distribution viaEvidence = TablePosterior.of(PRIOR, Evidence.beats(4, REWARD, PRIOR))
                .model()
                .given("");
        Distribution viaArrays = TablePosterior.of(PRIOR, REWARD, RewardLikelihood.beats(4))
                .model()
                .given("");
        assertThat(viaEvidence.probabilities()).containsExactly(viaArrays.probabilities(), within(1e-15));
        assertThat(Arrays.stream(viaEvidence.probabilities()).sum()).isCloseTo(1, within(1e-12));
    }
}
