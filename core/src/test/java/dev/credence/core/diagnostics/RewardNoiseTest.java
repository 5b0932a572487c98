package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.Vectors;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.hipparchus.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RewardNoiseTest {
    static Stream<Arguments> noises() {
        return Stream.of(arguments("E.tau2_0.25", 0.25), arguments("E.tau2_1.0", 1.0));
    }

    @ParameterizedTest
    @MethodSource("noises")
    void attenuatesAsTheSheetSays(String key, double noiseVariance) {
        Vectors.assertVector(new RewardNoise(1, noiseVariance).attenuated(2), key);
        RewardNoise recorded = RewardNoise.ofRecorded(1 + noiseVariance, noiseVariance);
        assertThat(recorded.corrected(Vectors.number(key))).isCloseTo(2, within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("noises")
    void aRegressionFindsTheAttenuatedSlope(String key, double noiseVariance) {
        SplittableRandom random = new SplittableRandom(4);
        SimpleRegression regression = new SimpleRegression();
        for (int i = 0; i < 40_000; i++) {
            double reward = random.nextGaussian();
            regression.addData(reward + Math.sqrt(noiseVariance) * random.nextGaussian(), 2 * reward);
        }
        assertThat(regression.getSlope()).isCloseTo(Vectors.number(key), within(4 * regression.getSlopeStdErr()));
    }

    @Test
    void refusesWhatIsNoVariance() {
        assertThat(new RewardNoise(3, 0).attenuation()).isEqualTo(1);
        assertThatThrownBy(() -> new RewardNoise(0, 1)).hasMessage("variance is 0.0; it must be finite and positive");
        assertThatThrownBy(() -> new RewardNoise(1, -1)).hasMessage("noiseVariance is -1.0; it must not be negative");
        assertThatThrownBy(() -> new RewardNoise(1, Double.NaN)).hasMessageContaining("noiseVariance is NaN");
        assertThatThrownBy(() -> RewardNoise.ofRecorded(1, 1.5)).hasMessageContaining("variance is -0.5");
    }
}
