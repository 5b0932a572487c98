package dev.credence.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.automaton.ValueBounds;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every likelihood of rewards must do: it says of each atom what its reward and the prior's masses decide, whatever their
 * order, their unit and into how many atoms a level is cut; a test of implementations inherits it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RewardLikelihoodContract {
    private static final double EXACT = 1e-9;
    private static final double NONE = Double.NEGATIVE_INFINITY;
    private static final double[] REWARDS = {0.2, 0.9, 0.5, 0.5, 1, 0, 0.2};
    private static final double[] MASSES = {0.1, 0.2, 0.3, 0.05, 0.15, 0.1, 0.1};

    /** {@return the likelihoods, each about rewards in [0, 1]} */
    protected abstract Stream<RewardLikelihood> likelihoods();

    @Test
    final void theTestNamesWhatItIsAbout() {
        ContractOf.Check.namesAre(getClass(), likelihoods());
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void isNatsBelowInfinity(RewardLikelihood likelihood) {
        assertThat(likelihood.describe()).isNotBlank();
        double[] found = of(likelihood);
        assertThat(found).hasSize(REWARDS.length);
        assertThat(Arrays.stream(found).allMatch(nats -> nats < Double.POSITIVE_INFINITY)) // NaN is not
                .as(Arrays.toString(found))
                .isTrue();
        assertThat(Arrays.stream(found).anyMatch(nats -> nats > NONE))
                .as("some text has it")
                .isTrue();
        if (likelihood.isProbability()) {
            assertThat(Arrays.stream(found).max().orElseThrow()).isLessThanOrEqualTo(1e-12);
        }
    }

    /** Masses count against each other only; they are weights of a log's records, or probabilities. */
    @ParameterizedTest
    @MethodSource("likelihoods")
    final void theUnitOfTheMassesIsNothing(RewardLikelihood likelihood) {
        double[] thousands = Arrays.stream(MASSES).map(p -> 1000 * p).toArray();
        same(likelihood.logLikelihoods(REWARDS, thousands), of(likelihood));
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void theOrderOfTheAtomsIsNothing(RewardLikelihood likelihood) {
        int[] order = {3, 0, 6, 4, 2, 5, 1};
        double[] found = likelihood.logLikelihoods(at(REWARDS, order), at(MASSES, order));
        same(found, at(of(likelihood), order));
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void atomsOfOneLevelAreAlike(RewardLikelihood likelihood) {
        double[] found = of(likelihood);
        same(found[0], found[6]);
        same(found[2], found[3]);
        int[] halves = {0, 0, 1, 2, 3, 4, 5, 6};
        double[] cut = at(MASSES, halves);
        cut[0] /= 2;
        cut[1] /= 2;
        same(likelihood.logLikelihoods(at(REWARDS, halves), cut), at(found, halves));
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void anAtomWithoutMassChangesNoOther(RewardLikelihood likelihood) {
        for (double reward : new double[] {0.7, 0.5, 0.9999}) {
            double[] rewards = Arrays.copyOf(REWARDS, REWARDS.length + 1);
            rewards[REWARDS.length] = reward;
            double[] masses = Arrays.copyOf(MASSES, MASSES.length + 1);
            double[] found = likelihood.logLikelihoods(rewards, masses);
            assertThat(found[REWARDS.length]).isLessThan(Double.POSITIVE_INFINITY);
            same(Arrays.copyOf(found, REWARDS.length), of(likelihood));
        }
    }

    /** An inadmissible text is refused, or has a likelihood; whichever it is, no text's becomes NaN. */
    @ParameterizedTest
    @MethodSource("likelihoods")
    final void anInadmissibleTextIsNoNaN(RewardLikelihood likelihood) {
        double[] rewards = REWARDS.clone();
        rewards[1] = NONE;
        if (likelihood instanceof PointwiseLikelihood pointwise && !pointwise.allows(NONE)) {
            assertThatThrownBy(() -> likelihood.logLikelihoods(rewards, MASSES))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("reward of atom 1 is -Infinity; " + pointwise.rule());
        } else if (likelihood instanceof ClippedAdvantage) {
            assertThatThrownBy(() -> likelihood.logLikelihoods(rewards, MASSES))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no mean reward to have an advantage over");
        } else if (!(likelihood instanceof Rounds rounds && rounds.one() instanceof ClippedAdvantage)) {
            double[] found = likelihood.logLikelihoods(rewards, MASSES);
            assertThat(Arrays.stream(found).allMatch(nats -> nats < Double.POSITIVE_INFINITY))
                    .as(Arrays.toString(found))
                    .isTrue();
            if (likelihood instanceof Tilting) {
                assertThat(found[1]).as("excluded at every strength").isEqualTo(NONE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void arraysAreTheirOwners(RewardLikelihood likelihood) {
        double[] rewards = REWARDS.clone();
        double[] masses = MASSES.clone();
        double[] found = likelihood.logLikelihoods(rewards, masses);
        assertThat(rewards).containsExactly(REWARDS);
        assertThat(masses).containsExactly(MASSES);
        double[] kept = found.clone();
        Arrays.fill(found, 7);
        assertThat(likelihood.logLikelihoods(rewards, masses)).containsExactly(kept);
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void roundsAreEachAgainstTheResultOfTheOneBefore(RewardLikelihood likelihood) {
        assertThat(likelihood.rounds(1)).isSameAs(likelihood);
        assertThatThrownBy(() -> likelihood.rounds(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rounds is 0; there must be at least one");
        double[] first = of(likelihood);
        double[] left = IntStream.range(0, first.length)
                .mapToDouble(i -> MASSES[i] * Math.exp(first[i]))
                .toArray();
        double[] second = likelihood.logLikelihoods(REWARDS, left);
        double[] both = likelihood.rounds(2).logLikelihoods(REWARDS, MASSES);
        for (int i = 0; i < both.length; i++) {
            same(both[i], first[i] + second[i]);
        }
    }

    @ParameterizedTest
    @MethodSource("likelihoods")
    final void refusesWhatIsNoRewardAndNoMass(RewardLikelihood likelihood) {
        refuses(likelihood, Arrays.copyOf(REWARDS, 3), MASSES, "3 rewards");
        refuses(likelihood, with(REWARDS, 2, Double.NaN), MASSES, "reward");
        refuses(likelihood, with(REWARDS, 2, Double.POSITIVE_INFINITY), MASSES, "Infinity");
        refuses(likelihood, REWARDS, with(MASSES, 4, -0.1), "mass");
        refuses(likelihood, REWARDS, with(MASSES, 4, Double.NaN), "mass");
        refuses(likelihood, REWARDS, new double[REWARDS.length], "masses");
    }

    /** What is known of a reward bounds what is said of it, where each text's own reward decides it. */
    @ParameterizedTest
    @MethodSource("likelihoods")
    final void boundsOfTheRewardBoundTheLikelihood(RewardLikelihood likelihood) {
        if (!(likelihood instanceof PointwiseLikelihood pointwise)) {
            return; // it is asked of all texts at once
        }
        SplittableRandom random = new SplittableRandom(7);
        double[] ends = {NONE, -2, 0, 0.2, 0.5, 1, 3, Double.POSITIVE_INFINITY};
        for (double lower : ends) {
            for (double upper : ends) {
                if (lower > upper) {
                    continue;
                }
                LogBounds bounds = pointwise.of(new ValueBounds(lower, upper));
                double low = Math.max(lower, -1e3);
                double width = Math.max(0, Math.min(upper, 1e3) - low);
                for (int i = 0; i < 40; i++) {
                    double reward = i == 0 ? lower : i == 1 ? upper : low + width * random.nextDouble();
                    if (lower <= reward && reward <= upper && pointwise.allows(reward)) {
                        assertThat(bounds.contains(pointwise.of(reward)))
                                .as("%s in [%s, %s] within %s", reward, lower, upper, bounds)
                                .isTrue();
                    }
                }
            }
        }
    }

    private static void refuses(RewardLikelihood likelihood, double[] rewards, double[] masses, String word) {
        assertThatThrownBy(() -> likelihood.logLikelihoods(rewards, masses))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(word);
    }

    private static double[] of(RewardLikelihood likelihood) {
        return likelihood.logLikelihoods(REWARDS, MASSES);
    }

    private static double[] with(double[] values, int at, double value) {
        double[] changed = values.clone();
        changed[at] = value;
        return changed;
    }

    private static double[] at(double[] values, int... order) {
        return Arrays.stream(order).mapToDouble(i -> values[i]).toArray();
    }

    private static void same(double[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            same(found[i], expected[i]);
        }
    }

    private static void same(double found, double expected) {
        if (Double.isInfinite(expected)) {
            assertThat(found).isEqualTo(expected);
        } else {
            assertThat(found).isCloseTo(expected, within(EXACT));
        }
    }
}
