package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.ResumableRandom;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainingDivergedException.Reason;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DivergenceTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());

    private static TrainingRun run(String name, MethodOptions options, TrainingLimits limits) {
        TrainedConditioner method = (TrainedConditioner) Methods.byName(name);
        TrainingSettings settings = method.settings(options, TrainingSettings.Place.TABLE);
        TabularPolicy policy = new TabularPolicy(T1, settings.optimiser());
        Training training = method.begin(policy, TableTasks.of(T1, REWARD), options, settings);
        return new TrainingRun(training, settings.steps(), method.stopAtKl(options), limits);
    }

    private static TrainingDivergedException diverges(TrainingRun run) {
        return catchThrowableOfType(TrainingDivergedException.class, () -> run.run(new ResumableRandom(1), step -> {}));
    }

    private static MethodOptions given(String... pairs) {
        MethodOptions options = MethodOptions.none();
        for (int i = 0; i < pairs.length; i += 2) {
            options = options.with(pairs[i], pairs[i + 1]);
        }
        return options;
    }

    @Test
    void pastTheKlLimitIsADivergence() {
        TrainingRun run = run("rloo", given("beta", "0.01"), new TrainingLimits(0.7, 0));
        TrainingDivergedException thrown = diverges(run);
        assertThat(thrown.why()).isEqualTo(Reason.KL);
        assertThat(thrown.value()).isGreaterThan(0.7);
        assertThat(thrown.limit()).isEqualTo(0.7);
        assertThat(thrown).hasMessageContainingAll("training diverged at step", "past the limit of 0.7", "raise beta");
        assertThat(run.last().step()).isEqualTo(thrown.step() - 1);
        assertThat(run.last().kl()).isLessThanOrEqualTo(0.7);
    }

    @Test
    void aTargetThatIsReachedIsNone() {
        TrainingRun run = run("rloo", given("beta", "0.01", "target-kl", "0.5"), new TrainingLimits(0.7, 0));
        assertThat(run.run(new ResumableRandom(1), step -> {}).why()).contains("has reached 0.5 nats");
    }

    @Test
    void effectiveSamplesThatAreGoneAreADivergence() {
        MethodOptions fast = given("lr", "0.2", "epochs", "8", "clip", "1000");
        TrainingDivergedException thrown =
                diverges(run("ppo", fast, new TrainingLimits(Double.POSITIVE_INFINITY, 0.95)));
        assertThat(thrown).as("no divergence").isNotNull();
        assertThat(thrown.step()).isGreaterThanOrEqualTo(3);
        assertThat(thrown.why()).isEqualTo(Reason.EFFECTIVE_SAMPLES);
        assertThat(thrown.value()).isBetween(0.0, 0.95);
        assertThat(thrown).hasMessageContainingAll("importance weights leave", "third step in a row", "fewer epochs");
        assertThat(run("ppo", given("steps", "100"), new TrainingLimits(Double.POSITIVE_INFINITY, 0.5))
                        .run(new ResumableRandom(1), step -> {})
                        .why())
                .contains("all 100 steps");
    }

    @ParameterizedTest
    @CsvSource({"0.4 0.4 0.4, 3", "0.4 0.4 0.5 0.4 0.4 0.5, 0", "0.9 0.4 NaN 0.1 0.9, 4", "0.5 0.5 0.5 0.5, 0"})
    void threeThinStepsInARowAreOne(String shares, long at) {
        double[] left = Arrays.stream(shares.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        TrainingRun run =
                new TrainingRun(new Scripted(left), left.length, Double.POSITIVE_INFINITY, new TrainingLimits(1, 0.5));
        TrainingDivergedException thrown = diverges(run);
        assertThat(thrown == null ? 0 : thrown.step()).isEqualTo(at);
        assertThat(thrown == null || thrown.why() == Reason.EFFECTIVE_SAMPLES).isTrue();
    }

    /** Steps that leave given shares of their rollouts. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Scripted(double[] left, AtomicInteger taken) implements Training {
        Scripted(double[] left) {
            this(left, new AtomicInteger());
        }

        @Override
        public TrainingStep step(RandomGenerator random) {
            TrainingStep.Signals signals = TrainingStep.Signals.of(0, 0).reused(left[taken.get()], List.of());
            return new TrainingStep(taken.incrementAndGet(), 0, 0.1, 0, 1, 1, 0, 1, signals);
        }

        @Override
        public boolean isConverged() {
            return false;
        }

        @Override
        public void save(OutputStream out) {
            throw new UnsupportedOperationException("a script is not saved");
        }

        @Override
        public void restore(InputStream in) {
            throw new UnsupportedOperationException("a script is not restored");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, NaN, 1, LOSS",
        "0.1, -Infinity, 1, LOSS",
        "0.1, 0, NaN, GRADIENT",
        "0.1, 0, Infinity, GRADIENT",
        "NaN, 0, 1, POLICY",
        "Infinity, 0, 1, POLICY"
    })
    void whatIsNotFiniteAlwaysIs(double kl, double loss, double norm, Reason cause) {
        TrainingStep.Signals signals = new TrainingStep.Signals(
                OptionalDouble.of(loss),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                List.of(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                TrainingStep.Conditional.NONE);
        TrainingStep step = new TrainingStep(9, 0, kl, 0, norm, 1, 0, 10, signals);
        TrainingDivergedException thrown =
                catchThrowableOfType(TrainingDivergedException.class, () -> TrainingLimits.NONE.check(step, 0));
        assertThat(thrown.why()).isEqualTo(cause);
        assertThat(thrown.step()).isEqualTo(9);
        assertThat(thrown).hasMessageContaining("lower lr");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rloo", "ppo", "reinforce"})
    void rewardsFarTooLargeAreSeenAndChangeNothing(String name) {
        TrainedConditioner method = (TrainedConditioner) Methods.byName(name);
        MethodOptions options = given("optimiser", "sgd");
        TrainingSettings settings = method.settings(options, TrainingSettings.Place.TABLE);
        TabularPolicy policy = new TabularPolicy(T1, settings.optimiser());
        RewardFunction large = (prompt, text) -> 1e200 * REWARD.reward(prompt, text);
        Training training = method.begin(policy, TableTasks.of(T1, large), options, settings);
        TrainingRun run = new TrainingRun(training, 10, Double.POSITIVE_INFINITY);
        assertThat(diverges(run).why()).isEqualTo(Reason.GRADIENT);
        assertThat(policy.table().given("").probability(0)).isCloseTo(0.4, within(1e-12));
    }

    @Test
    void limitsMustBeLimits() {
        assertThatThrownBy(() -> new TrainingLimits(Double.NaN, 0)).hasMessage("kl is NaN; it must be above 0");
        assertThatThrownBy(() -> new TrainingLimits(1, 1)).hasMessage("effective is 1.0; it must be in [0, 1)");
        assertThat(TrainingLimits.ofTexts(5, 16).kl()).isCloseTo(13.8629436, within(1e-6));
    }

    @Test
    void whatAPreferenceMethodClimbsHasItsSlopes() {
        Pairs pairs = new Pairs(
                List.of(),
                new int[] {0, 1, 2},
                new int[] {1, 2, 0},
                new double[] {0.5, 0.3, 0.2},
                new double[3],
                new double[3]);
        double[] at = {0.3, -0.2, 0.7};
        for (PreferenceLoss loss : List.of(PreferenceLoss.dpo(0.4), PreferenceLoss.ipo(0.4))) {
            double[] slopes = loss.slopes(pairs, at);
            for (int i = 0; i < at.length; i++) {
                double[] up = at.clone();
                double[] down = at.clone();
                up[i] += 1e-6;
                down[i] -= 1e-6;
                assertThat((loss.value(pairs, up) - loss.value(pairs, down)) / 2e-6)
                        .as("slope %d", i)
                        .isCloseTo(slopes[i], within(1e-8));
            }
        }
    }

    @Test
    void aRateFallsToZeroAtTheLastUpdateOfTheLastStep() {
        TrainedConditioner ppo = (TrainedConditioner) Methods.byName("ppo");
        TrainingSettings settings = ppo.settings(given("steps", "10", "epochs", "4"), TrainingSettings.Place.TABLE);
        assertThat(settings.optimiser().rate().at(39)).isPositive();
        assertThat(settings.optimiser().rate().at(40)).isZero();
    }
}
