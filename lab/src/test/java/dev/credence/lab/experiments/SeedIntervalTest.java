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
    void seedsThatDifferHaveStudentsIntervalAtLeastWithinTheBounds() {
        SeedInterval free = SeedInterval.of(new double[] {.8, .9});
        assertThat(free.upper()).isGreaterThan(1);
        SeedInterval bounded = SeedInterval.within(new double[] {.8, .9}, 0, 1);
        assertThat(bounded.lower())
                .isLessThanOrEqualTo(Math.max(0, free.lower()))
                .isNotNegative();
        assertThat(bounded.mean()).isEqualTo(free.mean());
        assertThat(bounded.upper()).isEqualTo(1);
        SeedInterval narrow = SeedInterval.of(new double[] {.500, .501, .499});
        SeedInterval within = SeedInterval.within(new double[] {.500, .501, .499}, 0, 1);
        assertThat(within.lower()).as("far from both bounds").isCloseTo(narrow.lower(), within(1e-5));
        assertThat(within.upper()).isCloseTo(narrow.upper(), within(1e-5));
        assertThat(SeedInterval.within(new double[] {.5, 2, 9}, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY))
                .as("without a bound")
                .isEqualTo(SeedInterval.of(new double[] {.5, 2, 9}));
    }

    /** Olsson's modified Cox interval, worked by hand: logarithms −1, 0, 1 have the mean 0 and the variance 1. */
    @Test
    void valuesThatAFactorSpreadsHaveTheLogNormalMeansUpperEnd() {
        double t = 4.302652729911275; // Student's 97.5 % at 2 degrees of freedom
        double[] values = {Math.exp(-1), 1, Math.E};
        double end = Math.exp(.5 + t * Math.sqrt(1 / 3.0 + 1 / 4.0));
        SeedInterval interval = SeedInterval.within(values, 0, Double.POSITIVE_INFINITY);
        assertThat(interval.upper())
                .isCloseTo(end, within(1e-3 * end))
                .isGreaterThan(SeedInterval.of(values).upper());
        assertThat(interval.lower()).isZero();
        assertThat(SeedInterval.within(new double[] {3 * values[0], 3, 3 * values[2]}, 0, Double.POSITIVE_INFINITY)
                        .upper())
                .as("in another unit")
                .isCloseTo(3 * end, within(3e-3 * end));
    }

    /** Three values skewed by .707 · .2 and more: a bound half of their range below the least, from which Cox's end is counted. */
    @Test
    void skewedValuesWithoutABoundHaveRoomOnTheirLongSide() {
        double[] values = {-3, -2, 3};
        double[] logs = {Math.log(3), Math.log(4), Math.log(9)}; // above −6
        double centre = (logs[0] + logs[1] + logs[2]) / 3;
        double variance = 0;
        for (double log : logs) {
            variance += (log - centre) * (log - centre) / 2;
        }
        variance = Math.min(variance, 3 * Math.pow(logs[2] - centre, 2) / 2);
        double end = -6
                + Math.exp(
                        centre + variance / 2 + 4.302652729911275 * Math.sqrt(variance / 3 + variance * variance / 4));
        SeedInterval interval = SeedInterval.of(values);
        assertThat(interval.upper()).isCloseTo(end, within(1e-2 * end));
        SeedInterval mirrored = SeedInterval.of(new double[] {3, 2, -3});
        assertThat(mirrored.lower()).isCloseTo(-interval.upper(), within(1e-9));
        assertThat(mirrored.upper()).isCloseTo(-interval.lower(), within(1e-9));
        double half = 4.302652729911275 / Math.sqrt(3);
        assertThat(SeedInterval.of(new double[] {-1, 0, 1}).upper())
                .as("even values have Student's")
                .isCloseTo(half, within(1e-3));
    }

    /** Shares near 1 mirror those near 0, and one on the bound is taken for half as far from it as the nearest. */
    @Test
    void sharesNearABoundHaveALongTailOnTheOtherSide() {
        SeedInterval high = SeedInterval.within(new double[] {.99, .97, .90}, 0, 1);
        SeedInterval low = SeedInterval.within(new double[] {.01, .03, .10}, 0, 1);
        assertThat(high.lower()).isCloseTo(1 - low.upper(), within(1e-9));
        assertThat(high.upper()).isCloseTo(1 - low.lower(), within(1e-9));
        assertThat(high.lower())
                .isLessThan(SeedInterval.of(new double[] {.99, .97, .90}).lower());
        assertThat(SeedInterval.within(new double[] {1, .98, .90}, 0, 1).lower())
                .isCloseTo(
                        SeedInterval.within(new double[] {.99, .98, .90}, 0, 1).lower(), within(.02));
        double[] coin = {1, 1, 0, 1};
        assertThat(SeedInterval.within(coin, 0, 1))
                .isEqualTo(SeedInterval.of(coin).bounded(0, 1));
    }

    /** Values that are one number but for a few digits near a bound have no logarithm that a double holds apart. */
    @Test
    void valuesAtTheLimitOfADoubleKeepStudents() {
        double[] values = {1, Math.nextDown(1.0), 1 - 1e-9};
        SeedInterval interval = SeedInterval.within(values, 0, 1);
        assertThat(interval.lower()).isLessThanOrEqualTo(interval.mean());
        assertThat(interval.upper()).isGreaterThanOrEqualTo(interval.mean()).isLessThanOrEqualTo(1);
    }

    /** 5 − 2 − 1 is 2; its ends are those of the whole less the other ends of the parts. */
    @Test
    void aRestReachesAsFarAsTheWholeAndThePartsAllow() {
        SeedInterval whole = new SeedInterval(4, 5, 7);
        SeedInterval rest = SeedInterval.ofRest(
                new double[] {1.9, 2, 2.1}, whole, new SeedInterval(1, 2, 2.5), new SeedInterval(.5, 1, 2));
        assertThat(rest.lower()).isCloseTo(4 - 2.5 - 2, within(1e-12));
        assertThat(rest.mean()).isCloseTo(2, within(1e-12));
        assertThat(rest.upper()).isCloseTo(7 - 1 - .5, within(1e-12));
        assertThat(SeedInterval.ofRest(new double[] {0, 0}, whole, whole)).isEqualTo(SeedInterval.at(0));
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
