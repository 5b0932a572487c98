package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.bench.coverage.World.Family;
import dev.credence.bench.coverage.World.Kind;
import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.RolloutLog;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A world's truth is that of its tables, and its logs are drawn from them")
class WorldTest {
    @Test
    void truthIsTheClosedForm() {
        double e = Math.exp(2);
        World world = new World(
                Kind.TABLE,
                Family.MEMBER,
                List.of(new Table(new double[] {3, 1}, new double[] {3, e}, new double[] {0, 1})),
                1);
        double p = e / (3 + e);

        assertThat(estimate(world, "copies.moment_match")).isCloseTo(2, within(1e-9));
        assertThat(estimate(world, "kl.departure")).isCloseTo(0, within(1e-12));
        assertThat(estimate(world, "kl.policy_prior"))
                .isCloseTo(p * Math.log(p / 0.25) + (1 - p) * Math.log((1 - p) / 0.75), within(1e-12));
        assertThat(estimate(world, "log_z")).isCloseTo(Math.log(0.75 + 0.25 * Math.E), within(1e-12));
    }

    @Test
    void exactMembersHaveNoDeparture() {
        SplittableRandom random = new SplittableRandom(5);
        List<World> members = IntStream.range(0, 300)
                .mapToObj(i -> WorldDrawer.draw(3, random))
                .filter(world -> world.family() == Family.MEMBER && world.kind() == Kind.TABLE)
                .toList();

        assertThat(members)
                .hasSizeGreaterThan(20)
                .allSatisfy(world -> assertThat(estimate(world, "kl.departure")).isLessThan(1e-12));
    }

    @Test
    void logHasTheTablesFrequencies() {
        Table table = new Table(new double[] {0.5, 0.3, 0.2}, new double[] {0.2, 0.3, 0.5}, new double[] {0, 1, 2});
        World world = new World(Kind.TABLE, Family.LOG_NORMAL, List.of(table, table), 1);
        RolloutLog log = world.draw(40_000, 20_000, new SplittableRandom(1));

        assertThat(log.size()).isEqualTo(120_000);
        double[] mean = new double[2];
        for (int i = 0; i < log.size(); i++) {
            byte source = log.columns().source()[i];
            mean[source] += log.columns().rewards()[0][i] / (source == RolloutLog.PRIOR ? 80_000 : 40_000);
        }
        assertThat(mean[RolloutLog.PRIOR]).isCloseTo(0.7, within(0.02));
        assertThat(mean[RolloutLog.POLICY]).isCloseTo(1.3, within(0.02));
        double reward = log.columns().rewards()[0][0];
        assertThat(log.columns().logPrior()[0]).isCloseTo(Math.log(table.prior()[(int) reward]), within(1e-12));
        assertThat(log.columns().logPolicy()[0]).isCloseTo(Math.log(table.policy()[(int) reward]), within(1e-12));
    }

    private static double estimate(World world, String id) {
        return Objects.requireNonNull(world.truth().findings().get(id)).estimate();
    }
}
