package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SeedIntervalTest {
    /** Of n draws that agree, n · q is what none of them shows: (1 − q)ⁿ = 0.025. */
    @Test
    void seedsThatAgreeLeaveRoomForOthers() {
        for (int n : new int[] {2, 3, 20}) {
            double[] values = new double[n];
            Arrays.fill(values, .8);
            double others = 1 - Math.pow(.025, 1.0 / n);
            SeedInterval interval = SeedInterval.within(values, 0, 1);
            assertThat(interval.lower()).isCloseTo(.8 * (1 - others), within(1e-9));
            assertThat(interval.mean()).isEqualTo(.8);
            assertThat(interval.upper()).isCloseTo(.8 + .2 * others, within(1e-9));
        }
        assertThat(SeedInterval.within(new double[] {1, 1, 1}, 0, 1).upper()).isEqualTo(1);
        SeedInterval rounded = SeedInterval.within(new double[] {.8, .8 + 1e-16, .8 - 1e-16}, 0, 1);
        assertThat(rounded.lower()).as("apart by rounding, they agree").isLessThan(.3);
    }

    @Test
    void seedsThatDifferHaveStudentsIntervalWithinTheBounds() {
        SeedInterval free = SeedInterval.of(new double[] {.8, .9});
        assertThat(free.upper()).isGreaterThan(1);
        assertThat(SeedInterval.within(new double[] {.8, .9}, 0, 1))
                .isEqualTo(new SeedInterval(Math.max(0, free.lower()), free.mean(), 1))
                .isEqualTo(free.bounded(0, 1));
        SeedInterval wide = SeedInterval.of(new double[] {.80, .81, .79});
        assertThat(SeedInterval.within(new double[] {.80, .81, .79}, 0, 1)).isEqualTo(wide);
    }

    /** Runs that are stopped at one KL agree but for rounding: that is no interval. */
    @Test
    void roundingIsNoWidth() {
        Finding stopped = ExperimentResult.builder()
                .estimated("a", "Where?", new SeedInterval(.1 - 1e-16, .1, .1 + 1e-16), "nats")
                .figure("a");
        assertThat(stopped.lower()).isEqualTo(.1).isEqualTo(stopped.upper());
        assertThat(stopped.interval()).contains("all runs agree");
        Finding wide = ExperimentResult.builder()
                .estimated("a", "Where?", new SeedInterval(.09, .1, .11), "nats")
                .figure("a");
        assertThat(wide.lower()).isEqualTo(.09);
        assertThat(wide.upper()).isEqualTo(.11);
    }

    @Test
    void oneValueAloneHasNoWidth() {
        assertThat(SeedInterval.within(new double[] {.3}, 0, 1)).isEqualTo(SeedInterval.at(.3));
    }
}
