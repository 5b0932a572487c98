package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PlotDataTest {
    private static final Distribution PRIOR = Distribution.ofLogWeights(List.of("a", "b"), new double[] {0, -1});
    private static final Distribution POLICY = Distribution.ofLogWeights(List.of("a", "b"), new double[] {0, 1});

    private static void assertMasses(Plots plots) {
        assertThat(plots.bins().stream().mapToDouble(Plots.Bin::prior).sum()).isCloseTo(1, within(1e-12));
        assertThat(plots.bins().stream().mapToDouble(Plots.Bin::posterior).sum())
                .isCloseTo(1, within(1e-12));
        assertThat(plots.bins().stream().mapToDouble(Plots.Bin::policy).sum()).isCloseTo(1, within(1e-12));
    }

    @Test
    void aBarARewardWhereThereAreFew() {
        Plots plots = Audit.of(
                        Logs.of(Logs.draw(
                                "q", PRIOR, POLICY, new double[] {-1, 2}, new int[] {50, 50}, new SplittableRandom(1))),
                        Logs.options(1.0))
                .plots();
        assertThat(plots.bins()).extracting(Plots.Bin::low).containsExactly(-1.0, 2.0);
        assertThat(plots.bins()).extracting(Plots.Bin::high).containsExactly(-1.0, 2.0);
        assertMasses(plots);
        // two atoms: the policy is a member, and every point lies on the fitted line
        for (Plots.Point point : plots.points()) {
            assertThat(point.logRatio()).isCloseTo(plots.fittedSlope() * point.reward(), within(1e-9));
        }
    }

    @Test
    void rangesWhereThereAreManyAndASampleOfTheRecords() {
        RandomGenerator random = new SplittableRandom(2);
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            double reward = random.nextGaussian();
            double logRatio = 0.5 * reward - 0.125;
            rows.add(new Logs.Row("q", i % 2, reward, -9, -9 + logRatio));
        }
        Plots plots = Audit.of(Logs.of(rows), Logs.options(1.0)).plots();
        assertThat(plots.bins()).hasSize(24);
        assertMasses(plots);
        assertThat(plots.points().size()).isBetween(1_300, 1_700);
    }
}
