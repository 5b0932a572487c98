package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalPlanTest {
    /** The interval that four times the records would give, worked out on each figure's scale. */
    @ParameterizedTest
    @CsvSource({
        "log_z, 1, 3, 5, 2", // plain: half the width
        "copies.moment_match.population, 1, 3, 5, 2",
        "kl.departure, 1, 2, 4, 1.4142135623730951", // log: factor 2 becomes √2, so √2·2 − 2/√2
        "kl.policy_prior, 1, 3.375, 8, 3.40625", // cube root: 1..2 becomes 1.25..1.75
        "kl.policy_prior, 0, 1, 8, 3.25", // clipped at 0: the upper end tells the width; 1 ± 1/2 on the cube root's
        // scale
        "bayes_fraction, 0.2, 0.5, 0.8, 0.31455167841935144", // artanh of the root: .481..1.444 becomes .722..1.203
        "unheard.of, 1, 3, 5, 2",
    })
    void fourTimesTheRecordsHalveTheWidthOnTheFiguresScale(
            String id, double lower, double estimate, double upper, double expected) {
        IntervalPlan plan = IntervalPlan.of(finding(id, lower, estimate, upper));
        assertThat(plan.width(4)).isCloseTo(expected, within(1e-12));
        assertThat(plan.growth(expected)).isCloseTo(4, within(1e-9));
    }

    /** What is lopsided is of second order: one to the left and three to the right are 1/2 and 1/2 + 2/4 with four times as many. */
    @Test
    void biasAndSkewnessShrinkWithTheRecordsThemselves() {
        IntervalPlan plan = IntervalPlan.of(finding("log_z", 2, 3, 6));
        assertThat(plan.width(1)).isCloseTo(4, within(1e-12));
        assertThat(plan.width(4)).isCloseTo(.5 + 1, within(1e-12));
        assertThat(plan.growth(1.5)).isCloseTo(4, within(1e-9));
        assertThat(IntervalPlan.of(finding("log_z", 2, 7, 6)).width(4)).isCloseTo(2, within(1e-12)); // estimate outside
    }

    @Test
    void theWidthOfThePilotTakesThePilotsRecords() {
        IntervalPlan plan = IntervalPlan.of(finding("bayes_fraction", .4, .5, .7));
        assertThat(plan.growth(.3)).isCloseTo(1, within(1e-9));
        assertThat(plan.growth(.5)).isLessThan(1);
    }

    @Test
    void refusesWhatHasNoWidth() {
        assertThatThrownBy(() -> IntervalPlan.of(finding("log_z", 2, 2, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("interval of log_z is [2.0, 2.0]; a plan needs two finite ends that differ");
        assertThatThrownBy(() -> IntervalPlan.of(finding("log_z", Double.NaN, 2, 3)))
                .hasMessageContaining("two finite ends");
        assertThatThrownBy(() -> IntervalPlan.of(finding("log_z", 1, 2, 3)).growth(0))
                .hasMessage("width is 0.0; it must be positive");
        assertThatThrownBy(() -> IntervalPlan.of(finding("log_z", 1, 2, 3)).growth(Double.NaN))
                .hasMessage("width is NaN; it must be positive");
    }

    private static Finding finding(String id, double lower, double estimate, double upper) {
        return new Finding(id, "?", lower, estimate, upper, Grade.ESTIMATED, "nats", "influence", null);
    }
}
