package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Methods;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits on texts of several tokens, against the gradient of the objective itself over every text. */
class TokenLimitTest {
    private RandomTexts drawn = new RandomTexts(0);
    private List<int[]> texts = drawn.texts;
    private double[] reward = drawn.reward;

    private void draw(long seed) {
        drawn = new RandomTexts(seed);
        texts = drawn.texts;
        reward = drawn.reward;
    }

    private double[] logPrior() {
        return drawn.logPrior();
    }

    @ParameterizedTest
    @CsvSource({
        "dr-grpo, LOSS_K2, 1",
        "dr-grpo, LOSS_K3_RATIO, 1",
        "dr-grpo, LOSS_K3, 1",
        "dr-grpo, LOSS_K2, 0.8",
        "dr-grpo, LOSS_K3, 0.8",
        "dapo, LOSS_K2, 1",
        "dapo, LOSS_K3_RATIO, 0.7",
        "dapo, LOSS_K3, 1",
        "grpo, LOSS_K2, 1",
        "grpo, LOSS_K3, 1",
        "grpo, LOSS_K3, 0.8",
        "rloo, REWARD_K1, 0.8",
        "dapo, REWARD_K1, 0.6",
        "ppo, REWARD_K1, 0.9",
        "dr-grpo, REWARD_K1, 0.5"
    })
    void atTheLimitTheGradientOfEachPrefixIsZero(String preset, KlPlacement kl, double gamma) {
        for (long seed = 1; seed <= 5; seed++) {
            draw(seed);
            PolicyGradient method = method(preset, kl, 0.8 + 0.2 * seed, gamma);
            double[] limit = limit(method);
            assertThat(LogMath.logSumExp(limit)).isCloseTo(0, within(1e-12));
            assertThat(gradient(limit, method.objective())).as("seed " + seed).isLessThan(1e-11);
            double[] control = limit(method(preset, kl, 1.1 * (0.8 + 0.2 * seed), gamma));
            assertThat(gradient(control, method.objective())).as("of another").isGreaterThan(1e-4);
        }
    }

    private static PolicyGradient method(String preset, KlPlacement kl, double beta, double gamma) {
        return ((PolicyGradient) Methods.byName(preset)).kl(kl).atKl(beta).gamma(gamma);
    }

    private double[] limit(PolicyGradient method) {
        return method.tokenLimit().orElseThrow().logProbs(texts, logPrior(), reward);
    }

    /** Below a coefficient that depends on the prior nothing is at rest short of the best texts; the k3 of GRPO always is. */
    @ParameterizedTest
    @CsvSource({"0.3", "0.04", "0.001"})
    void smallCoefficientsOfDividedRewardsRestOrEndAtTheBest(double beta) {
        for (long seed = 1; seed <= 5; seed++) {
            draw(seed);
            PolicyGradient k3 = method("grpo", KlPlacement.LOSS_K3, beta, 1);
            assertThat(gradient(limit(k3), k3.objective())).as("seed " + seed).isLessThan(1e-10);
            PolicyGradient k2 = method("dapo", KlPlacement.LOSS_K2, beta, 1);
            double[] end = limit(k2);
            double best = Arrays.stream(reward).max().orElseThrow();
            int at = IntStream.range(0, end.length)
                    .filter(i -> reward[i] == best)
                    .findFirst()
                    .orElseThrow();
            assertThat(end[at] > -1e-6 || gradient(end, k2.objective()) < 1e-10)
                    .as("seed " + seed)
                    .isTrue();
        }
    }

    /** Texts of one token: the limits are those of tables. */
    @ParameterizedTest
    @CsvSource({"grpo, LOSS_K3", "dapo, LOSS_K3", "grpo, LOSS_K2", "dapo, LOSS_K3_RATIO"})
    void onTextsOfOneTokenTheyAreThoseOfTables(String preset, KlPlacement kl) {
        TableModel prior = TableModel.of(TestWorlds.T1);
        PolicyGradient method = method(preset, kl, 2, 1);
        Distribution table = method.aim()
                .limit(prior, TestWorlds.reward(TestWorlds.t1Rewards()))
                .given(prior.prompts().get(0));
        double[] tokens = method.tokenLimit()
                .orElseThrow()
                .logProbs(
                        IntStream.range(0, 4).mapToObj(i -> new int[] {i}).toList(),
                        TestWorlds.T1.logProbabilities(),
                        TestWorlds.t1Rewards());
        assertThat(tokens).containsExactly(table.logProbabilities(), within(1e-9));
    }

