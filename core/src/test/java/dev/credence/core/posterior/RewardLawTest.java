package dev.credence.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RewardLawTest {
    @ParameterizedTest
    @ValueSource(doubles = {1, 1.2, 40})
    void anExponentialRewardHasNoPosteriorFromItsRateOn(double lambda) {
        RewardLaw law = new RewardLaw.Exponential(1);
        assertThatThrownBy(() -> law.logPartition(lambda))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage("lambda is " + lambda + " and the reward is exponential of rate 1.0: E[e^(lambda r)] is"
                        + " infinite, no posterior exists; lambda must be below the rate");
        assertThatThrownBy(() -> law.mean(lambda)).isInstanceOf(NoPosteriorException.class);
        assertThatThrownBy(() -> law.klToPrior(lambda)).isInstanceOf(NoPosteriorException.class);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-2, 0, 0.3, 0.9})
    void anExponentialTiltIsExponentialOfTheRestOfTheRate(double lambda) {
        RewardLaw law = new RewardLaw.Exponential(1);
        double rest = 1 - lambda;
        assertThat(law.logPartition(lambda)).isCloseTo(Math.log(1 / rest), within(1e-12));
        assertThat(law.mean(lambda)).isCloseTo(1 / rest, within(1e-12));
        assertThat(law.klToPrior(lambda)) // KL between exponentials: log(b/a) + a/b − 1
                .isCloseTo(Math.log(rest) + 1 / rest - 1, within(1e-12));
    }

    /** The tilts of a fine grid of a law agree with its closed form. */
    @ParameterizedTest
    @ValueSource(doubles = {-1.5, 0, 0.7, 2})
    void aGaussianTiltMovesTheMeanByLambdaVariances(double lambda) {
        RewardLaw law = new RewardLaw.Gaussian(0.5, 1.3);
        int n = 20_001;
        double[] logPrior = new double[n];
        double[] reward = new double[n];
        for (int i = 0; i < n; i++) {
            double z = -12 + 24.0 * i / (n - 1);
            reward[i] = 0.5 + 1.3 * z;
            logPrior[i] = -z * z / 2 + Math.log(24.0 / (n - 1) / Math.sqrt(2 * Math.PI));
        }
        TiltedFamily grid = TiltedFamily.ofLog(logPrior, reward);
        assertThat(law.logPartition(lambda)).isCloseTo(grid.at(lambda).logPartition(), within(1e-9));
        assertThat(law.mean(lambda)).isCloseTo(grid.at(lambda).mean(), within(1e-9));
        assertThat(law.klToPrior(lambda)).isCloseTo(grid.at(lambda).klToPrior(), within(1e-9));
    }

    @Test
    void refusesWhatIsNoLaw() {
        assertThatThrownBy(() -> new RewardLaw.Exponential(0))
                .hasMessage("rate is 0.0; it must be finite and positive");
        assertThatThrownBy(() -> new RewardLaw.Gaussian(0, Double.NaN))
                .hasMessage("mean is 0.0 and deviation is NaN; both must be finite and the deviation positive");
        assertThatThrownBy(() -> new RewardLaw.Gaussian(0, 1).mean(Double.POSITIVE_INFINITY))
                .hasMessage("lambda is Infinity; it must be finite");
    }
}
