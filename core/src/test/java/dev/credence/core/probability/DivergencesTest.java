package dev.credence.core.probability;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertVector;
import static dev.credence.core.Vectors.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.TiltedFamily;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DivergencesTest {
    private static final Distribution PRIOR = TestWorlds.T1;
    private static final Distribution POSTERIOR = Distribution.ofLogWeights(
            PRIOR.outcomes(), TiltedFamily.of(PRIOR, TestWorlds.t1Rewards()).logPosterior(1));

    @Test
    void measuresT1() {
        assertVector(Divergences.totalVariation(POSTERIOR, PRIOR), "T1b", "TV");
        assertVector(Divergences.jensenShannon(POSTERIOR, PRIOR), "T1b", "JS");
        assertVector(Divergences.chiSquared(POSTERIOR, PRIOR), "T1b", "chi2");
        assertVector(Divergences.logRatioRange(POSTERIOR, PRIOR).max(), "T1b", "maxlogratio");
        assertVector(Divergences.logRatioRange(POSTERIOR, PRIOR).min(), "T1b", "minlogratio");
        assertThat(Divergences.kl(POSTERIOR, PRIOR)).isCloseTo(number("T1.beta1", "KLpost_prior"), within(5e-9));
        assertThat(Divergences.kl(PRIOR, POSTERIOR)).isCloseTo(number("T1.beta1", "KLprior_post"), within(5e-9));
    }

    @Test
    void measuresDroppedModes() {
        Distribution kept = TestWorlds.distribution(.4 / .7, .3 / .7, 0, 0);
        assertVector(Divergences.kl(kept, PRIOR), "T13.dropmodes", "rev");
        assertThat(Divergences.kl(kept, PRIOR)).isCloseTo(-Math.log(0.7), within(EXACT));
        assertVector(PRIOR.probability(0) + PRIOR.probability(1), "T13.dropmodes", "mass_kept");
        assertVector(-Math.log(PRIOR.probability(0) + PRIOR.probability(1)), "T13.dropmodes", "minuslog");
        assertThat(Divergences.kl(PRIOR, kept)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void measuresNearCollapse() {
        Distribution policy = TestWorlds.distribution(.56, .42, .01, .01);
        assertVector(Divergences.kl(policy, PRIOR), "T13.nearcollapse", "rev");
        assertVector(Divergences.kl(PRIOR, policy), "T13.nearcollapse", "fwd");
        assertVector(Divergences.jensenShannon(PRIOR, policy), "T13.nearcollapse", "JS");
        assertVector(Divergences.totalVariation(PRIOR, policy), "T13.nearcollapse", "TV");
        assertVector(PRIOR.entropy(), "T13.nearcollapse", "H_t");
        assertVector(policy.entropy(), "T13.nearcollapse", "H_q");
        assertVector(Math.exp(PRIOR.entropy()), "T13.nearcollapse", "effmodes_t");
        assertVector(Math.exp(policy.entropy()), "T13.nearcollapse", "effmodes_q");
        double[] surprise = PRIOR.logProbabilities();
        assertVector(-policy.expectation(surprise), "T13.nearcollapse", "xent_prior");
        double recall = 0;
        for (int i = 0; i < PRIOR.size(); i++) {
            recall += policy.probability(i) >= 0.5 * PRIOR.probability(i) ? PRIOR.probability(i) : 0;
        }
        assertVector(recall, "T13.nearcollapse", "coverage_half");
    }

    @Test
    void decomposesByModes() {
        Distribution policy = TestWorlds.distribution(.56, .42, .01, .01);
        Distribution modesOfPolicy = TestWorlds.distribution(.98, .02);
        Distribution modesOfPrior = TestWorlds.distribution(.7, .3);
        double within = .98
                        * Divergences.kl(
                                TestWorlds.distribution(.56 / .98, .42 / .98),
                                TestWorlds.distribution(.4 / .7, .3 / .7))
                + .02 * Divergences.kl(TestWorlds.distribution(.5, .5), TestWorlds.distribution(2 / 3.0, 1 / 3.0));
        double between = Divergences.kl(modesOfPolicy, modesOfPrior);
        assertVector(new double[] {between, within, between + within}, "T13.decomp");
        assertThat(Divergences.kl(policy, PRIOR)).isCloseTo(between + within, within(EXACT));
    }

    @Test
    void alignsOutcomesByName() {
        Map<String, Double> shuffled = new LinkedHashMap<>();
        for (String name : List.of("d", "b", "a", "c")) {
            shuffled.put(name, POSTERIOR.probability(name));
        }
        Distribution other = Distribution.normalised(shuffled);
        assertThat(Divergences.kl(other, PRIOR)).isCloseTo(Divergences.kl(POSTERIOR, PRIOR), within(1e-15));
        assertThat(Divergences.totalVariation(other, POSTERIOR)).isCloseTo(0, within(1e-15));
    }

    @Test
    void refusesDifferentOutcomes() {
        Distribution more = TestWorlds.distribution(.3, .3, .2, .1, .1);
        String message = "outcome 'e' is in one distribution only";
        assertThatThrownBy(() -> Divergences.kl(PRIOR, more)).hasMessageContaining(message);
        assertThatThrownBy(() -> Divergences.kl(more, PRIOR)).hasMessageContaining(message);
        assertThatThrownBy(() -> Divergences.renyi(-1, PRIOR, PRIOR)).hasMessageContaining("alpha is -1.0");
        assertThatThrownBy(() -> Divergences.renyi(Double.NaN, PRIOR, PRIOR)).hasMessageContaining("alpha is NaN");
    }

    @Test
    void isInfiniteWhereSupportIsMissing() {
        Distribution p = TestWorlds.distribution(.5, .5, 0);
        Distribution q = TestWorlds.distribution(.5, 0, .5);
        assertThat(Divergences.kl(p, q)).isInfinite();
        assertThat(Divergences.chiSquared(p, q)).isInfinite();
        assertThat(Divergences.renyi(2, p, q)).isInfinite();
        assertThat(Divergences.renyi(Double.POSITIVE_INFINITY, p, q)).isInfinite();
        assertThat(Divergences.renyi(0.5, p, q)).isCloseTo(2 * Math.log(2), within(EXACT));
        assertThat(Divergences.renyi(0, p, q)).isCloseTo(Math.log(2), within(EXACT));
        assertThat(Divergences.jensenShannon(p, q)).isCloseTo(0.5 * Math.log(2), within(EXACT));
        assertThat(Divergences.totalVariation(p, q)).isCloseTo(0.5, within(EXACT));
        assertThat(Divergences.logRatioRange(p, q))
                .isEqualTo(new Divergences.LogRatioRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }

    @Test
    void renyiRisesWithItsOrderThroughKl() {
        for (long seed = 0; seed < 200; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            double kl = Divergences.kl(world.policy(), world.prior());
            double last = 0;
            for (double alpha : new double[] {0.3, 0.999999, 1, 1.000001, 2, 20, Double.POSITIVE_INFINITY}) {
                double renyi = Divergences.renyi(alpha, world.policy(), world.prior());
                assertThat(renyi).as("seed %d, order %s", seed, alpha).isGreaterThanOrEqualTo(last - 1e-9);
                last = renyi;
            }
            assertThat(Divergences.renyi(1.000001, world.policy(), world.prior()))
                    .isCloseTo(kl, within(1e-4));
            assertThat(Divergences.renyi(2, world.policy(), world.prior()))
                    .isCloseTo(Math.log1p(Divergences.chiSquared(world.policy(), world.prior())), within(EXACT));
            assertThat(Divergences.renyi(Double.POSITIVE_INFINITY, world.policy(), world.prior()))
                    .isEqualTo(Divergences.logRatioRange(world.policy(), world.prior())
                            .max());
        }
    }
}
