package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report's bars by hand, and its sample of records. */
class PlotBarsTest {
    private static Plots plots(int records, int different, long seed) {
        return Audit.of(
                        log(records, different),
                        new AuditOptions(
                                .5, "reward", dev.credence.core.evidence.RewardType.SCORE, List.of(), null, seed))
                .plots();
    }

    /** So many records with so many different rewards from −2 on (0 for a reward of its own each), in two prompts. */
    private static RolloutLog log(int records, int different) {
        RandomGenerator random = new SplittableRandom(3);
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            double reward = different > 0 ? -2 + i % different : -2 + 10.0 * i / (records - 1);
            rows.add(new Logs.Row(
                    i < records / 3 ? "p" : "q", i % 2, reward, -4, -4 + 0.1 * reward + 0.2 * random.nextGaussian()));
        }
        return Logs.of(rows);
    }

    @Test
    void upToTwentyFourRewardsHaveABarEach() {
        Plots few = plots(480, 24, 1);
        assertThat(few.bins()).hasSize(24);
        for (int k = 0; k < 24; k++) {
            assertThat(few.bins().get(k).low()).isEqualTo(k - 2);
            assertThat(few.bins().get(k).high()).isEqualTo(k - 2);
        }
        Plots many = plots(500, 25, 1);
        assertThat(many.bins()).hasSize(24);
        for (int k = 0; k < 24; k++) { // −2 to 22 in 24 equal ranges: all but the last hold one reward, that one two
            assertThat(many.bins().get(k).low()).isEqualTo(k - 2);
            assertThat(many.bins().get(k).high()).isEqualTo(k - 1);
        }
        assertThat(many.bins().get(23).prior())
                .isGreaterThan(1.5 * many.bins().get(22).prior());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 24, 25})
    void barsHoldTheMassesOfTheirRanges(int different) {
        RolloutLog log = log(600, different);
        Plots plots = plots(600, different, 1);
        double lambda = plots.fittedSlope();
        for (int k = 0; k < plots.bins().size(); k++) {
            Plots.Bin bin = plots.bins().get(k);
            boolean last = k + 1 == plots.bins().size();
            double[] mass = new double[3];
            for (RolloutLog.Prompt prompt : log.prompts()) {
                Atoms atoms = new LogAtoms(log, prompt, 1, 0);
                double[] z = new double[1];
                atoms.forEachBlock(block -> {
                    for (int i = 0; i < block.count; i++) {
                        z[0] += block.u[i] * Math.exp(lambda * block.reward[i]);
                    }
                });
                atoms.forEachBlock(block -> {
                    for (int i = 0; i < block.count; i++) {
                        double r = block.reward[i];
                        boolean inside =
                                bin.low() == bin.high() ? r == bin.low() : r >= bin.low() && (r < bin.high() || last);
                        if (inside) {
                            mass[0] += block.u[i] / 2; // two prompts of equal weight
                            mass[1] += block.u[i] * Math.exp(lambda * r) / z[0] / 2;
                            mass[2] += block.v[i] / 2;
                        }
                    }
                });
            }
            assertThat(bin.prior()).as("bar " + k).isCloseTo(mass[0], within(1e-12));
            assertThat(bin.posterior()).as("bar " + k).isCloseTo(mass[1], within(1e-12));
            assertThat(bin.policy()).as("bar " + k).isCloseTo(mass[2], within(1e-12));
        }
        assertThat(plots.askedSlope()).isEqualTo(2);
    }

    @Test
    void aSmallLogIsDrawnWhole() {
        assertThat(plots(1500, 3, 1).points()).hasSize(1500);
        assertThat(plots(1501, 3, 1).points().size()).isLessThan(1501).isGreaterThan(1400);
    }

    @Test
    void theSampleFollowsTheSeedAndSpreadsEvenly() {
        Plots one = plots(15_000, 3, 1);
        assertThat(plots(15_000, 3, 1).points()).isEqualTo(one.points());
        assertThat(plots(15_000, 3, 2).points()).isNotEqualTo(one.points());
        // a tenth of each reward and source, with four standard deviations of a binomial
        for (String source : List.of("prior", "policy")) {
            for (double reward = -2; reward <= 0; reward++) {
                double r = reward;
                long drawn = one.points().stream()
                        .filter(p -> p.reward() == r && p.source().equals(source))
                        .count();
                assertThat(drawn).isBetween(250 - 60L, 250 + 60L);
            }
        }
    }
}
