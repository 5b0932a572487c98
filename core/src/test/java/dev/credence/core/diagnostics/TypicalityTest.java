package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.List;
import java.util.Map;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypicalityTest {
    private static final Distribution FOUR = Distribution.of(Map.of("a", .4, "b", .3, "c", .2, "d", .1, "never", 0.0));

    @Test
    void entropyAndDeviationArePlainSums() {
        double entropy = 0;
        double square = 0;
        for (double p : new double[] {.4, .3, .2, .1}) {
            entropy -= p * Math.log(p);
            square += p * Math.log(p) * Math.log(p);
        }
        Typicality typicality = Typicality.of(FOUR);
        assertThat(typicality.entropy()).isCloseTo(entropy, within(1e-12));
        assertThat(typicality.deviation()).isCloseTo(Math.sqrt(square - entropy * entropy), within(1e-12));
        double mean = -Math.log(.1);
        assertThat(typicality.z(mean, 9))
                .isCloseTo((mean - entropy) * 3 / Math.sqrt(square - entropy * entropy), within(1e-12));
    }

    /** Prompts differ in entropy; that is no spread of a text's own surprise. */
    @Test
    void eachPromptHasItsOwnEntropy() {
        Distribution even = Distribution.uniform(List.of("x", "y"));
        Typicality both = Typicality.of(TableModel.of(Map.of("p", FOUR, "q", even), Map.of("p", 1.0, "q", 3.0)));
        Typicality alone = Typicality.of(FOUR);
        assertThat(both.entropy()).isCloseTo(.25 * alone.entropy() + .75 * Math.log(2), within(1e-12));
        assertThat(both.deviation()).isCloseTo(.5 * alone.deviation(), within(1e-12));
        assertThat(Typicality.of(even).deviation()).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, .3, -1.96, 4, -12})
    void pValuesAreTheNormalsTails(double z) {
        double tails = 2 * new NormalDistribution().cumulativeProbability(-Math.abs(z));
        assertThat(Typicality.pValue(z)).isCloseTo(tails, within(1e-14));
    }

    @Test
    void whatThePriorExcludesIsImpossibleToTakeForIt() {
        assertThat(Typicality.pValue(Double.POSITIVE_INFINITY)).isZero();
        assertThat(Typicality.pValue(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(Typicality.pValue(Double.NaN)).isNaN();
    }
}
