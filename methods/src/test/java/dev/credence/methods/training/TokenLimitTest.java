package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Methods;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits on texts of several tokens, against the gradient of the objective itself over every text. */
class TokenLimitTest {
    private static final int HORIZON = 3;

    private final List<int[]> texts = new ArrayList<>();
    private final List<double[]> prior = new ArrayList<>(); // log-probabilities of the tokens
    private double[] reward = {};

    /** Texts over a, b and an end, up to three tokens. */
    private void draw(long seed) {
        texts.clear();
        prior.clear();
        RandomGenerator random = new SplittableRandom(seed);
        grow(new int[0], new double[0], random);
        reward = new double[texts.size()];
        Arrays.setAll(reward, i -> 2 * random.nextGaussian());
    }

    private void grow(int[] prefix, double[] logProbs, RandomGenerator random) {
        double[] next = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
        double sum = LogMath.logSumExp(next);
        for (int v = 0; v < 3; v++) {
            int[] tokens = Arrays.copyOf(prefix, prefix.length + 1);
            double[] scores = Arrays.copyOf(logProbs, prefix.length + 1);
            tokens[prefix.length] = v;
            scores[prefix.length] = next[v] - sum;
            if (v == 2 || tokens.length == HORIZON) {
                texts.add(tokens);
                prior.add(scores);
            } else {
                grow(tokens, scores, random);
            }
        }
    }

    private double[] logPrior() {
        return prior.stream().mapToDouble(Rollouts::sum).toArray();
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
            int at = IntStream.range(0, end.length).filter(i -> reward[i] == best).findFirst().orElseThrow();
            assertThat(end[at] > -1e-6 || gradient(end, k2.objective()) < 1e-10).as("seed " + seed).isTrue();
        }
    }

    /** Texts of one token: the limits are those of tables. */
    @ParameterizedTest
    @CsvSource({"grpo, LOSS_K3", "dapo, LOSS_K3", "grpo, LOSS_K2", "dapo, LOSS_K3_RATIO"})
    void onTextsOfOneTokenTheyAreThoseOfTables(String preset, KlPlacement kl) {
        TableModel prior = TableModel.of(TestWorlds.T1);
        PolicyGradient method = method(preset, kl, 2, 1);
        Distribution table = method.aim().limit(prior, TestWorlds.reward(TestWorlds.t1Rewards())).given(prior.prompts().get(0));
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
                .contains("b*prior/(L - V) with b = 1 times the policy's own deviation, and tokens of short texts count more");
        assertThat(PolicyGradient.grpo().kl(KlPlacement.REWARD_K1).gamma(0.9).aimOnModels().noPosterior())
                .contains("count more: no limit is stated");
        assertThat(PolicyGradient.rloo().gamma(0.9).aimOnModels().evidence())
                .contains("soft value, discounted by 0.9 a token");
    }

    /** Largest derivative of the objective by a logit of the next token, over all prefixes. */
    private double gradient(double[] logPolicy, Surrogate surrogate) {
        Map<String, Double> behind = new HashMap<>(); // prefix to log mass
        for (int i = 0; i < logPolicy.length; i++) {
            for (int t = 0; t <= texts.get(i).length; t++) {
                behind.merge(prefix(i, t), logPolicy[i], LogMath::logAddExp);
            }
        }
        List<Continuation> batch = new ArrayList<>();
        double[][] own = new double[logPolicy.length][];
        double[] lengths = new double[logPolicy.length];
        for (int i = 0; i < own.length; i++) {
            batch.add(new Continuation(new int[] {0}, texts.get(i)));
            own[i] = new double[texts.get(i).length];
            lengths[i] = own[i].length;
            for (int t = 0; t < own[i].length; t++) {
                own[i][t] = behind.getOrDefault(prefix(i, t + 1), Double.NaN)
                        - behind.getOrDefault(prefix(i, t), Double.NaN);
            }
        }
        double[] measure = Arrays.stream(logPolicy).map(Math::exp).toArray();
        int[] once = new int[own.length];
        Arrays.fill(once, 1);
        Rollouts rollouts = new Rollouts(
                batch, new int[own.length], reward, measure, once, lengths, own, prior.toArray(new double[0][]), true);
        double[][] weights = new SurrogateObjective(rollouts, surrogate, HORIZON, 1).weights(own);
        Map<String, Double> sums = new HashMap<>(); // of weights of the tokens behind, and of each token itself
        Map<String, Double> tokens = new HashMap<>();
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < own.length; i++) {
            for (int t = 0; t < own[i].length; t++) {
                sums.merge(prefix(i, t), weights[i][t], Double::sum);
                tokens.merge(prefix(i, t + 1), weights[i][t], Double::sum);
                shares.put(prefix(i, t + 1), Math.exp(own[i][t]));
            }
        }
        double largest = 0;
        for (Map.Entry<String, Double> token : tokens.entrySet()) {
            String before = token.getKey().substring(0, token.getKey().length() - 1);
            double share = shares.getOrDefault(token.getKey(), Double.NaN);
            largest = Math.max(largest, Math.abs(token.getValue() - share * sums.getOrDefault(before, 0.0)));
        }
        return largest;
    }

    private String prefix(int i, int length) {
        StringBuilder prefix = new StringBuilder();
        for (int t = 0; t < length; t++) {
            prefix.append((char) ('a' + texts.get(i)[t]));
        }
        return prefix.toString();
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