    /** Where a posterior is stated on models, it is at rest over texts of several tokens; every placement of every preset. */
    @Test
    void onModelsNoPosteriorIsStatedThatIsNoFixedPoint() {
        int stated = 0;
        int withheld = 0;
        draw(11);
        for (Conditioner preset : new PolicyGradient().presets()) {
            for (KlPlacement kl : KlPlacement.values()) {
                for (double gamma : new double[] {1, 0.9}) {
                    PolicyGradient method =
                            ((PolicyGradient) preset).kl(kl).atKl(0.7).gamma(gamma);
                    Aim aim = method.aimOnModels();
                    if (aim.ofReward() == null) {
                        assertThat(aim.noPosterior()).as("%s", method).isNotNull();
                        withheld++;
                        continue;
                    }
                    double[] posterior = logPrior();
                    Arrays.setAll(posterior, i -> posterior[i] + reward[i] / 0.7);
                    double sum = LogMath.logSumExp(posterior);
                    Arrays.setAll(posterior, i -> posterior[i] - sum);
                    assertThat(gradient(posterior, method.objective()))
                            .as("%s", method)
                            .isLessThan(1e-11);
                    stated++;
                }
            }
        }
        assertThat(stated)
                .as("k1 in the reward of six, k2 and k3 with its ratio of three")
                .isEqualTo(12);
        assertThat(withheld).isEqualTo(6 * 8 * 2 - stated);
    }

    /** On a table, whose texts have one token, the same settings state the posterior. */
    @Test
    void onTablesSingleTokensAreWholeTexts() {
        for (KlPlacement kl : List.of(KlPlacement.LOSS_K2, KlPlacement.LOSS_K3_RATIO)) {
            PolicyGradient method = PolicyGradient.drGrpo().kl(kl).atKl(0.5);
            assertThat(method.aim().evidence()).isEqualTo("2 copies of the reward (beta 0.5)");
            assertThat(method.aimOnModels().noPosterior()).contains("sees single tokens");
            assertThat(PolicyGradient.rloo().kl(kl).atKl(0.5).aimOnModels().evidence())
                    .isEqualTo("2 copies of the reward (beta 0.5)");
        }
        assertThat(PolicyGradient.grpo().aimOnModels().evidence())
                .contains(
                        "b*prior/(L - V) with b = 1 times the policy's own deviation, and tokens of short texts count more");
        assertThat(PolicyGradient.grpo()
                        .kl(KlPlacement.REWARD_K1)
                        .gamma(0.9)
                        .aimOnModels()
                        .noPosterior())
                .contains("count more: no limit is stated");
        assertThat(PolicyGradient.rloo().gamma(0.9).aimOnModels().evidence())
                .contains("soft value, discounted by 0.9 a token");
    }

    /** Largest derivative of the objective by a logit of the next token, over all prefixes. */
    private double gradient(double[] logPolicy, Surrogate surrogate) {
        Rollouts rollouts = drawn.rollouts(logPolicy);
        double[][] weights =
                new SurrogateObjective(rollouts, surrogate, RandomTexts.HORIZON, 1).weights(rollouts.drawnLogProbs());
        return drawn.gradient(rollouts, weights).values().stream()
                .mapToDouble(Math::abs)
                .max()
                .orElseThrow();
    }

    /** Without a discount soft values are those of the posterior; with texts of one token local ones are as well. */
    @Test
    void withoutADiscountSoftValuesArePosterior() {
        draw(7);
        double[] posterior = logPrior();
        Arrays.setAll(posterior, i -> posterior[i] + reward[i] / 0.4);
        double sum = LogMath.logSumExp(posterior);
        double[] limit = new TokenLimit(TokenLimit.Rule.SOFT, 0.4, 1).logProbs(texts, logPrior(), reward);
        double[] local = new TokenLimit(TokenLimit.Rule.LOCAL_KL, 0.4, 1).logProbs(texts, logPrior(), reward);
        double off = 0;
        for (int i = 0; i < limit.length; i++) {
            assertThat(limit[i]).isCloseTo(posterior[i] - sum, within(1e-12));
            off += Math.exp(local[i]) * (local[i] - posterior[i] + sum);
        }
        assertThat(off).as("KL(local‖posterior), nats").isGreaterThan(0.01);
        List<int[]> single = List.of(new int[] {0}, new int[] {1}, new int[] {2});
        double[] logPrior = {Math.log(.5), Math.log(.3), Math.log(.2)};
        double[] values = {1, 0, 2};
        assertThat(new TokenLimit(TokenLimit.Rule.LOCAL_KL, 0.4, 0.5).logProbs(single, logPrior, values))
                .containsExactly(
                        new TokenLimit(TokenLimit.Rule.SOFT, 0.4, 1).logProbs(single, logPrior, values), within(1e-12));
    }
}
