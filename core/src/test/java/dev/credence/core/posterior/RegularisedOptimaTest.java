package dev.credence.core.posterior;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertVector;
import static dev.credence.core.Vectors.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import java.util.Arrays;
import org.hipparchus.stat.regression.OLSMultipleLinearRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegularisedOptimaTest {
    private static final Distribution T1 = TestWorlds.T1;
    private static final double[] REWARDS = TestWorlds.t1Rewards();
    private static final Distribution WORLD_C = TestWorlds.distribution(.1, .4, .2, .3);

    @Test
    void anEntropyBonusTempersThePrior() {
        Distribution optimum = RegularisedOptima.entropyBonus(T1, REWARDS, .4, .1);
        assertVector(optimum.probabilities(), "S.entropy_bonus", "p");
        double[] c = regress(optimum, T1);
        assertVector(c[1], "S.entropy_bonus", "coef_r");
        assertVector(c[2], "S.entropy_bonus", "coef_logp0");
        assertVector(c[3], "S.entropy_bonus", "R2");
        Distribution other = RegularisedOptima.entropyBonus(WORLD_C, REWARDS, .4, .1);
        assertVector(other.probabilities(), "S2.entropy", "p");
        assertVector(Arrays.copyOf(regress(other, WORLD_C), 3), "S2.entropy", "coef");
        assertThat(RegularisedOptima.entropyBonus(T1, REWARDS, .5, 0).probabilities())
                .containsExactly(tilt(T1, 2).probabilities(), within(EXACT));
    }

    @Test
    void aTemperatureSharpensThePriorToo() {
        Distribution sharp = RegularisedOptima.atTemperature(tilt(T1, 1), .7);
        assertVector(sharp.probabilities(), "S.temp.7", "p");
        double[] c = regress(sharp, T1);
        assertVector(c[1], "S.temp.7", "coef_r");
        assertVector(c[2], "S.temp.7", "coef_logp0");
        Distribution other = RegularisedOptima.atTemperature(tilt(WORLD_C, 1), .7);
        assertVector(tilt(WORLD_C, 1).probabilities(), "S2.temp.7_worldC", "pi_star");
        assertVector(other.probabilities(), "S2.temp.7_worldC", "p");
        double[] fit = regress(other, WORLD_C);
        assertVector(Arrays.copyOf(fit, 3), "S2.temp.7_worldC", "coef");
        assertVector(fit[3], "S2.temp.7_worldC", "R2");
        double[] without = weightedSlope(other, WORLD_C); // without the column sharpening masquerades as copies
        assertVector(without[0], "S2.temp.7_worldC", "slope_no_logp0");
        assertVector(without[1], "S2.temp.7_worldC", "R2_no_logp0");
        Distribution partial = RegularisedOptima.atTemperature(TestWorlds.distribution(.8, .2, 0), .5);
        assertThat(partial.probabilities()).containsExactly(new double[] {16 / 17.0, 1 / 17.0, 0}, within(EXACT));
    }

    @Test
    void aMeanOverTokensMultipliesByLength() {
        double[] tokens = {1, 2, 4, 8};
        RegularisedOptima.Multiplied optimum = RegularisedOptima.meanOverTokens(T1, REWARDS, tokens, 1);
        assertVector(optimum.policy().probabilities(), "L.len", "p");
        assertVector(optimum.multiplier(), "L.len", "mu");
        assertVector(tilt(T1, 1).probabilities(), "L.len", "bayes");
        for (int i = 0; i < 4; i++) { // stationarity: ℓ = T(r − μ)/β − 1
            double logRatio = optimum.policy().logProbability(i) - T1.logProbability(i);
            assertThat(logRatio).isCloseTo(tokens[i] * (REWARDS[i] - optimum.multiplier()) - 1, within(EXACT));
        }
        double sum = 0; // with equal lengths it is the tilt at β/T
        RegularisedOptima.Multiplied equal =
                RegularisedOptima.meanOverTokens(T1, REWARDS, new double[] {4, 4, 4, 4}, 8);
        for (int i = 0; i < 4; i++) {
            sum += Math.abs(equal.policy().probability(i) - tilt(T1, .5).probability(i));
        }
        assertThat(sum).isLessThan(1e-12);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"2, \"T10.k3loss_beta2.0\"", "1, \"T10.k3loss_beta1.0\"", "0.5, \"T10.k3loss_beta0.5\""})
    void k3InTheLossReachesNoPosterior(double beta, String key) {
        RegularisedOptima.Multiplied optimum = RegularisedOptima.k3InLoss(T1, REWARDS, beta);
        Distribution policy = optimum.policy();
        TiltedFamily family = TiltedFamily.of(T1, REWARDS);
        double lambda = family.lambdaAtMean(policy.expectation(REWARDS));
        assertVector(policy.probabilities(), key, "p");
        assertVector(optimum.multiplier(), key, "lam_lagr");
        assertVector(policy.expectation(REWARDS), key, "Er");
        assertVector(Divergences.kl(policy, tilt(T1, 1 / beta)), key, "KL_pi_pistar");
        assertVector(Divergences.kl(tilt(T1, 1 / beta), policy), key, "KL_pistar_pi");
        assertVector(Divergences.kl(policy, T1), key, "KL_pi_p0");
        assertVector(lambda, key, "lam_mm");
        assertVector(1 / lambda, key, "beta_eff_mm");
        double[] slope = weightedSlope(policy, T1);
        assertVector(slope[0], key, "OLSslope_pi0");
        assertVector(slope[1], key, "R2");
    }

    /** The multiplier is above the largest reward by so little that their sum is that reward again: π of the others is β π0/(Λ − r). */
    @ParameterizedTest
    @CsvSource({"1e-20, 1", "1e-60, 1", "1e-20, 1000", "1e-12, 1e6"})
    void k3InTheLossFindsABestTextThatIsRare(double rare, double reward) {
        Distribution prior = TestWorlds.distribution(1 - rare, rare);
        for (double beta : new double[] {0.02 * reward, 1e-9 * reward}) {
            Distribution policy = RegularisedOptima.k3InLoss(prior, new double[] {0, reward}, beta)
                    .policy();
            double others = beta / reward * (1 - rare); // to first order in the gap over the reward
            assertThat(policy.probability(0)).isCloseTo(others, within(1e-9 * others));
            assertThat(policy.probability(1)).isCloseTo(1 - others, within(1e-9));
        }
        double flattened = RegularisedOptima.entropyBonus(prior, new double[] {1e16, 1e16}, 1, 1)
                .probability(1);
        assertThat(flattened).isCloseTo(Math.sqrt(rare) / (Math.sqrt(1 - rare) + Math.sqrt(rare)), within(1e-12));
    }

    @Test
    void refusesBadArguments() {
        assertThatThrownBy(() -> RegularisedOptima.entropyBonus(T1, REWARDS, -1, 2))
                .hasMessageContaining("beta is -1.0");
        assertThatThrownBy(() -> RegularisedOptima.entropyBonus(T1, REWARDS, 0, 0))
                .hasMessageContaining("sum positive");
        assertThatThrownBy(() -> RegularisedOptima.atTemperature(T1, 0)).hasMessageContaining("temperature is 0.0");
        assertThatThrownBy(() -> RegularisedOptima.k3InLoss(T1, REWARDS, Double.NaN))
                .hasMessageContaining("beta is NaN");
        assertThatThrownBy(() -> RegularisedOptima.meanOverTokens(T1, REWARDS, new double[] {1, 0, 1, 1}, 1))
                .hasMessageContaining("token count is 0.0");
        assertThatThrownBy(() -> RegularisedOptima.k3InLoss(T1, new double[] {0, 1, 2, Double.POSITIVE_INFINITY}, 1))
                .hasMessageContaining("reward of 'd' is Infinity");
        assertThatThrownBy(() -> RegularisedOptima.entropyBonus(T1, new double[3], 1, 0))
                .hasMessageContaining("3 rewards for 4 outcomes");
    }

    @Test
    void mirrorDescentWalksAlongTheFamily() {
        MirrorDescent descent = new MirrorDescent(.1, .05);
        assertVector(descent.lambdaAfter(50), "T3.mirror_lambda50");
        assertThat(new MirrorDescent(.1, 0).lambdaAfter(50)).isCloseTo(5, within(EXACT));
        double[] logits = T1.logProbabilities(); // log π ← log π + η(r − β log π/π0), normalised
        for (int t = 0; t < 50; t++) {
            for (int i = 0; i < 4; i++) {
                logits[i] += .1 * (REWARDS[i] - .05 * (logits[i] - T1.logProbability(i)));
            }
            logits = Distribution.ofLogWeights(T1.outcomes(), logits).logProbabilities();
        }
        assertThat(Distribution.ofLogWeights(T1.outcomes(), logits).probabilities())
                .containsExactly(tilt(T1, number("T3.mirror_lambda50")).probabilities(), within(5e-9));
        assertThatThrownBy(() -> new MirrorDescent(0, 1)).hasMessageContaining("step size is 0.0");
        assertThatThrownBy(() -> new MirrorDescent(2, 1)).hasMessageContaining("product at most 1");
        assertThatThrownBy(() -> descent.lambdaAfter(-1)).hasMessageContaining("steps is -1");
    }

    private static Distribution tilt(Distribution prior, double lambda) {
        return Distribution.ofLogWeights(
                prior.outcomes(), TiltedFamily.of(prior, REWARDS).logPosterior(lambda));
    }

    /** Intercept, coefficients of r and of log π0, R² of the log-ratio. */
    private static double[] regress(Distribution policy, Distribution prior) {
        double[] y = new double[4];
        double[][] x = new double[4][];
        for (int i = 0; i < 4; i++) {
            y[i] = policy.logProbability(i) - prior.logProbability(i);
            x[i] = new double[] {REWARDS[i], prior.logProbability(i)};
        }
        OLSMultipleLinearRegression ols = new OLSMultipleLinearRegression();
        ols.newSampleData(y, x);
        double[] coefficients = Arrays.copyOf(ols.estimateRegressionParameters(), 4);
        coefficients[3] = ols.calculateRSquared();
        return coefficients;
    }

    /** Slope of the log-ratio on r under the prior, and R². */
    private static double[] weightedSlope(Distribution policy, Distribution prior) {
        double[] l = new double[4];
        double[] lr = new double[4];
        double[] rr = new double[4];
        double[] ll = new double[4];
        for (int i = 0; i < 4; i++) {
            l[i] = policy.logProbability(i) - prior.logProbability(i);
            lr[i] = l[i] * REWARDS[i];
            rr[i] = REWARDS[i] * REWARDS[i];
            ll[i] = l[i] * l[i];
        }
        double cov = prior.expectation(lr) - prior.expectation(l) * prior.expectation(REWARDS);
        double varR = prior.expectation(rr) - Math.pow(prior.expectation(REWARDS), 2);
        double varL = prior.expectation(ll) - Math.pow(prior.expectation(l), 2);
        return new double[] {cov / varR, cov * cov / varR / varL};
    }
}
