package dev.credence.core.posterior;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.posterior.OveroptimisationCurve.Form;
import org.junit.jupiter.api.Test;

class OveroptimisationCurveTest {
    @Test
    void hasTheKlOfBestOfN() {
        for (String n : new String[] {"2", "4", "16", "64", "256", "1000", "60000"}) {
            assertVector(OveroptimisationCurve.bestOfNKl(Double.parseDouble(n)), "T12.bonKL", n);
        }
        assertThat(OveroptimisationCurve.bestOfNKl(1)).isZero();
        assertThatThrownBy(() -> OveroptimisationCurve.bestOfNKl(.9)).hasMessageContaining("n is 0.9");
    }

    @Test
    void recoversTheSyntheticWorld() {
        // Proxy r ~ N(0, 1), gold = .5 r − .05 (r² − 1): the tilt at λ has d = λ/√2, E r = λ, E r² = 1 + λ².
        double[] distance = new double[20];
        double[] gold = new double[20];
        for (int i = 0; i < 20; i++) {
            double lambda = .3 * (i + 1);
            distance[i] = lambda / Math.sqrt(2);
            gold[i] = .5 * lambda - .05 * lambda * lambda;
        }
        OveroptimisationCurve fit = OveroptimisationCurve.fit(Form.BEST_OF_N, distance, gold);
        assertThat(fit.alpha()).isCloseTo(.5 * Math.sqrt(2), within(EXACT));
        assertThat(fit.beta()).isCloseTo(.1, within(EXACT));
        assertVector(fit.alpha(), "T12.synthetic", "alpha");
        assertVector(fit.beta(), "T12.synthetic", "beta");
        assertVector(fit.peakDistance(), "T12.synthetic", "d_star");
        assertVector(fit.peakDistance() * fit.peakDistance(), "T12.synthetic", "KL_star");
        assertVector(fit.at(fit.peakDistance()), "T12.synthetic", "R_star");
    }

    @Test
    void hasTheFormOfRl() {
        OveroptimisationCurve rl = new OveroptimisationCurve(Form.RL, .35, .154);
        assertVector(rl.peakDistance(), "T12.RLpeak", "d");
        assertVector(rl.peakDistance() * rl.peakDistance(), "T12.RLpeak", "KL");
        assertVector(rl.at(rl.peakDistance()), "T12.RLpeak", "R");
        assertVector(rl.afterRounds(4, 1), "T12.iter_k", "1");
        assertVector(rl.afterRounds(4, 2), "T12.iter_k", "2");
        assertVector(rl.afterRounds(4, 4), "T12.iter_k", "4");
        assertThat(rl.at(0)).isZero();
        double[] distance = {.5, 1, 2, 5};
        double[] gold = {rl.at(.5), rl.at(1), rl.at(2), rl.at(5)};
        OveroptimisationCurve fit = OveroptimisationCurve.fit(Form.RL, distance, gold);
        assertThat(fit.alpha()).isCloseTo(.35, within(EXACT));
        assertThat(fit.beta()).isCloseTo(.154, within(EXACT));
    }

    @Test
    void refusesBadArguments() {
        OveroptimisationCurve best = new OveroptimisationCurve(Form.BEST_OF_N, 1, 0);
        assertThatThrownBy(best::peakDistance).hasMessageContaining("beta is 0.0; only a curve with beta > 0");
        assertThatThrownBy(() -> best.afterRounds(1, 2)).hasMessageContaining("rounds is 2.0");
        assertThatThrownBy(() -> best.at(-1)).hasMessageContaining("distance is -1.0");
        assertThatThrownBy(() -> new OveroptimisationCurve(Form.RL, Double.NaN, 1))
                .hasMessageContaining("alpha is NaN");
        assertThatThrownBy(() -> OveroptimisationCurve.fit(Form.RL, new double[] {1}, new double[] {1}))
                .hasMessageContaining("at least two");
        assertThatThrownBy(() -> OveroptimisationCurve.fit(Form.RL, new double[] {1, 0}, new double[2]))
                .hasMessageContaining("distance 1 is 0.0");
        assertThatThrownBy(() -> OveroptimisationCurve.fit(Form.RL, new double[] {1, 1}, new double[2]))
                .hasMessageContaining("at least two must differ");
    }
}
