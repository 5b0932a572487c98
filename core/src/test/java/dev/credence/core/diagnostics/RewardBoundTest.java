package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.Vectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewardBoundTest {
    static Stream<Arguments> betas() {
        return Stream.of(
                arguments("T22.maxKL_beta2.0", 2.0),
                arguments("T22.maxKL_beta1.0", 1.0),
                arguments("T22.maxKL_beta0.5", 0.5),
                arguments("T22.maxKL_beta0.25", 0.25));
    }

    @ParameterizedTest
    @MethodSource("betas")
    void hasTheBoundsOfTheSheet(String key, double beta) {
        RewardBound bound = RewardBound.of(1, beta);
        Vectors.assertVector(bound.worstKl(), key, "maxKL");
        Vectors.assertVector(bound.worstPriorShare(), key, "at_a");
        Vectors.assertVector(bound.hoeffding(), key, "bound_hoeff");
        Vectors.assertVector(bound.logRatio(), key, "bound_lin");
        assertThat(bound.kl()).isEqualTo(Math.min(bound.hoeffding(), bound.logRatio()));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 9.9e-3, 1.01e-2, 0.1, 1, 5, 20, 60, 500})
    void noShareIsWorseThanTheWorst(double lambda) {
        RewardBound bound = new RewardBound(lambda);
        double worst = bound.worstKl();
        double share = bound.worstPriorShare();
        assertThat(worst).isLessThanOrEqualTo(bound.kl());
        assertThat(klOfCoin(share, lambda)).isCloseTo(worst, within(1e-9 * Math.max(1, lambda)));
        for (double factor = 0.5; factor < 2; factor += 0.01) {
            double other = Math.min(1, share * factor);
            assertThat(klOfCoin(other, lambda)).isLessThanOrEqualTo(worst + 1e-12 * Math.max(1, lambda));
        }
    }

    /** KL of a coin with share a of good outcomes, tilted by λ on the good ones, from the coin. */
    private static double klOfCoin(double a, double lambda) {
        double partition = 1 - a + a * Math.exp(lambda);
        return lambda * a * Math.exp(lambda) / partition - Math.log(partition);
    }

    @Test
    void joinsItsBranches() {
        double before = Math.nextDown(1e-2);
        assertThat(new RewardBound(before).worstKl()).isCloseTo(new RewardBound(1e-2).worstKl(), within(1e-14));
        assertThat(new RewardBound(Math.nextDown(1e-5)).worstPriorShare())
                .isCloseTo(new RewardBound(1e-5).worstPriorShare(), within(1e-10));
        assertThat(new RewardBound(0).worstPriorShare()).isEqualTo(0.5);
        assertThat(new RewardBound(0).worstKl()).isZero();
        assertThat(new RewardBound(5000).worstKl()).isFinite().isLessThan(5000);
    }

    @Test
    void smallBetaIsNotMild() {
        assertThat(RewardBound.of(1, 0.02).kl()).isEqualTo(50);
        assertThat(RewardBound.of(0, 1).kl()).isZero();
    }

    @Test
    void refusesWhatIsNoRange() {
        assertThatThrownBy(() -> RewardBound.of(-1, 1)).hasMessage("range is -1.0; it must be finite and not negative");
        assertThatThrownBy(() -> RewardBound.of(Double.NaN, 1)).hasMessageContaining("range is NaN");
        assertThatThrownBy(() -> RewardBound.of(1, 0)).hasMessage("beta is 0.0; it must be finite and positive");
        assertThatThrownBy(() -> RewardBound.of(1, Double.NaN)).hasMessageContaining("beta is NaN");
        assertThatThrownBy(() -> new RewardBound(Double.NaN)).hasMessage("logRatio is NaN; it must not be negative");
    }
}
