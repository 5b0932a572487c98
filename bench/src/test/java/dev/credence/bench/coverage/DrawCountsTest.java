package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.bench.coverage.TextWorld.Rewards;
import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.RolloutLog;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Thinned and grouped draws are draws of the world")
class DrawCountsTest {
    private final SplittableRandom random = new SplittableRandom(4);
    private final List<Table> tables = new TextWorld(Rewards.LEVELS, 2_000, 3, 1, 3).tables(2, random);

    @Test
    void aboutAsManyAreKeptAsWanted() {
        RolloutLog log = new DrawCounts(20_000, 500, 4_000, 1_000, 1).draw(tables, 3, random);
        double[] records = new double[2];
        double[] drawn = new double[2];
        RolloutLog.Kept kept = Objects.requireNonNull(log.columns().kept());
        for (int i = 0; i < log.size(); i++) {
            byte source = log.columns().source()[i];
            double own = source == RolloutLog.PRIOR ? kept.prior()[i] : kept.policy()[i];
            assertThat(own).isGreaterThan(0).isLessThanOrEqualTo(1);
            records[source] += 0.5;
            drawn[source] += 0.5 / own;
        }

        assertThat(records[RolloutLog.PRIOR]).isCloseTo(500, within(80.0));
        assertThat(records[RolloutLog.POLICY]).isCloseTo(1_000, within(120.0));
        assertThat(drawn[RolloutLog.PRIOR]).isCloseTo(20_000, within(4_000.0));
        assertThat(drawn[RolloutLog.POLICY]).isCloseTo(4_000, within(600.0));
        assertThat(log.prompts())
                .allSatisfy(prompt -> assertThat(prompt.draws()).isEqualTo(new RolloutLog.Draws(20_000, 4_000)));
    }

    @Test
    void highRewardsAreKeptMoreOften() {
        RolloutLog log = DrawCounts.thinned(20_000, 500, 100).draw(tables, 3, random);
        RolloutLog.Kept kept = Objects.requireNonNull(log.columns().kept());
        double low = 0;
        double high = 0;
        for (int i = 0; i < log.size(); i++) {
            low = log.columns().rewards()[0][i] == 0 ? kept.prior()[i] : low;
            high = log.columns().rewards()[0][i] == 1 ? kept.prior()[i] : high;
        }
        assertThat(high).isGreaterThan(3 * low);
        assertThat(low).isGreaterThanOrEqualTo(0.25 * 500 / 20_000);
    }

    @Test
    void membersOfAGroupAreAlikeAndMarked() {
        List<Table> sorted = tables.stream().map(TextWorld::sorted).toList();
        RolloutLog log = new DrawCounts(4_000, 4_000, 4_000, 4_000, 8).draw(sorted, 3, random);
        int[] group = Objects.requireNonNull(log.columns().group());
        assertThat(java.util.Arrays.stream(group).distinct().count()).isEqualTo(2 * 2 * 500);

        double within = 0;
        double across = 0;
        for (int i = 0; i + 8 < log.size(); i += 8) {
            within += Math.abs(ratio(log, i) - ratio(log, i + 1));
            across += Math.abs(ratio(log, i) - ratio(log, i + 8));
        }
        assertThat(within).isLessThan(0.9 * across);
    }

    @Test
    void aGroupMethodLeavesStandardisedRewardsAndNoGroups() {
        DrawCounts sampling = new DrawCounts(80, 80, 80, 80, 8);
        RolloutLog named = sampling.draw(tables, 3, random);
        RolloutLog log = sampling.unnamed(named);
        double[] reward = log.columns().rewards()[0];
        assertThat(log.columns().group()).isNull();
        for (int from = 0; from < log.size(); from += 8) {
            double[] own = java.util.Arrays.copyOfRange(reward, from, from + 8);
            if (log.columns().source()[from] == RolloutLog.PRIOR) {
                assertThat(own)
                        .containsExactly(
                                java.util.Arrays.copyOfRange(named.columns().rewards()[0], from, from + 8));
            } else {
                double square = java.util.Arrays.stream(own).map(r -> r * r).sum();
                assertThat(java.util.Arrays.stream(own).sum()).isCloseTo(0, within(1e-9));
                assertThat(square == 0 ? 8 : square).isCloseTo(8, within(1e-9)); // all alike: zeros
            }
        }
    }

    private static double ratio(RolloutLog log, int i) {
        return log.columns().logPolicy()[i] - log.columns().logPrior()[i];
    }

    @Test
    void plainDrawsAreRecords() {
        RolloutLog log = DrawCounts.plain(30, 20).draw(tables, 3, random);

        assertThat(log.size()).isEqualTo(100);
        assertThat(log.columns().kept()).isNull();
        assertThat(log.columns().group()).isNull();
    }
}
