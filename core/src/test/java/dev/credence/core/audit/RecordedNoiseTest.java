package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.Vectors;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A reward that is recorded with noise: docs/theory.md#noise-in-the-reward. */
class RecordedNoiseTest {
    /** Three points of mean 0 and variance 1, as Gauss and Hermite place them. */
    private static final double[] POINTS = {-Math.sqrt(3), 0, Math.sqrt(3)};

    private static final double[] MASSES = {1 / 6.0, 2 / 3.0, 1 / 6.0};

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"\"E.tau2_0.25\", 0.25", "\"E.tau2_1.0\", 1"})
    void shrinksTheSlopeByTheShareOfTheVarianceThatIsReal(String key, double noiseVariance) {
        List<String> names = new ArrayList<>();
        double[] prior = new double[9];
        double[] real = new double[9];
        double[] recorded = new double[9];
        for (int i = 0; i < 9; i++) {
            names.add("text " + i);
            prior[i] = Math.log(MASSES[i / 3] * MASSES[i % 3]);
            real[i] = POINTS[i / 3];
            recorded[i] = real[i] + Math.sqrt(noiseVariance) * POINTS[i % 3];
        }
        double[] policy = new double[9];
        Arrays.setAll(policy, i -> prior[i] + 2 * real[i]);
        StepAudit audit = Audit.of(
                TableModel.of(Distribution.ofLogWeights(names, prior)),
                TableModel.of(Distribution.ofLogWeights(names, policy)),
                Map.of("reward", (prompt, text) -> recorded[names.indexOf(text)]),
                Logs.options(1.0));

        double slope = Objects.requireNonNull(audit.findings().get("copies.prior_slope"))
                .estimate();
        Vectors.assertVector(slope, key);
        assertThat(slope).isLessThan(2);
    }
}
