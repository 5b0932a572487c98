package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step that reuses its rollouts says about how far each epoch has led. */
class ReusedRolloutsTest {
    private static final int STEPS = 4;

    /** A training on a random world, everything enumerated, so that estimates are exact. */
    private static final class Enumerated {
        private final TabularPolicy policy;
        private final Training training;

        Enumerated(long seed, String method, int epochs) {
            RandomWorld world = RandomWorld.of(seed);
            MethodOptions options = MethodOptions.none()
                    .with("population", "true")
                    .with("optimiser", "sgd"); // natural steps to the limit reuse nothing
            options = epochs > 1 ? options.with("epochs", epochs) : options;
            TrainedConditioner trained = (TrainedConditioner) Methods.byName(method);
            TrainingSettings settings = trained.settings(options, TrainingSettings.Place.TABLE);
            TableModel prior = TableModel.of(world.prior());
            policy = new TabularPolicy(prior, settings.optimiser());
            training = trained.begin(policy, TableTasks.of(prior, world.reward()), options, settings);
        }

        TrainingStep step() {
            return training.step(new SplittableRandom(0));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theLastEpochHasLedToTheNextPolicy(long seed) {
        Enumerated run = new Enumerated(seed, "ppo", 4);
        for (int step = 0; step < STEPS; step++) {
            TableModel drew = run.policy.table();
            TrainingStep seen = run.step();
            List<Double> moved = seen.signals().movedKlByEpoch();
            assertThat(moved).hasSize(4);
            assertThat(moved.get(3))
                    .isCloseTo(Divergences.kl(drew.given(""), run.policy.table().given("")), within(1e-12))
                    .isPositive();
            assertThat(moved.get(2)).as("before the last update").isEqualTo(seen.movedKl());
        }
    }

    @Test
    void fewerEpochsGoTheSameWayLessFar() {
        List<Double> four = new Enumerated(5, "ppo", 4).step().signals().movedKlByEpoch();
        List<Double> two = new Enumerated(5, "ppo", 2).step().signals().movedKlByEpoch();
        assertThat(two).containsExactly(four.get(0), four.get(1));
        assertThat(four).isSorted();
    }

    @Test
    void rolloutsUsedOnceHaveNoEpochs() {
        TrainingStep step = new Enumerated(5, "rloo", 1).step();
        assertThat(step.signals().movedKlByEpoch()).isEmpty();
        assertThat(step.movedKl()).isZero();
    }

    /** The KL that is reported, stopped at and limited stays that from the prior when the penalty's reference moves. */
    @Test
    void theReportedKlStaysThatFromThePrior() {
        MethodOptions options = MethodOptions.none()
                .with("population", "true")
                .with("beta", 2)
                .with("steps", 600)
                .with("reset-reference", 300);
        TrainedConditioner rloo = (TrainedConditioner) Methods.byName("rloo");
        TrainingSettings settings = rloo.settings(options, TrainingSettings.Place.TABLE);
        TableModel prior = TableModel.of(TestWorlds.T1);
        TabularPolicy policy = new TabularPolicy(prior, settings.optimiser());
        Training training =
                rloo.begin(policy, TableTasks.of(prior, TestWorlds.reward(TestWorlds.t1Rewards())), options, settings);
        for (int step = 0; step < 400; step++) {
            double exact = Divergences.kl(policy.table().given(""), prior.given(""));
            assertThat(training.step(new SplittableRandom(0)).kl())
                    .as("step %d", step)
                    .isCloseTo(exact, within(1e-12));
        }
        List<int[]> prompt = List.of(TabularPolicy.ids(0));
        assertThat(policy.anchor().nextLogProbs(prompt)[0])
                .isNotEqualTo(policy.reference().nextLogProbs(prompt)[0]);
    }
}
