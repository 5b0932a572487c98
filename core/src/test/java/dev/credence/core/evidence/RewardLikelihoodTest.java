package dev.credence.core.evidence;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.OveroptimisationCurve;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.posterior.TiltFigures;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewardLikelihoodTest {
    private static final Distribution PRIOR = TestWorlds.T1;
    private static final double[] REWARDS = TestWorlds.t1Rewards();

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"2, \"T7.bon2\"", "4, \"T7.bon4\"", "16, \"T7.bon16\""})
    void beatingPriorDrawsIsBestOfN(int n, String key) {
        Distribution policy = posterior(PRIOR, REWARDS, RewardLikelihood.beats(n));
        double kl = Divergences.kl(policy, PRIOR);
        assertVector(policy.probabilities(), key, "p");
        assertVector(kl, key, "KL");
        assertVector(policy.expectation(REWARDS), key, "Er");
        assertVector(OveroptimisationCurve.bestOfNKl(n), key, "formula");
        TiltedFamily family = TiltedFamily.of(PRIOR, REWARDS);
        double lambda = family.lambdaAtKl(kl);
        TiltFigures sameKl = family.at(lambda);
        assertVector(lambda, key, "lam_sameKL");
        assertVector(sameKl.mean(), key, "Er_tilt_sameKL");
        double[] place = {.2, .55, .8, .95}; // distribution function of the reward, half of each tie
        assertVector(policy.expectation(place), key, "winrate");
    }

    @Test
    void beatingPriorDrawsSplitsTiesByThePrior() {
        double[] rewards = {0, 1, 1, 2};
        Distribution policy = posterior(PRIOR, rewards, RewardLikelihood.beats(4));
        assertVector(policy.probabilities(), "T7.bon4_ties_r0112", "p");
        assertVector(Divergences.kl(policy, PRIOR), "T7.bon4_ties_r0112", "KL");
        Distribution coin = TestWorlds.distribution(.5, .5);
        Distribution eight = posterior(coin, new double[] {0, 1}, RewardLikelihood.beats(8));
        assertVector(Divergences.kl(eight, coin), "T7.bern_n8", "KL");
        assertVector(OveroptimisationCurve.bestOfNKl(8), "T7.bern_n8", "formula");
    }

    @Test
    void beatingPriorDrawsIsAProbabilityWithPartitionOneOverN() {
        for (double n : new double[] {0.5, 1, 1.5, 2, 7, 1e6}) {
            double[] likelihood = RewardLikelihood.beats(n).logLikelihoods(REWARDS, PRIOR.probabilities());
            double z = 0;
            for (int i = 0; i < likelihood.length; i++) {
                z += PRIOR.probability(i) * Math.exp(likelihood[i]);
            }
            assertThat(z * n).as("n = %s", n).isCloseTo(1, within(1e-12));
        }
        assertThat(RewardLikelihood.beats(1).logLikelihoods(REWARDS, PRIOR.probabilities()))
                .containsExactly(new double[4], within(1e-14));
    }

    @Test
    void beatingPriorDrawsKeepsItsDigitsInTheTails() {
        double[] mass = {1e-300, 1 - 1e-12, 1e-12};
        double[] likelihood = RewardLikelihood.beats(3).logLikelihoods(new double[] {0, 1, 2}, mass);
        assertThat(likelihood[0])
                .isCloseTo(2 * Math.log(1e-300) - Math.log(3), within(1e-9)); // u² averaged over [0, p]
        assertThat(likelihood[2]).isCloseTo(0, within(2e-12));
        double[] empty = RewardLikelihood.beats(3).logLikelihoods(new double[] {0, 1, 2}, new double[] {0, 1, 0});
        assertThat(empty[0]).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(empty[2]).isZero(); // an atom without mass above all others always wins
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"0.1, \"T8.q0.1\"", "0.3, \"T8.q0.3\"", "0.25, \"T8.q0.25\"", "0.5, \"T8.q0.5\""})
    void topQuantileIsTheQuantilizer(double q, String key) {
        Distribution policy = posterior(PRIOR, REWARDS, RewardLikelihood.topQuantile(q));
        assertVector(policy.probabilities(), key, "p");
        assertVector(Divergences.kl(policy, PRIOR), key, "KL");
        assertVector(policy.expectation(REWARDS), key, "Er");
        assertVector(-Math.log(q), key, "log1q");
    }

    @Test
    void halfOfHalfIsAQuarter() {
        assertThat(posterior(PRIOR, REWARDS, RewardLikelihood.topQuantile(.5).rounds(2))
                        .probabilities())
                .containsExactly(
                        posterior(PRIOR, REWARDS, RewardLikelihood.topQuantile(.25))
                                .probabilities(),
                        within(EXACT));
    }

    /** Masses in thousandths; q is the sum of the best of them, added in three orders, in decimals, or part of one more. */
    @Test
    void whatRoundingLeavesOfAShareIsNoPartOfTheNextLevel() {
        SplittableRandom random = new SplittableRandom(20);
        for (int world = 0; world < 3000; world++) {
            int[] thousandths = thousandths(2 + random.nextInt(9), random);
            double[] mass =
                    Arrays.stream(thousandths).mapToDouble(k -> k / 1000.0).toArray();
            double[] reward = random.ints(0, 1_000_000)
                    .distinct()
                    .limit(mass.length)
                    .mapToDouble(k -> k)
                    .toArray();
            double worst = Arrays.stream(reward).sorted().toArray()[random.nextInt(mass.length)];
            int[] kept = IntStream.range(0, mass.length)
                    .filter(i -> reward[i] >= worst)
                    .toArray();
            double[] sums = {
                Arrays.stream(kept).mapToDouble(i -> mass[i]).reduce(0, Double::sum),
                IntStream.range(0, kept.length)
                        .mapToDouble(k -> mass[kept[kept.length - 1 - k]])
                        .reduce(0, Double::sum),
                IntStream.range(0, mass.length)
                        .filter(i -> reward[i] < worst)
                        .mapToDouble(i -> mass[i])
                        .reduce(1, (left, m) -> left - m),
                Arrays.stream(kept).map(i -> thousandths[i]).sum() / 1000.0
            };
            for (double q : sums) {
                double[] logLikelihood =
                        RewardLikelihood.topQuantile(Math.min(1, q)).logLikelihoods(reward, mass);
                for (int i = 0; i < mass.length; i++) {
                    double share = Math.exp(logLikelihood[i]);
                    if (reward[i] >= worst) {
                        assertThat(share).as("world %d, q %s", world, q).isCloseTo(1, within(1e-10));
                    } else {
                        assertThat(share).as("world %d, q %s", world, q).isZero();
                    }
                }
            }
        }
    }

    private static int[] thousandths(int levels, SplittableRandom random) {
        int[] cuts = IntStream.concat(
                        IntStream.of(0, 1000), random.ints(1, 1000).distinct().limit(levels - 1))
                .sorted()
                .toArray();
        return IntStream.range(0, levels).map(i -> cuts[i + 1] - cuts[i]).toArray();
    }

    @Test
    void aSmallShareKeepsItsDigitsAndAWholeOneKeepsAll() {
        double[] mass = {1 - 3e-9, 2e-9, 1e-9};
        double[] reward = {0, 1, 2};
        double[] half = RewardLikelihood.topQuantile(2e-9).logLikelihoods(reward, mass);
        assertThat(half[0]).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Math.exp(half[1])).isCloseTo(.5, within(1e-12));
        assertThat(half[2]).isZero();
        assertThat(RewardLikelihood.topQuantile(1).logLikelihoods(reward, new double[] {1e-19, .5, .5}))
                .containsOnly(0);
    }

    @Test
    void lucePoolsAreExact() {
        double[] odds = Arrays.stream(TestWorlds.t2Probabilities())
                .map(p -> Math.log(p / (1 - p)))
                .toArray();
        assertVector(posterior(PRIOR, odds, RewardLikelihood.lucePool(2)).probabilities(), "T2.luce2");
        assertVector(posterior(PRIOR, odds, RewardLikelihood.lucePool(8)).probabilities(), "T2.luce8");
    }

    @Test
    void poolsAgreeWithEnumeration() {
        for (long seed = 0; seed < 100; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            double[] prior = world.prior().probabilities();
            double[] luce = RewardLikelihood.lucePool(3).logLikelihoods(world.rewards(), prior);
            assertPoolOfThree(luce, prior, world.rewards(), "seed " + seed);
            double lambda = 0.1 * (seed % 40);
            double[] scaled =
                    Arrays.stream(world.rewards()).map(r -> lambda * r).toArray();
            double[] soft = RewardLikelihood.softBestOf(3, lambda).logLikelihoods(world.rewards(), prior);
            assertPoolOfThree(soft, prior, scaled, "seed " + seed + ", soft");
        }
    }

    @Test
    void softBestOfLiesBetweenThePriorTheTiltAndTheBest() {
        double[] prior = PRIOR.probabilities();
        assertThat(RewardLikelihood.softBestOf(5, 0).logLikelihoods(REWARDS, prior))
                .as("no choice: each of five is kept as often")
                .containsExactly(logs(.2, .2, .2, .2), within(1e-12));
        assertThat(posterior(PRIOR, REWARDS, RewardLikelihood.softBestOf(1e9, 2.5))
                        .probabilities())
                .as("a large pool")
                .containsExactly(
                        posterior(PRIOR, REWARDS, RewardLikelihood.tilt(2.5)).probabilities(), within(1e-7));
        double[] best = RewardLikelihood.beats(5).logLikelihoods(REWARDS, prior);
        assertThat(RewardLikelihood.softBestOf(5, 500).logLikelihoods(REWARDS, prior))
                .as("odds so far apart that the smallest are 0 in double precision")
                .containsExactly(best, within(1e-9));
        assertThat(RewardLikelihood.softBestOf(5, 1e6).logLikelihoods(REWARDS, prior))
                .as("and farther")
                .containsExactly(best, within(1e-9));
        assertThat(RewardLikelihood.softBestOf(5, Double.POSITIVE_INFINITY).logLikelihoods(REWARDS, prior))
                .containsExactly(best, within(1e-12));
        double[] barred = {Double.NEGATIVE_INFINITY, 0, 0, 0};
        assertThat(RewardLikelihood.softBestOf(5, 0).logLikelihoods(barred, prior)[0])
                .as("inadmissible whatever the odds")
                .isEqualTo(Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> RewardLikelihood.softBestOf(5, -1)).hasMessageContaining("lambda is -1.0");
        assertThat(RewardLikelihood.softBestOf(5, 2).describe()).contains("pool of 5 draws", "odds e^(2 r)");
    }

    private static double[] logs(double... values) {
        return Arrays.stream(values).map(Math::log).toArray();
    }

    private static void assertPoolOfThree(double[] likelihood, double[] prior, double[] logOdds, String what) {
        for (int i = 0; i < prior.length; i++) {
            double chosen = 0;
            for (int j = 0; j < prior.length; j++) {
                for (int k = 0; k < prior.length; k++) {
                    double w = Math.exp(logOdds[i]);
                    chosen += prior[j] * prior[k] * w / (w + Math.exp(logOdds[j]) + Math.exp(logOdds[k]));
                }
            }
            assertThat(likelihood[i]).as("%s, atom %d", what, i).isCloseTo(Math.log(chosen), within(1e-12));
        }
    }

    @Test
    void largeLucePoolsTendToTheTilt() {
        double[] tilted = posterior(PRIOR, REWARDS, RewardLikelihood.tilt(1)).probabilities();
        double[] pool =
                posterior(PRIOR, REWARDS, RewardLikelihood.lucePool(1e9)).probabilities();
        assertThat(pool).containsExactly(tilted, within(1e-8));
        assertThat(RewardLikelihood.lucePool(1).logLikelihoods(REWARDS, PRIOR.probabilities()))
                .containsExactly(new double[4], within(1e-12));
        double[] far = RewardLikelihood.lucePool(2).logLikelihoods(new double[] {-600, 0}, new double[] {.5, .5});
        assertThat(far[0]).isCloseTo(Math.log(.25), within(1e-12)); // only another such draw lets it be chosen
        assertThat(far[1]).isCloseTo(Math.log(.75), within(1e-12));
    }

    @Test
    void poissonRatersAreATiltOfTheApprovalProbability() {
        double[] approval = TestWorlds.t2Probabilities();
        TableModel prior = TableModel.of(PRIOR);
        TablePosterior raters =
                TablePosterior.of(prior, TestWorlds.reward(approval), RewardLikelihood.poissonRaters(20));
        assertVector(raters.model().given("").probabilities(), "T2.poisson20", "post");
        assertVector(Divergences.kl(raters.model().given(""), PRIOR), "T2.poisson20", "KL");
        assertVector(TiltedFamily.of(PRIOR, approval).logPartition(20), "T2.poisson20", "logZ");
        assertThat(Math.exp(raters.logPartition(""))).isCloseTo(.05414776, within(5e-9)); // how often all approve
        Distribution fifty = posterior(PRIOR, approval, RewardLikelihood.poissonRaters(50));
        assertVector(fifty.probabilities(), "T2.poisson50", "post");
        assertVector(Divergences.kl(fifty, PRIOR), "T2.poisson50", "KL");
    }

    @Test
    void levelsAndRangesAreEvents() {
        assertThat(posterior(PRIOR, REWARDS, RewardLikelihood.level(2)).probabilities())
                .containsExactly(0, 0, 1, 0);
        assertThat(posterior(PRIOR, REWARDS, RewardLikelihood.atLeast(1.5)).probabilities())
                .containsExactly(new double[] {0, 0, 2 / 3.0, 1 / 3.0}, within(EXACT));
        assertThat(posterior(PRIOR, REWARDS, RewardLikelihood.range(0, 1)).probabilities())
                .containsExactly(new double[] {4 / 7.0, 3 / 7.0, 0, 0}, within(EXACT));
        assertThatThrownBy(() -> RewardLikelihood.range(2, 1)).hasMessageContaining("range is [2.0, 1.0]");
    }

    @Test
    void zerosOfBothSignsAreOneLevel() {
        double[] rewards = {-0.0, 0.0, 1, 1};
        double[] likelihood = RewardLikelihood.beats(3).logLikelihoods(rewards, PRIOR.probabilities());
        assertThat(likelihood[0]).isEqualTo(likelihood[1]);
    }

    @Test
    void inadmissibleTextsStayOut() {
        double[] rewards = {Double.NEGATIVE_INFINITY, 0, 1, 2};
        for (double lambda : new double[] {Double.NEGATIVE_INFINITY, -1, 0, 1, Double.POSITIVE_INFINITY}) {
            double[] likelihood = RewardLikelihood.tilt(lambda).logLikelihoods(rewards, PRIOR.probabilities());
            assertThat(likelihood[0]).as("lambda %s", lambda).isEqualTo(Double.NEGATIVE_INFINITY);
        }
        assertThat(RewardLikelihood.lucePool(2).logLikelihoods(rewards, PRIOR.probabilities())[0])
                .isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(RewardLikelihood.tilt(Double.NEGATIVE_INFINITY).logLikelihoods(rewards, PRIOR.probabilities()))
                .containsExactly(Double.NEGATIVE_INFINITY, 0, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    @Test
    void theLimitOfTheTiltIgnoresWhatThePriorExcludes() {
        double[] mass = {.5, .5, 0, 0};
        assertThat(RewardLikelihood.tilt(Double.POSITIVE_INFINITY).logLikelihoods(REWARDS, mass))
                .containsExactly(Double.NEGATIVE_INFINITY, 0, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    @Test
    void takesAMillionAtoms() {
        int n = 1_000_000;
        SplittableRandom random = new SplittableRandom(3);
        double[] reward = random.doubles(n).toArray();
        double[] mass = new double[n];
        Arrays.fill(mass, 1.0 / n);
        double[] beats = RewardLikelihood.beats(5).logLikelihoods(reward, mass);
        double[] top = RewardLikelihood.topQuantile(.25).logLikelihoods(reward, mass);
        double z = 0;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            z += mass[i] * Math.exp(beats[i]);
            kept += top[i] == 0 ? 1 : 0;
            assertThat(beats[i]).isCloseTo(4 * Math.log(reward[i]), within(0.05 / reward[i]));
        }
        assertThat(z).isCloseTo(0.2, within(1e-9));
        assertThat(kept).isBetween(249_999, 250_000);
    }

    @Test
    void refusesBadArguments() {
        double[] one = {1};
        assertThatThrownBy(() -> RewardLikelihood.beats(0)).hasMessageContaining("n is 0.0; the draws of best-of-n");
        assertThatThrownBy(() -> RewardLikelihood.beats(Double.NaN)).hasMessageContaining("n is NaN");
        assertThatThrownBy(() -> RewardLikelihood.topQuantile(0)).hasMessageContaining("q is 0.0");
        assertThatThrownBy(() -> RewardLikelihood.topQuantile(1.01)).hasMessageContaining("q is 1.01");
        assertThatThrownBy(() -> RewardLikelihood.lucePool(0.5)).hasMessageContaining("k is 0.5");
        assertThatThrownBy(() -> RewardLikelihood.poissonRaters(-1)).hasMessageContaining("lambda is -1.0");
        assertThatThrownBy(() -> RewardLikelihood.copies(Double.POSITIVE_INFINITY))
                .hasMessageContaining("n is Infinity");
        assertThatThrownBy(() -> RewardLikelihood.tilt(Double.NaN)).hasMessageContaining("lambda is NaN");
        assertThatThrownBy(() -> RewardLikelihood.beats(2).rounds(0)).hasMessageContaining("rounds is 0");
        assertThat(RewardLikelihood.poissonRaters(1).refused(new double[] {.5, 1.4, 1.2}))
                .isEqualTo("the reward is 1.2; an approval probability must be in [0, 1]");
        assertThat(RewardLikelihood.poissonRaters(1).refused(one)).isNull();
        assertThat(RewardLikelihood.lucePool(2).refused(new double[] {-5})).isNull();
        assertThatThrownBy(() -> RewardLikelihood.poissonRaters(1).logLikelihoods(new double[] {1.2}, one))
                .hasMessageContaining("reward of atom 0 is 1.2; an approval probability must be in [0, 1]");
        assertThatThrownBy(() -> RewardLikelihood.copies(1).logLikelihoods(new double[] {-.1}, one))
                .hasMessageContaining("reward of atom 0 is -0.1");
        assertThatThrownBy(() -> RewardLikelihood.beats(2).logLikelihoods(new double[] {Double.NaN}, one))
                .hasMessageContaining("reward of atom 0 is NaN");
        assertThatThrownBy(() -> RewardLikelihood.beats(2).logLikelihoods(new double[2], one))
                .hasMessageContaining("2 rewards but 1 prior masses");
        assertThatThrownBy(() -> RewardLikelihood.beats(2).logLikelihoods(one, new double[] {-1}))
                .hasMessageContaining("prior mass of atom 0 is -1.0");
        assertThatThrownBy(() -> RewardLikelihood.beats(2).logLikelihoods(one, new double[] {0}))
                .hasMessageContaining("prior masses sum to 0.0");
    }

    @Test
    void saysWhatIsObserved() {
        assertThat(RewardLikelihood.tilt(20).describe()).isEqualTo("20 copies of the reward (beta 0.05)");
        assertThat(RewardLikelihood.tilt(0).describe()).isEqualTo("nothing");
        assertThat(RewardLikelihood.tilt(Double.POSITIVE_INFINITY).describe())
                .isEqualTo("the reward is the largest there is");
        assertThat(RewardLikelihood.tilt(Double.NEGATIVE_INFINITY).describe())
                .isEqualTo("the reward is the smallest there is");
        assertThat(RewardLikelihood.beats(4).describe())
                .isEqualTo("being picked as the best of 4 draws from the prior");
        assertThat(RewardLikelihood.topQuantile(.025).describe())
                .isEqualTo("being among the prior's top 2.5 % by reward");
        assertThat(RewardLikelihood.level(3).describe()).isEqualTo("the reward is exactly 3");
        assertThat(RewardLikelihood.range(1, 2).describe()).isEqualTo("the reward is between 1 and 2");
        assertThat(RewardLikelihood.atLeast(2).describe()).isEqualTo("the reward is at least 2");
        assertThat(RewardLikelihood.lucePool(8).describe())
                .isEqualTo("being chosen from a pool of 8 draws from the prior, by Luce's rule on the reward");
        assertThat(RewardLikelihood.poissonRaters(20).describe())
                .isEqualTo("all of Poisson(20) independent raters approve");
        assertThat(RewardLikelihood.copies(2.5).describe())
                .isEqualTo("2.5 independent observations, each of the probability that the reward states");
        assertThat(RewardLikelihood.beats(4).rounds(3).describe())
                .startsWith("3 rounds, each against the result of the one before, of: being picked");
    }

    /** So many copies that steps of the integral would be lost in the rounding of where it stands: it ends, and is best-of-n. */
    @ParameterizedTest
    @ValueSource(doubles = {1e14, 1e15, 3e16, 1e40, 1e200, Double.MAX_VALUE})
    @Timeout(20)
    void anyNumberOfCopiesEnds(double lambda) {
        double[] prior = PRIOR.probabilities();
        double[] best = RewardLikelihood.beats(5).logLikelihoods(REWARDS, prior);
        assertThat(RewardLikelihood.softBestOf(5, lambda).logLikelihoods(REWARDS, prior))
                .containsExactly(best, within(1e-9));
        double[] near = {0, 1e-15, 2, 2 + 1e-14}; // within the noise of 1e14 copies, apart for 1e40
        double[] soft = RewardLikelihood.softBestOf(5, lambda).logLikelihoods(near, prior);
        double[] joint = IntStream.range(0, 4)
                .mapToDouble(i -> Math.log(prior[i]) + soft[i])
                .toArray();
        assertThat(LogMath.logSumExp(joint)).isCloseTo(-Math.log(5), within(1e-9)); // Z = 1/n
    }

    private static Distribution posterior(Distribution prior, double[] rewards, RewardLikelihood likelihood) {
        return TablePosterior.of(TableModel.of(prior), TestWorlds.reward(rewards), likelihood)
                .model()
                .given("");
    }

    /** Log-likelihoods of one reward add, by hand. */
    @Test
    void observationsOfOneRewardAdd() {
        RewardLikelihood both = RewardLikelihood.atLeast(1).times(2).and(RewardLikelihood.tilt(0.5));
        assertThat(both.logLikelihoods(new double[] {0, 1, 3}, new double[] {1, 1, 1}))
                .containsExactly(Double.NEGATIVE_INFINITY, 0.5, 1.5);
        assertThat(both.isProbability()).isFalse();
        assertThat(both.describe())
                .isEqualTo("2 independent copies of: the reward is at least 1, and "
                        + RewardLikelihood.tilt(0.5).describe());
        RewardLikelihood against = RewardLikelihood.atLeast(1).times(-1);
        assertThatThrownBy(() -> against.logLikelihoods(new double[] {0, 1}, new double[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reward of atom 0 is 0.0")
                .hasMessageContaining("none that negative copies make infinitely likely");
        assertThatThrownBy(() -> RewardLikelihood.beats(2).times(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("depends on what the other texts have: it is seen once, and alone");
        assertThatThrownBy(() -> RewardLikelihood.tilt(1).times(Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("n is Infinity; copies must be a finite number");
    }
}
