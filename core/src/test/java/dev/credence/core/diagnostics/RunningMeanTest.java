package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RunningMeanTest {
    @Test
    void hasNoVarianceBeforeTheSecondDraw() {
        RunningMean mean = new RunningMean();
        assertThat(mean.result().mean()).isNaN();
        mean.add(3);
        assertThat(mean.result().mean()).isEqualTo(3);
        assertThat(mean.result().standardError()).isNaN();
        mean.add(5);
        assertThat(mean.result()).isEqualTo(new SampleMean(4, 2, 2));
        assertThat(mean.result().standardError()).isEqualTo(1);
    }

    @Test
    void mergesAsIfOneHadSeenAll() {
        SplittableRandom random = new SplittableRandom(2);
        for (int parts = 1; parts < 5; parts++) {
            RunningMean whole = new RunningMean();
            RunningMean merged = new RunningMean();
            for (int p = 0; p < parts; p++) {
                RunningMean part = new RunningMean();
                for (int i = 0; i < 10 * p; i++) { // the first is empty
                    double value = 1e6 + random.nextGaussian();
                    whole.add(value);
                    part.add(value);
                }
                merged.add(part);
            }
            assertThat(merged.result().count()).isEqualTo(whole.result().count());
            if (parts > 1) {
                assertThat(merged.result().mean()).isCloseTo(whole.result().mean(), within(1e-9));
                assertThat(merged.result().variance()).isCloseTo(whole.result().variance(), within(1e-9));
            }
        }
    }

    @Test
    void momentsIgnoreWhatCannotHappen() {
        MeanAndVariance moments = MeanAndVariance.of(new double[] {1, 3, Double.NaN}, new double[] {0.5, 0.5, 0});
        assertThat(moments).isEqualTo(new MeanAndVariance(2, 1));
        assertThat(new MeanAndVariance(0, 4).standardDeviation()).isEqualTo(2);
        assertThatThrownBy(() -> MeanAndVariance.of(new double[2], new double[3]))
                .hasMessage("2 values for 3 probabilities");
    }
}
