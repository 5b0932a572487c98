package dev.credence.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The identities of docs/theory.md#conditioning-on-a-reward, on 1,000 seeded random worlds. */
class WorldPropertiesTest {
    private static final int WORLDS = 1_000;
    private static final double TOLERANCE = 1e-9;

    @Test
    void theObjectiveIsLogZLessTheRegret() {
        forAll(world -> {
            TiltedFamily family = TiltedFamily.of(world.prior(), world.rewards());
            for (double beta : new double[] {.2, 1, 7}) {
                double objective = world.policy().expectation(world.rewards())
                        - beta * Divergences.kl(world.policy(), world.prior());
                double regret = beta * Divergences.kl(world.policy(), member(world, 1 / beta));
                assertThat(objective + regret).isCloseTo(beta * family.logPartition(1 / beta), within(TOLERANCE));
                assertThat(family.at(1 / beta).objective()).isCloseTo(objective + regret, within(TOLERANCE));
            }
        });
    }

    @Test
    void pythagorasHoldsAtTheMatchedMoment() {
        forAll(world -> {
            TiltedFamily family = TiltedFamily.of(world.prior(), world.rewards());
            double lambda = family.lambdaAtMean(world.policy().expectation(world.rewards()));
            double departure = Divergences.kl(world.policy(), member(world, lambda));
            assertThat(family.at(lambda).klToPrior() + departure)
                    .isCloseTo(Divergences.kl(world.policy(), world.prior()), within(TOLERANCE));
            for (double other : new double[] {lambda - .1, lambda + .1}) {
                assertThat(Divergences.kl(world.policy(), member(world, other))).isGreaterThan(departure);
            }
        });
    }

    @Test
    void figuresAreThoseOfTheDistributions() {
        forAll(world -> {
            TiltedFamily family = TiltedFamily.of(world.prior(), world.rewards());
            for (double lambda : new double[] {-2, -1e-3, 0, .5, 10}) {
                TiltFigures tilt = family.at(lambda);
                Distribution member = member(world, lambda);
                assertThat(tilt.klToPrior()).isCloseTo(Divergences.kl(member, world.prior()), within(TOLERANCE));
                assertThat(tilt.klFromPrior()).isCloseTo(Divergences.kl(world.prior(), member), within(TOLERANCE));
                assertThat(tilt.entropy()).isCloseTo(member.entropy(), within(TOLERANCE));
                assertThat(tilt.mean()).isCloseTo(member.expectation(world.rewards()), within(TOLERANCE));
                double h = 1e-3;
                double slope = (family.logPartition(lambda + h) - family.logPartition(lambda - h)) / (2 * h);
                assertThat(tilt.mean()).isCloseTo(slope, within(2e-5)); // E* r = κ′ (central difference: h²κ‴/6)
                double bend =
                        (family.at(lambda + h).mean() - family.at(lambda - h).mean()) / (2 * h);
                assertThat(tilt.variance()).isCloseTo(bend, within(2e-4));
                double third = (family.at(lambda + h).variance()
                                - family.at(lambda - h).variance())
                        / (2 * h);
                assertThat(tilt.thirdCumulant()).isCloseTo(third, within(2e-3));
            }
        });
    }

    @Test
    void shiftsAndJointScalesChangeNothing() {
        forAll(world -> {
            double[] shifted = Arrays.stream(world.rewards()).map(r -> r + 17).toArray();
            double[] scaled = Arrays.stream(world.rewards()).map(r -> 3.7 * r).toArray();
            double[] original = member(world, 1 / .4).probabilities();
            assertThat(member(world.prior(), shifted, 1 / .4).probabilities()).containsExactly(original, within(1e-12));
            assertThat(member(world.prior(), scaled, 1 / (3.7 * .4)).probabilities())
                    .containsExactly(original, within(1e-12));
        });
    }

    @Test
    void rejectionAcceptsAsOftenAsZSays() {
        forAll(world -> {
            TiltedFamily family = TiltedFamily.of(world.prior(), world.rewards());
            TiltFigures tilt = family.at(1.3);
            double acceptance = 0;
            for (int i = 0; i < world.prior().size(); i++) {
                acceptance += world.prior().probability(i) * Math.exp(1.3 * (world.rewards()[i] - family.maxReward()));
            }
            assertThat(tilt.acceptanceRate()).isCloseTo(acceptance, within(1e-12));
        });
    }

