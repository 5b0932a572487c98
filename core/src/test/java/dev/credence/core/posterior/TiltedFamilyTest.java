package dev.credence.core.posterior;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertSixDigits;
import static dev.credence.core.Vectors.assertVector;
import static dev.credence.core.Vectors.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.diagnostics.RewardBound;
import dev.credence.core.probability.Distribution;
import java.util.Arrays;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiltedFamilyTest {
    private static final TiltedFamily T1 = TiltedFamily.of(TestWorlds.T1, TestWorlds.t1Rewards());

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"2, \"T1.beta2\"", "1, \"T1.beta1\"", "0.5, \"T1.beta0.5\"", "0.05, \"T1.beta0.05\""})
    void hasThePosteriorsOfT1(double beta, String key) {
        TiltFigures tilt = T1.at(1 / beta);
        assertVector(exp(T1.logPosterior(1 / beta)), key, "post");
        assertVector(tilt.logPartition(), key, "logZ");
        assertVector(T1.logPartition(1 / beta), key, "logZ");
        assertVector(tilt.mean(), key, "Er");
        assertVector(tilt.klToPrior(), key, "KLpost_prior");
        assertVector(tilt.klFromPrior(), key, "KLprior_post");
        assertVector(tilt.entropy(), key, "H");
        assertVector(tilt.objective(), key, "J");
    }

    @Test
    void recomputesT1InClosedForm() {
        double z = .4 + .3 * Math.E + .2 * Math.exp(2) + .1 * Math.exp(3);
        double mean = (.3 * Math.E + .4 * Math.exp(2) + .3 * Math.exp(3)) / z;
        double square = (.3 * Math.E + .8 * Math.exp(2) + .9 * Math.exp(3)) / z;
        double cube = (.3 * Math.E + 1.6 * Math.exp(2) + 2.7 * Math.exp(3)) / z;
        TiltFigures tilt = T1.at(1);
        assertThat(tilt.logPartition()).isCloseTo(Math.log(z), within(EXACT));
        assertThat(tilt.mean()).isCloseTo(mean, within(EXACT));
        assertThat(tilt.variance()).isCloseTo(square - mean * mean, within(EXACT));
        assertThat(tilt.thirdCumulant()).isCloseTo(cube - 3 * mean * square + 2 * mean * mean * mean, within(EXACT));
        assertThat(tilt.acceptanceRate())
                .isCloseTo(z * Math.exp(-3), within(EXACT))
                .isCloseTo(.2340913, within(5e-9));
        assertThat(tilt.klToPrior()).isCloseTo(mean - Math.log(z), within(EXACT));
        assertThat(tilt.klFromPrior()).isCloseTo(Math.log(z) - 1, within(EXACT));
    }

    @Test
    void hasItsLimits() {
        TiltFigures best = T1.at(Double.POSITIVE_INFINITY);
        assertThat(exp(T1.logPosterior(Double.POSITIVE_INFINITY))).containsExactly(0, 0, 0, 1);
        assertThat(best.klToPrior()).isCloseTo(-Math.log(.1), within(EXACT));
        assertThat(best.klFromPrior()).isInfinite();
        assertThat(best.logPartition()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(best.mean()).isEqualTo(3);
        assertThat(best.objective()).isEqualTo(3);
        assertThat(best.variance()).isZero();
        assertThat(best.acceptanceRate()).isCloseTo(.1, within(EXACT));
        TiltFigures worst = T1.at(Double.NEGATIVE_INFINITY);
        assertThat(worst.mean()).isZero();
        assertThat(worst.logPartition()).isCloseTo(Math.log(.4), within(EXACT)); // the smallest reward is 0
        TiltFigures none = T1.at(0);
        assertThat(none.logPartition()).isCloseTo(0, within(1e-15));
        assertThat(none.objective()).isCloseTo(1, within(EXACT));
        assertThat(none.klToPrior()).isZero();
        TiltedFamily ties = TiltedFamily.of(TestWorlds.T1, new double[] {1, 0, 1, 0});
        assertThat(exp(ties.logPosterior(Double.POSITIVE_INFINITY)))
                .containsExactly(new double[] {2 / 3.0, 0, 1 / 3.0, 0}, within(EXACT)); // prior ratios among ties
        assertThatThrownBy(() -> T1.at(Double.NaN)).hasMessageContaining("lambda is NaN");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"0.25, \"X.klbudget0.25\"", "0.5, \"X.klbudget0.5\"", "1, \"X.klbudget1.0\""})
    void meetsKlBudgets(double budget, String key) {
        double lambda = T1.lambdaAtKl(budget);
        assertVector(lambda, key, "lam");
        assertVector(1 / lambda, key, "beta");
        assertVector(exp(T1.logPosterior(lambda)), key, "p");
        assertVector(T1.at(lambda).mean(), key, "Er");
    }

    @Test
    void meetsAnyBudget() {
        for (double budget : new double[] {1e-14, 1e-6, 0.1, 1, 2.3, 2.302585}) {
            assertThat(T1.at(T1.lambdaAtKl(budget)).klToPrior()).isCloseTo(budget, within(1e-12));
        }
        assertThat(T1.lambdaAtKl(0)).isZero();
        assertThat(T1.lambdaAtKl(-Math.log(.1) + 1e-9)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(T1.lambdaAtKl(100)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> T1.lambdaAtKl(-0.1)).hasMessageContaining("budget is -0.1; a KL budget must be >= 0");
        assertThatThrownBy(() -> T1.lambdaAtKl(Double.NaN)).hasMessageContaining("budget is NaN");
    }

    @Test
    void matchesMoments() {
        for (double mean : new double[] {1e-300, 1e-9, 0.3, 0.9999999, 1, 1.2, 2.5, 2.999, 3 - 1e-12}) {
            double lambda = T1.lambdaAtMean(mean);
            assertThat(T1.at(lambda).mean()).as("mean %s", mean).isCloseTo(mean, within(1e-14));
            assertThat(Math.signum(lambda))
                    .isEqualTo(Math.abs(mean - 1) < 1e-15 ? Math.signum(lambda) : Math.signum(mean - 1));
        }
        assertThat(T1.lambdaAtMean(3)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(T1.lambdaAtMean(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(T1.lambdaAtMean(1e-300)).isLessThan(-100);
        assertThatThrownBy(() -> T1.lambdaAtMean(3.1))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage("a mean reward of 3.1 was never seen: the prior's rewards lie in [0.0, 3.0]");
        assertThatThrownBy(() -> T1.lambdaAtMean(Double.NaN)).isInstanceOf(NoPosteriorException.class);
        TiltedFamily constant = TiltedFamily.of(TestWorlds.T1, new double[] {2, 2, 2, 2});
        assertThat(constant.lambdaAtMean(2)).isZero();
        assertThat(constant.lambdaAtKl(0)).isZero();
    }

    @Test
    void keepsItsDigitsUnderShiftsAndScales() {
        double[] shifted =
                Arrays.stream(TestWorlds.t1Rewards()).map(r -> r + 1e6).toArray();
        double[] scaled =
                Arrays.stream(TestWorlds.t1Rewards()).map(r -> 1e-12 * r).toArray();
        TiltedFamily far = TiltedFamily.of(TestWorlds.T1, shifted);
        assertThat(far.at(1).klToPrior()).isCloseTo(T1.at(1).klToPrior(), within(1e-12));
        assertThat(far.lambdaAtMean(1e6 + 2)).isCloseTo(T1.lambdaAtMean(2), within(1e-9));
        TiltedFamily small = TiltedFamily.of(TestWorlds.T1, scaled);
        assertThat(small.lambdaAtKl(0.5) * 1e-12).isCloseTo(T1.lambdaAtKl(0.5), within(1e-12));
        assertThat(small.lambdaAtMean(2e-12) * 1e-12).isCloseTo(T1.lambdaAtMean(2), within(1e-12));
    }

    @Test
    void keepsOutcomesOfTinyMass() {
        TiltedFamily family = TiltedFamily.ofLog(new double[] {0, -2000}, new double[] {0, 1});
        assertThat(family.at(2000).mean()).isCloseTo(0.5, within(1e-12));
        assertThat(family.lambdaAtMean(0.5)).isCloseTo(2000, within(1e-9));
        assertThat(family.at(Double.POSITIVE_INFINITY).klToPrior()).isEqualTo(2000);
    }

    @Test
    void excludesInadmissibleTexts() {
        double[] rewards = {Double.NEGATIVE_INFINITY, 1, 2, 3};
        TiltedFamily family = TiltedFamily.of(TestWorlds.T1, rewards);
        assertThat(exp(family.logPosterior(0))).containsExactly(new double[] {0, .5, 1 / 3.0, 1 / 6.0}, within(EXACT));
        assertThat(family.at(0).klToPrior()).isCloseTo(-Math.log(.6), within(EXACT));
        assertThat(family.at(0.3).klFromPrior()).isInfinite();
        assertThat(family.minReward()).isEqualTo(1);
        assertThatThrownBy(() -> family.lambdaAtKl(0.5))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("0.5 nats is below the 0.51");
        Arrays.fill(rewards, Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> TiltedFamily.of(TestWorlds.T1, rewards))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("nothing is admissible");
    }

    @Test
    void refusesWhatIsNoReward() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> TiltedFamily.of(TestWorlds.T1, new double[] {0, 1, bad, 2}))
                    .isInstanceOf(NoPosteriorException.class)
                    .hasMessageContaining("reward of atom 2 is " + bad);
        }
        assertThatThrownBy(() -> TiltedFamily.of(TestWorlds.T1, new double[3]))
                .hasMessageContaining("4 prior masses but 3 rewards");
        assertThatThrownBy(() -> TiltedFamily.ofLog(new double[] {Double.NaN, 0}, new double[2]))
                .hasMessageContaining("summed prior masses is NaN");
    }

    @Test
    void seesCopiesOfAGaussianReward() {
        TiltedFamily gauss = gauss(30, 0.05);
        assertSixDigits(gauss.lambdaAtKl(1), "T2.gauss_neff", "KL1");
        assertSixDigits(gauss.lambdaAtKl(5), "T2.gauss_neff", "KL5");
        assertSixDigits(gauss.lambdaAtKl(10), "T2.gauss_neff", "KL10");
        assertSixDigits(gauss.lambdaAtKl(20), "T2.gauss_neff", "KL20");
        assertSixDigits(gauss.lambdaAtKl(50), "T2.gauss_neff", "KL50");
        assertSixDigits(gauss.lambdaAtKl(100), "T2.gauss_neff", "KL100");
        assertThat(gauss.at(3).klToPrior()).isCloseTo(4.5, within(EXACT));
        assertThat(gauss.at(3).logPartition()).isCloseTo(4.5, within(EXACT));
        assertThat(gauss.at(3).thirdCumulant()).isCloseTo(0, within(1e-7));
    }

    @Test
    void holdsBestOfFourGaussianDrawsAgainstTheFamily() {
        TiltedFamily gauss = gauss(30, 0.05);
        double mean = 0;
        double kl = 0;
        for (double x = -30; x <= 30; x += 0.005) {
            double logF = Math.log(0.5 * Erf.erfc(-x / Math.sqrt(2)));
            double logDensity = Math.log(4) + 3 * logF;
            if (logDensity > -700) {
                double mass = 0.005 * Math.exp(logDensity - x * x / 2) / Math.sqrt(2 * Math.PI);
                mean += mass * x;
                kl += mass * logDensity;
            }
        }
        double lambda = gauss.lambdaAtMean(mean);
        double inFamily = gauss.at(lambda).klToPrior();
        assertVector(mean, "T7.gauss_bon4", "Emax");
        assertVector(lambda, "T7.gauss_bon4", "lam_mm");
        assertVector(inFamily, "T7.gauss_bon4", "KL_family");
        assertVector(kl, "T7.gauss_bon4", "KL_bon");
        assertVector(kl - inFamily, "T7.gauss_bon4", "departure");
        assertVector(inFamily / kl, "T7.gauss_bon4", "bayes_fraction");
        assertThat(kl).isCloseTo(OveroptimisationCurve.bestOfNKl(4), within(EXACT));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "2, \"T22.maxKL_beta2.0\"",
                "1, \"T22.maxKL_beta1.0\"",
                "0.5, \"T22.maxKL_beta0.5\"",
                "0.25, \"T22.maxKL_beta0.25\""
            })
    void staysWithinTheBoundOfABoundedReward(double beta, String key) {
        double low = 0;
        double high = 0.5;
        while (high - low > 1e-10) { // golden sections would do; KL is unimodal in the mass of the rewarded outcome
            double left = low + (high - low) / 3;
            double right = high - (high - low) / 3;
            if (bernoulliKl(left, beta) < bernoulliKl(right, beta)) {
                low = left;
            } else {
                high = right;
            }
        }
        double worst = bernoulliKl(low, beta);
        assertVector(worst, key, "maxKL");
        assertThat(low).isCloseTo(number(key, "at_a"), within(1e-6));
        assertThat(worst).isLessThan(Math.min(number(key, "bound_hoeff"), number(key, "bound_lin")));
        assertThat(RewardBound.of(1, beta).kl())
                .isEqualTo(Math.min(number(key, "bound_hoeff"), number(key, "bound_lin")));
    }

    private static double bernoulliKl(double a, double beta) {
        Distribution prior = TestWorlds.distribution(1 - a, a);
        return TiltedFamily.of(prior, new double[] {0, 1}).at(1 / beta).klToPrior();
    }

    private static TiltedFamily gauss(double reach, double step) {
        int n = (int) Math.round(2 * reach / step) + 1;
        double[] reward = new double[n];
        double[] logMass = new double[n];
        for (int i = 0; i < n; i++) {
            reward[i] = -reach + i * step;
            logMass[i] = -reward[i] * reward[i] / 2;
        }
        return TiltedFamily.ofLog(logMass, reward);
    }

    private static double[] exp(double[] logs) {
        return Arrays.stream(logs).map(Math::exp).toArray();
    }
}
