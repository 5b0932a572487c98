package dev.credence.core.probability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Shares of weights, those included whose sum is no number. */
class WeightSumTest {
    @Test
    void sharesAddUpToOne() {
        for (double unit : new double[] {1, 1e308, 3e-308}) {
            double[] weights = {unit, .5 * unit, .25 * unit};
            WeightSum sum = WeightSum.of(weights);
            assertThat(sum.share(weights[0])).as("of %s", unit).isCloseTo(4. / 7, within(1e-15));
            assertThat(sum.share(weights[2])).as("of %s", unit).isCloseTo(1. / 7, within(1e-15));
        }
    }

    @Test
    void aModelsPromptsHaveThem() {
        Distribution any = Distribution.of(Map.of("a", 1.0));
        TableModel model = TableModel.of(Map.of("p", any, "q", any), Map.of("p", 1.5e308, "q", .5e308));
        assertThat(model.weight("p")).isEqualTo(.75);
        assertThat(model.weight("q")).isEqualTo(.25);
    }
}
