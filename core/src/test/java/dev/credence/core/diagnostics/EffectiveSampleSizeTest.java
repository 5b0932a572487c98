package dev.credence.core.diagnostics;

import static dev.credence.core.diagnostics.Examples.PRIOR;
import static dev.credence.core.diagnostics.Examples.REWARD;
import static dev.credence.core.diagnostics.Examples.posterior;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import dev.credence.core.probability.Distribution;
import java.util.List;
import org.junit.jupiter.api.Test;

class EffectiveSampleSizeTest {
    @Test
    void isTheSizeOfEqualWeights() {
        assertThat(EffectiveSampleSize.of(new double[] {3, 3, 3, 3})).isEqualTo(4);
        assertThat(EffectiveSampleSize.of(new double[] {0, 1e300, 0})).isEqualTo(1);
        assertThat(EffectiveSampleSize.of(new double[] {1, 2, 3})).isCloseTo(36 / 14.0, within(1e-15));
        assertThat(EffectiveSampleSize.of(new double[] {1e-300, 2e-300, 3e-300}))
                .isCloseTo(36 / 14.0, within(1e-12));
        assertThat(EffectiveSampleSize.of(new double[3])).isZero();
        assertThat(EffectiveSampleSize.of(new double[0])).isZero();
    }

    @Test
    void isTheSameFromLogarithms() {
        double[] logWeights = {Double.NaN, Math.log(1) - 900, Math.log(2) - 900, Math.log(3) - 900, 7};
        assertThat(EffectiveSampleSize.ofLogWeights(logWeights, 1, 4)).isCloseTo(36 / 14.0, within(1e-12));
        assertThat(EffectiveSampleSize.ofLogWeights(new double[] {0, Double.NEGATIVE_INFINITY}))
                .isEqualTo(1);
        assertThat(EffectiveSampleSize.ofLogWeights(new double[] {Double.NEGATIVE_INFINITY}))
                .isZero();
    }

    @Test
    void hasTheShareOfTheSheet() {
        Vectors.assertVector(EffectiveSampleSize.share(PRIOR, posterior(1)), "T6.ESSfrac_from_prior");
        double kappa1 = Examples.logPartition(1);
        double kappa2 = Examples.logPartition(2);
        assertThat(EffectiveSampleSize.share(PRIOR, posterior(1)))
                .isCloseTo(Math.exp(2 * kappa1 - kappa2), within(Vectors.EXACT));
        assertThat(REWARD).hasSize(PRIOR.size());
    }

    @Test
    void isZeroForAProposalThatMissesSomething() {
        Distribution missing = Distribution.ofLogWeights(List.of("a", "b"), new double[] {0, Double.NEGATIVE_INFINITY});
        Distribution both = Distribution.uniform(List.of("a", "b"));
        assertThat(EffectiveSampleSize.share(missing, both)).isZero();
        assertThat(EffectiveSampleSize.share(both, missing)).isEqualTo(0.5);
    }

    @Test
    void refusesWhatIsNoWeight() {
        assertThatThrownBy(() -> EffectiveSampleSize.of(new double[] {1, -1}))
                .hasMessage("weight 1 is -1.0; it must be finite and not negative");
        assertThatThrownBy(() -> EffectiveSampleSize.of(new double[] {Double.NaN}))
                .hasMessage("weight 0 is NaN; it must be finite and not negative");
        assertThatThrownBy(() -> EffectiveSampleSize.ofLogWeights(new double[] {0, Double.NaN}))
                .hasMessage("log-weight 1 is NaN; it must be a number below infinity");
        assertThatThrownBy(() -> EffectiveSampleSize.share(PRIOR, Distribution.uniform(List.of("a"))))
                .hasMessage("proposal has 4 outcomes, target 1");
    }
}
