package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.Moments;
import dev.credence.methods.training.FDpg.Divergence;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** f-divergences, their proposals and their Z; moments that are met. */
class DistributionMatchingTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final double[] TARGET = logs(.40, .05, .05, .50);

    private static double[] logs(double... probabilities) {
        return Arrays.stream(probabilities).map(Math::log).toArray();
    }

    /** Two independent bits, each 1 with probability p. */
    private static double[] bits(double p) {
        return logs((1 - p) * (1 - p), (1 - p) * p, p * (1 - p), p * p);
    }

    private static double least(DoubleUnaryOperator of, double low, double high) {
        double best = low;
        for (double step = (high - low) / 200; step > 1e-9; step /= 10) {
            double from = Math.max(low, best - 200 * step);
            double to = Math.min(high, best + 200 * step);
            for (double at = from; at <= to; at += step) {
                best = of.applyAsDouble(at) < of.applyAsDouble(best) ? at : best;
            }
        }
        return best;
    }

    @ParameterizedTest
    @CsvSource({"KL, .55, .36361452", "REVERSE_KL, .818937, .43731050", "JS, , .09983610", "TV, , .31421356"})
    void independentBitsEndWhereTheirDivergenceIsLeast(Divergence divergence, Double at, double value) {
        DoubleUnaryOperator of = p -> divergence.of(TARGET, bits(p));
        double best = least(of, 0.5, 0.999);
        if (at != null) {
            assertThat(best).isCloseTo(at, within(1e-5));
        }
        assertThat(of.applyAsDouble(best)).isCloseTo(value, within(1e-8));
    }

    /** −dD/dp = E_π[push · d log π/dp], where the policy can reach its target and where not. */
    @ParameterizedTest
    @EnumSource(Divergence.class)
    void pushesAreTheGradient(Divergence divergence) {
        for (double p : new double[] {.3, .55, .7, .9}) {
            double[] own = bits(p);
            double slope = 0;
            for (int i = 0; i < own.length; i++) {
                double ones = Integer.bitCount(i);
                double score = ones / p - (2 - ones) / (1 - p);
                slope += Math.exp(own[i]) * divergence.push(own[i] - TARGET[i]) * score;
            }
            double h = 1e-6;
            double numeric = (divergence.of(TARGET, bits(p - h)) - divergence.of(TARGET, bits(p + h))) / (2 * h);
            assertThat(slope).as("%s at %s", divergence, p).isCloseTo(numeric, within(1e-6 * (1 + Math.abs(numeric))));
        }
    }

    @ParameterizedTest
    @EnumSource(Divergence.class)
    void isZeroAtTheTargetAndInfiniteWhereItMustBe(Divergence divergence) {
        assertThat(divergence.of(TARGET, TARGET)).isCloseTo(0, within(1e-15));
        assertThat(divergence.push(0)).isZero();
        double missing = divergence.of(logs(.5, .5), logs(1, 0));
        double added = divergence.of(logs(1, 0), logs(.5, .5));
        switch (divergence) {
            case KL, CHI2 -> assertThat(missing).isInfinite();
            case REVERSE_KL, REVERSE_CHI2 -> assertThat(added).isInfinite();
            case TV -> assertThat(new double[] {missing, added}).containsExactly(.5, .5);
            case JS -> {
                double expected = 0.5 * Math.log(4.0 / 3) + 0.25 * Math.log(2.0 / 3) + 0.25 * Math.log(2);
                assertThat(missing).isCloseTo(expected, within(1e-12));
                assertThat(added).isCloseTo(expected, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Divergence.class)
    void onRandomWorldsEachReachesThePosterior(Divergence divergence) {
        for (long seed = 1; seed <= 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            TableModel prior = TableModel.of(RandomWorld.of(seed).prior());
            RewardFunction reward = RandomWorld.of(seed).reward();
            double beta = Math.exp(Math.log(0.02) + random.nextDouble() * Math.log(50_000));
            FDpg method = FDpg.of(divergence).atKl(beta);
            MethodOptions options = MethodOptions.none().with("population", true);
            Distribution got = method.condition(prior, reward, options).policy().given("");
            assertThat(got.probabilities())
                    .as("world %s, beta %s", seed, beta)
                    .containsExactly(method.aim().limit(prior, reward).given("").probabilities(), within(1e-6));
        }
    }

    /** E of the estimate over runs is Z, though the proposal moves with the policy. */
    @Test
    void theEstimateOfZIsUnbiased() {
        double truth = Arrays.stream(new double[] {.4, .3 * Math.E, .2 * Math.exp(2), .1 * Math.exp(3)})
                .sum();
        int runs = 400;
        double sum = 0;
        double square = 0;
        int replaced = 0;
        for (int run = 0; run < runs; run++) {
            TrainingSettings settings = new Schedule(
                            OptionalInt.of(40), 4, OptionalDouble.empty(), Optional.empty(), false, run)
                    .at(TrainingSettings.Place.TABLE);
            try (TabularPolicy policy = new TabularPolicy(T1, settings.optimiser())) {
                FDpgTraining training =
                        FDpgTraining.atCopies(policy, TableTasks.of(T1, REWARD), Divergence.KL, 1, settings);
                SplittableRandom random = new SplittableRandom(run);
                for (int step = 0; step < 40; step++) {
                    training.step(random);
                }
                Continuation first = new Continuation(TabularPolicy.ids(0), new int[] {0});
                double proposed = policy.anchor().logProbs(List.of(first))[0][0];
                replaced += Math.abs(proposed - Math.log(.4)) > 1e-9 ? 1 : 0;
                double z = Math.exp(training.logPartition(0));
                sum += z;
                square += z * z;
            }
        }
        double mean = sum / runs;
        double error = Math.sqrt((square / runs - mean * mean) / runs);
        assertThat(mean).isCloseTo(truth, within(4 * error));
        assertThat(error).isLessThan(0.02 * truth);
        assertThat(replaced).isGreaterThan(runs / 2);
    }

    @Test
    void severalMomentsAreMet() {
        RewardFunction late = (prompt, text) -> text.equals("c") || text.equals("d") ? 1 : 0;
        Gdc method = Gdc.of(Moments.of(1.6).and("late", late, .5));
        Distribution got =
                method.condition(T1, REWARD, MethodOptions.none()).policy().given("");
        double reward = 0;
        double share = 0;
        for (int i = 0; i < got.size(); i++) {
            reward += got.probability(i) * REWARD.reward("", got.outcome(i));
            share += got.probability(i) * late.reward("", got.outcome(i));
        }
        assertThat(reward).isCloseTo(1.6, within(1e-9));
        assertThat(share).isCloseTo(.5, within(1e-9));
        // of the family: log(policy/prior) of the four texts is linear in the two rewards
        double[] ratio = new double[4];
        Arrays.setAll(ratio, i -> Math.log(got.probability(i) / T1.given("").probability(i)));
        assertThat(ratio[1] - ratio[0]).isCloseTo(ratio[3] - ratio[2], within(1e-9));
        assertThat(method.aim().limit(T1, REWARD).given("").probabilities())
                .containsExactly(got.probabilities(), within(1e-12));
    }

    @Test
    void aMeanIsMetByTrainingOnDraws() {
        MethodOptions options =
                MethodOptions.none().with("moment", 2).with("train", true).with("steps", 800);
        Distribution got =
                Methods.byName("gdc").condition(T1, REWARD, options).policy().given("");
        double mean = 0;
        for (int i = 0; i < got.size(); i++) {
            mean += got.probability(i) * REWARD.reward("", got.outcome(i));
        }
        assertThat(mean).isCloseTo(2, within(.05));
    }

    @Test
    void momentsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> Gdc.of(Moments.of(2).and("", REWARD, 1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("given twice");
        assertThatThrownBy(() -> Moments.of(Double.NaN)).isInstanceOf(InputException.class);
        MethodOptions train = MethodOptions.none().with("train", true);
        assertThatThrownBy(() -> Methods.byName("gdc").condition(T1, REWARD, train.with("moment", 3.5)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("is not between");
        assertThatThrownBy(() -> Methods.byName("gdc").condition(T1, REWARD, train.with("moment", "a=1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no reward can be named here");
    }
}
