package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RanksTest {
    private static final double Z = 1.959963984540054;

    /** The truth is 0; estimates scatter by one around a lean, and intervals take them to scatter by a number. */
    private static Ranks of(double lean, double stated, int count) {
        SplittableRandom random = new SplittableRandom(3);
        return Ranks.of(Stream.generate(() -> lean + random.nextGaussian())
                .map(x -> new Figure(x - Z * stated, x, x + Z * stated, 0, true))
                .limit(count)
                .toList());
    }

    @Test
    void rightIntervalsHaveUniformRanksAndWrongOnesAreNamed() {
        assertThat(of(0, 1, 1000).words()).isEqualTo("uniform");
        assertThat(of(0, 0.7, 1000).words()).isEqualTo("too narrow");
        assertThat(of(0, 1.5, 1000).words()).isEqualTo("wider than need be");
        assertThat(of(0.5, 1, 1000).words()).as("estimates too large").isEqualTo("high");
        assertThat(of(-0.5, 1, 1000).words()).isEqualTo("low");
        assertThat(of(0, 0.7, 40).words()).as("of few nothing is said").isEmpty();
        assertThat(of(0, 1, 1000).shares().split(" ")).hasSize(10);
    }

    @Test
    void aRankIsWhereTheEndsSayTheTruthIs() {
        assertThat(new Figure(1, 2, 4, 1, true).rank()).isCloseTo(.025, within(1e-9));
        assertThat(new Figure(1, 2, 4, 2, true).rank()).isCloseTo(.5, within(1e-9));
        assertThat(new Figure(1, 2, 4, 4, true).rank()).isCloseTo(.975, within(1e-9));
        assertThat(new Figure(0, 0, 1, -1, true).rank())
                .as("beyond an end that has no room")
                .isZero();
        assertThat(new Figure(2, 2, 2, 2, true).rank()).as("exact").isNaN();
        assertThat(new Figure(0, Double.NaN, 1, 0.5, true).rank())
                .as("a demand")
                .isNaN();
    }
}