    @Test
    void bestOfNComposes() {
        forAll(world -> {
            Distribution once = posterior(world, world.prior(), RewardLikelihood.beats(3));
            Distribution twice = posterior(world, once, RewardLikelihood.beats(4));
            Distribution direct = posterior(world, world.prior(), RewardLikelihood.beats(12));
            assertThat(twice.probabilities()).containsExactly(direct.probabilities(), within(1e-12));
            Distribution rounds =
                    posterior(world, world.prior(), RewardLikelihood.beats(3).rounds(3));
            Distribution cubed = posterior(world, world.prior(), RewardLikelihood.beats(27));
            assertThat(rounds.probabilities()).containsExactly(cubed.probabilities(), within(1e-12));
        });
    }

    @Test
    void aHardFilterIsIdempotent() {
        forAll(world -> {
            double threshold = world.rewards()[0];
            Distribution once = posterior(world, world.prior(), RewardLikelihood.atLeast(threshold));
            Distribution again = posterior(world, once, RewardLikelihood.atLeast(threshold));
            assertThat(again.probabilities()).containsExactly(once.probabilities(), within(1e-14));
        });
    }

    @Test
    void aMixtureOfLevelsIsTheTiltOrTheQuantilizer() {
        forAll(world -> {
            double[] levels = Arrays.stream(world.rewards()).distinct().toArray();
            double[] tilted = new double[world.prior().size()];
            double[] top = new double[world.prior().size()];
            double z = 0;
            Distribution best = posterior(world, world.prior(), RewardLikelihood.topQuantile(.37));
            for (double level : levels) {
                Distribution atLevel = posterior(world, world.prior(), RewardLikelihood.level(level));
                double mass = 0;
                double massOfBest = 0;
                for (int i = 0; i < tilted.length; i++) {
                    mass += world.rewards()[i] == level ? world.prior().probability(i) : 0;
                    massOfBest += world.rewards()[i] == level ? best.probability(i) : 0;
                }
                double weight = mass * Math.exp(1.5 * level);
                z += weight;
                for (int i = 0; i < tilted.length; i++) {
                    tilted[i] += weight * atLevel.probability(i);
                    top[i] += massOfBest * atLevel.probability(i);
                }
            }
            for (int i = 0; i < tilted.length; i++) {
                tilted[i] /= z;
            }
            assertThat(member(world, 1.5).probabilities()).containsExactly(tilted, within(1e-12));
            assertThat(best.probabilities()).containsExactly(top, within(1e-12));
        });
    }

    @Test
    void theQuantilizerBoundsEveryCost() {
        forAll(world -> {
            double q = .3;
            Distribution best = posterior(world, world.prior(), RewardLikelihood.topQuantile(q));
            for (int i = 0; i < world.prior().size(); i++) {
                assertThat(best.probability(i))
                        .isLessThanOrEqualTo(world.prior().probability(i) / q + 1e-12);
            }
            assertThat(Divergences.kl(best, world.prior())).isLessThanOrEqualTo(-Math.log(q) + 1e-12);
        });
    }

    @Test
    void aLevelNeverSeenRaises() {
        forAll(world -> assertThatThrownBy(() -> posterior(world, world.prior(), RewardLikelihood.level(1234.5)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("was never seen"));
    }

    @Test
    void copiesAddUp() {
        SplittableRandom random = new SplittableRandom(5);
        forAll(world -> {
            double n = random.nextDouble(3);
            double m = random.nextDouble(3);
            Evidence one = Evidence.reward(world.reward()).times(1);
            TableModel prior = TableModel.of(world.prior());
            TablePosterior first = TablePosterior.of(prior, one.times(n));
            TablePosterior both = TablePosterior.of(first.model(), one.times(m));
            TablePosterior together = TablePosterior.of(prior, one.times(n).and(one.times(m)));
            assertThat(both.model().given("").probabilities())
                    .containsExactly(together.model().given("").probabilities(), within(1e-12));
            assertThat(first.logPartition("") + both.logPartition(""))
                    .isCloseTo(together.logPartition(""), within(TOLERANCE)); // the chain rule of evidence
            assertThat(together.model().given("").probabilities())
                    .containsExactly(member(world, n + m).probabilities(), within(1e-12));
        });
    }

    private static void forAll(Consumer<RandomWorld> property) {
        for (long seed = 0; seed < WORLDS; seed++) {
            try {
                property.accept(RandomWorld.of(seed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("in the random world of seed " + seed, e);
            }
        }
    }

    private static Distribution member(RandomWorld world, double lambda) {
        return member(world.prior(), world.rewards(), lambda);
    }

    private static Distribution member(Distribution prior, double[] rewards, double lambda) {
        return Distribution.ofLogWeights(
                prior.outcomes(), TiltedFamily.of(prior, rewards).logPosterior(lambda));
    }

    private static Distribution posterior(RandomWorld world, Distribution prior, RewardLikelihood likelihood) {
        return TablePosterior.of(TableModel.of(prior), world.reward(), likelihood)
                .model()
                .given("");
    }
}
