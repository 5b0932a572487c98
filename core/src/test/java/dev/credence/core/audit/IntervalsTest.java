package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class IntervalsTest {
    private static void assertEnds(Figure.Scale scale, double estimate, double half, double lower, double upper) {
        Intervals.Limits ends = Intervals.of(scale, estimate, half);
        assertThat(ends.lower()).isCloseTo(lower, within(1e-12));
        assertThat(ends.upper()).isCloseTo(upper, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN, 2, .5, 1.5, 2.5",
        "PLAIN, -1, 3, -4, 2",
        "CUBE_ROOT, 8, 6, 3.375, 15.625", // root 2 ± 6/(3·2²)
        "CUBE_ROOT, 8, 8, 2.370370370370370, 18.962962962962962", // root 2 ± 2/3
        "CUBE_ROOT, 8, 36, 0, 57.33333333333333", // below zero there is nothing; 8 + 36 · 37/27 above
        "CUBE_ROOT, 27, 81, 0, 138", // 27 + 81 · 37/27
        "LOG, 2, 1.3862943611198906, 1, 4", // a factor e^(2 ln 2 / 2)
        "SQUARE_ROOT, 4, 2, 2.25, 6.25", // 2 ± ½
        "SQUARE_ROOT, .04, .2, 0, .49", // .2 ± .5, and no root of a negative
        "SHARE, .25, .20598980412527057, .0717967697244908, .45862563410777685", // artanh ½ = ½ ln 3, ± half of it
        "LOGIT, .5, .27465307216702745, .25, .75", // log-odds 0 ± ln 3
        "LOGIT, .8, .11090354888959125, .6666666666666667, .8888888888888888", // odds 4: from 2 to 8
    })
    void eachScaleIsSymmetricInItsOwnTerms(
            Figure.Scale scale, double estimate, double half, double lower, double upper) {
        assertEnds(scale, estimate, half, lower, upper);
    }

    /** Where the scale has no slope, the half-width is taken as it is, within the figure's range. */
    @ParameterizedTest
    @CsvSource({
        "CUBE_ROOT, 0, .3, 0, .3",
        "LOG, 0, .3, 0, .3",
        "LOGIT, 0, .25, 0, .25",
        "LOGIT, 0, 1.5, 0, 1",
        "LOGIT, 1, .25, .75, 1",
        "LOGIT, 1, 1.5, 0, 1",
    })
    void anEstimateAtTheEdgeOfItsScaleHasAnEndThere(
            Figure.Scale scale, double estimate, double half, double lower, double upper) {
        assertEnds(scale, estimate, half, lower, upper);
    }

    @ParameterizedTest
    @EnumSource(Figure.Scale.class)
    void withoutAnErrorTheIntervalIsThePoint(Figure.Scale scale) {
        assertThat(Intervals.of(scale, 1, 0)).isEqualTo(new Intervals.Limits(1, 1));
        assertThat(Intervals.of(scale, 0, 0)).isEqualTo(new Intervals.Limits(0, 0));
    }

    @Test
    void anUnknownErrorHasNoEnds() {
        for (Figure.Scale scale : Figure.Scale.values()) {
            assertThat(Intervals.of(scale, 0.5, Double.NaN)).isEqualTo(new Intervals.Limits(Double.NaN, Double.NaN));
        }
    }
}
