package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of states and generalised advantage estimation. */
class ValueHeadTest {
    /**
     * By hand, γ = .5 and λ = .8, rewards −.1, 0, 2 and values 1, .4, .6: δ = −.1 + .2 − 1, .3 − .4, 2 − .6 = −.9, −.1, 1.4;
     * advantages 1.4, −.1 + .4·1.4, −.9 + .4·.46.
     */
    @Test
    void advantagesAreThoseComputedByHand() {
        double[] rewards = {-.1, 0, 2};
        double[] values = {1, .4, .6};
        assertThat(Advantages.generalised(rewards, values, .5, .8))
                .containsExactly(new double[] {-.716, .46, 1.4}, within(1e-15));
        assertThat(Advantages.generalised(rewards, values, 1, 1))
                .containsExactly(new double[] {.9, 1.6, 1.4}, within(1e-15));
        assertThat(Advantages.generalised(rewards, new double[3], 1, 1))
                .containsExactly(new double[] {1.9, 2, 2}, within(1e-15));
    }

    /** The plain policy gradient: the whole return to every token, no baseline. */
    private static Map<String, Double> plain(RandomTexts world, double[] policy, double beta, double gamma) {
        Surrogate surrogate = Surrogate.onPolicy(Surrogate.Baseline.NONE, KlPlacement.REWARD_K1)
                .withBeta(beta)
                .with("gamma", gamma);
        Rollouts rollouts = world.rollouts(policy);
        SurrogateObjective objective = new SurrogateObjective(rollouts, surrogate, RandomTexts.HORIZON, 1);
        return world.gradient(rollouts, objective.weights(rollouts.drawnLogProbs()));
    }

    private static Map<String, Double> withValues(
            RandomTexts world, double[] policy, double[][] values, Surrogate surrogate) {
        Rollouts rollouts = world.rollouts(policy);
        double[][] advantages = Advantages.ofStates(rollouts, surrogate, values);
        SurrogateObjective objective = new SurrogateObjective(rollouts, surrogate, RandomTexts.HORIZON, 1, advantages);
        return world.gradient(rollouts, objective.weights(rollouts.drawnLogProbs()));
    }

    private static Surrogate headed(double beta, double gamma, double lambda) {
        return PolicyGradient.ppo()
                .baseline(Surrogate.Baseline.VALUE_HEAD)
                .atKl(beta)
                .gamma(gamma)
                .gaeLambda(lambda)
                .objective();
    }

    /** What the policy is worth from each state on, its penalties included. */
    private static double[][] exact(RandomTexts world, double[] policy, Surrogate surrogate) {
        Rollouts rollouts = world.rollouts(policy);
        Map<String, Double> mass = new HashMap<>();
        Map<String, Double> sum = new HashMap<>();
        for (int i = 0; i < policy.length; i++) {
            double[] later = Advantages.generalised(
                    Advantages.tokenRewards(rollouts, surrogate, i),
                    new double[world.texts.get(i).length],
                    surrogate.gamma(),
                    1);
            for (int t = 0; t < later.length; t++) {
                mass.merge(world.prefix(i, t), Math.exp(policy[i]), Double::sum);
                sum.merge(world.prefix(i, t), Math.exp(policy[i]) * later[t], Double::sum);
            }
        }
        return world.ofStates((i, t) ->
                sum.getOrDefault(world.prefix(i, t), Double.NaN) / mass.getOrDefault(world.prefix(i, t), Double.NaN));
    }

    private static double furthest(Map<String, Double> one, Map<String, Double> other) {
        assertThat(one.keySet()).isEqualTo(other.keySet());
        return one.entrySet().stream()
                .mapToDouble(each -> Math.abs(each.getValue() - other.getOrDefault(each.getKey(), Double.NaN)))
                .max()
                .orElseThrow();
    }

    /** With λ = 1 any values leave the expected gradient as it is; below it the policy's own do, and others do not. */
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 0.95", "0.8, 1", "0.8, 0.5", "1, 0.1"})
    void theExpectedGradientIsThePlainOne(double gamma, double lambda) {
        for (long seed = 1; seed <= 4; seed++) {
            RandomTexts world = new RandomTexts(seed);
            double[] policy = new TokenLimit(TokenLimit.Rule.LOCAL_KL, 1.3, 0.9)
                    .logProbs(world.texts, world.logPrior(), world.reward);
            Map<String, Double> plain = plain(world, policy, 0.4, gamma);
            assertThat(plain.values().stream().mapToDouble(Math::abs).max().orElseThrow())
                    .isGreaterThan(0.01);
            Surrogate surrogate = headed(0.4, gamma, lambda);
            double[][] own = exact(world, policy, surrogate);
            assertThat(furthest(plain, withValues(world, policy, own, surrogate)))
                    .isLessThan(1e-12);
            double[][] wrong =
                    world.ofStates((i, t) -> Math.sin(3 * t + world.prefix(i, t).hashCode()));
            double off = furthest(plain, withValues(world, policy, wrong, surrogate));
            if (lambda == 1) {
                assertThat(off).isLessThan(1e-12);
            } else {
                assertThat(off).isGreaterThan(1e-3);
            }
        }
    }

    /** A value a prompt learns the prompt's mean return, and the policy ends where the other baselines lead it. */
    @Test
    void onATableTheHeadLearnsTheMeanAndTheLimitIsThePosterior() {
        TableModel prior = TableModel.of(TestWorlds.T1);
        PolicyGradient method =
                PolicyGradient.ppo().baseline(Surrogate.Baseline.VALUE_HEAD).population();
        Distribution reached = method.condition(prior, TestWorlds.reward(TestWorlds.t1Rewards()), MethodOptions.none())
                .policy()
                .given(prior.prompts().get(0));
        double[] posterior = {.08507291, .17343910, .31430424, .42718375};
        for (int i = 0; i < 4; i++) {
            assertThat(reached.probability(i)).isCloseTo(posterior[i], within(1e-8));
        }
        TableValues values =
                new TableValues(LogitTable.of(prior), new double[] {1}, Optimiser.natural(LearningRate.constant(0.5)));
        ValueHead head = new ValueHead(values);
        Rollouts rollouts = Tables.rollouts(TestWorlds.T1, TestWorlds.T1, TestWorlds.t1Rewards());
        ValueHead.Seen first = head.see(rollouts, method.objective());
        assertThat(first.error()).as("root of E r²").isCloseTo(Math.sqrt(.3 + .8 + .9), within(1e-12));
        for (int step = 0; step < 60; step++) {
            head.step(rollouts, head.see(rollouts, method.objective()));
        }
        assertThat(values.of(rollouts.batch())[0][0]).isCloseTo(1, within(1e-9));
        assertThat(head.see(rollouts, method.objective()).error())
                .as("the deviation")
                .isCloseTo(1, within(1e-9));
    }

    @Test
    void badSettingsAreRefusedByName() {
        assertThatThrownBy(() -> Methods.byName("ppo").with(Map.of("gae-lambda", "0")))
                .isInstanceOf(InputException.class)
                .hasMessage("gae-lambda is 0; it must be in (0, 1]");
        assertThatThrownBy(() -> Methods.byName("ppo").with(Map.of("value-lr", "-1")))
                .hasMessage("value-lr is -1; it must be finite and at least 0");
        assertThatThrownBy(() -> Methods.byName("rloo").with(Map.of("gae-lambda", "0.9")))
                .hasMessageContaining("no method named here has it");
        assertThatThrownBy(() -> Methods.byName("reinforce").with(Map.of("baseline", "value-head")))
                .hasMessageContaining("it is one of none, batch, group");
    }
}
