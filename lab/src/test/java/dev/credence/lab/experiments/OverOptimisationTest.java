package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverOptimisationTest {
    private static Map<String, Finding> run(Map<String, String> settings) {
        OverOptimisation experiment = new OverOptimisation();
        return experiment
                .run(ExperimentSettings.of(experiment, settings), line -> {})
                .findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    @Test
    void fittedDistancesMustDiffer() {
        for (String distances : new String[] {"1,1,1,1", "2,1,2,30", ".001,.001,.001,30"}) {
            assertThatThrownBy(() -> run(Map.of("distances", distances)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the fitted ones must differ");
        }
    }

    /** Both forms hold a straight line: which errs less is rounding. */
    @Test
    void aStraightLineIsForetoldByBothForms() {
        assertThat(run(Map.of("gold.square", "0")).get("better_form").stands()).isFalse();
        assertThat(run(Map.of("gold.square", "0", "gold.linear", "-1"))
                        .get("better_form")
                        .stands())
                .isFalse();
        assertThat(run(Map.of()).get("better_form").stands()).isTrue();
        OverOptimisation experiment = new OverOptimisation();
        String nothing = experiment
                .run(ExperimentSettings.of(experiment, Map.of("gold.square", "0", "gold.linear", "0")), line -> {})
                .conclusion();
        assertThat(nothing).contains("no gold reward but 0").doesNotContain("falls beyond");
    }

    @Test
    void theKnownWorldIsRecovered() {
        Map<String, Finding> f = run(Map.of());
        assertThat(estimate(f, "fit.tilt.alpha")).isCloseTo(Math.sqrt(.5), within(1e-9));
        assertThat(estimate(f, "fit.tilt.beta")).isCloseTo(.1, within(1e-9));
        assertThat(estimate(f, "peak.d")).isCloseTo(3.53553391, within(1e-8));
        assertThat(estimate(f, "peak.gold")).isCloseTo(1.25, within(1e-9));
        assertThat(estimate(f, "better_form")).isEqualTo(1);
        assertThat(estimate(f, "bon.1.kl")).isZero();
        assertThat(estimate(f, "bon.4.kl")).isCloseTo(.63629436, within(1e-8));
        assertThat(estimate(f, "bon.4.departure_share"))
                .as("one minus the Bayes fraction of the best of four normal draws")
                .isCloseTo(1 - .83264423, within(1e-8));
        assertThat(estimate(f, "bon.64.kl")).isCloseTo(estimate(f, "bon.64.kl_formula"), within(1e-7));
    }

    @Test
    void formsThatFitAlikeAreNotRanked() {
        OverOptimisation experiment = new OverOptimisation();
        ExperimentResult result =
                experiment.run(ExperimentSettings.of(experiment, Map.of("gold.square", "0")), line -> {});
        assertThat(result.findings().get("better_form").stands())
                .as("both errors are rounding")
                .isFalse();
        assertThat(result.conclusion())
                .contains("foretold equally by d(α − βd) and d(α − β log d)")
                .as("nothing falls")
                .doesNotContain("the fall is");
    }

    @ParameterizedTest
    @CsvSource({".5, .05, 0", "1, .2, .7", "2, 0, 1.5", ".3, .01, 2"})
    void theFormulaHoldsForOtherSettings(double linear, double square, double noise) {
        Map<String, Finding> f = run(Map.of(
                "gold.linear", String.valueOf(linear),
                "gold.square", String.valueOf(square),
                "noise", String.valueOf(noise),
                "n", "1,2,8,100",
                "seed", "7"));
        double variance = 1 + noise * noise;
        assertThat(estimate(f, "fit.tilt.alpha")).isCloseTo(Math.sqrt(2 / variance) * linear, within(1e-9));
        assertThat(estimate(f, "fit.tilt.beta")).isCloseTo(2 * square / variance, within(1e-9));
        assertThat(estimate(f, "bon.1.gold_exact")).isCloseTo(0, within(1e-9));
        assertThat(estimate(f, "bon.2.gold_exact"))
                .as("the mean of the larger of two normal draws is 1/√π, its mean square 1")
                .isCloseTo(linear / Math.sqrt(Math.PI * variance), within(1e-9));
    }

    /** The control: without the square term nothing is over-optimised. */
    @Test
    void withoutWhatTakesBackThereIsNoHump() {
        Map<String, Finding> f = run(Map.of("gold.square", "0"));
        assertThat(estimate(f, "peak.d")).isInfinite();
        assertThat(estimate(f, "bon.256.gold_exact")).isGreaterThan(estimate(f, "bon.64.gold_exact"));
    }

    /** Of 60 intervals at 95 % seven misses or fewer are to be expected. */
    @Test
    void theEstimatorsIntervalsCoverTheExactGold() {
        int missed = 0;
        for (int seed = 1; seed <= 20; seed++) {
            Map<String, Finding> f =
                    run(Map.of("seed", Integer.toString(seed), "n", "2,16,128", "pool", "8000", "noise", ".5"));
            for (String n : new String[] {"2", "16", "128"}) {
                Finding gold = f.get("bon." + n + ".gold");
                double exact = estimate(f, "bon." + n + ".gold_exact");
                missed += gold.lower() <= exact && exact <= gold.upper() ? 0 : 1;
            }
        }
        assertThat(missed).isLessThanOrEqualTo(8);
    }

    @Test
    void refusesAPoolThatIsTooSmall() {
        assertThatThrownBy(() -> run(Map.of("n", "1000", "pool", "4000")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("pool is 4000; it must be at least 20000");
    }
}
