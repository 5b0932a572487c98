package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.bench.coverage.World.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Coverage of every printed interval: that what is counted is there, and that its truths are true. */
class IntervalStudyTest {
    private static double covered(int draws, String name, Supplier<Map<String, Figure>> drawer) {
        List<Figure> figures = new ArrayList<>();
        for (int i = 0; i < draws; i++) {
            figures.add(Objects.requireNonNull(drawer.get().get(name), name));
        }
        return Coverage.of(figures).covered();
    }

    /** Four standard errors of 95 % in 300 draws are 5 points. */
    @Test
    void seedsAndSharesAreCoveredWhereTheyAreNormalAndNotWhereTheyAreSkewed() {
        SplittableRandom random = new SplittableRandom(4);
        for (String name : new String[] {"mean of 5 seeds, normal", "share of 20 trials, 0.05"}) {
            assertThat(covered(300, name, () -> SeedIntervals.draw(random)))
                    .as(name)
                    .isGreaterThan(.9);
        }
        assertThat(covered(300, "mean of 5 seeds, log-normal, σ = 1", () -> SeedIntervals.draw(random)))
                .as("a miss is seen")
                .isLessThan(.88);
    }

    @Test
    void rewardModelsAreCovered() {
        SplittableRandom random = new SplittableRandom(5);
        for (String kind : new String[] {"pairs", "approvals"}) {
            assertThat(covered(100, "reward model, " + kind + ": accuracy", () -> JudgedIntervals.draw(random)))
                    .as(kind)
                    .isGreaterThan(.87);
        }
    }

    /** Bounds hold in more than 95 % of draws, means of runs in about as many; 40 draws miss seven or more in .3 %. */
    @Test
    void particlesAreCovered() {
        SplittableRandom random = new SplittableRandom(9);
        List<Map<String, Figure>> draws = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            draws.add(ParticleIntervals.draw(random));
        }
        for (String id : new String[] {
            "log_z",
            "kl.policy_aimed.bound",
            "kl.policy_asked",
            "kl.policy_prior",
            "kl.explained",
            "bayes_fraction",
            "ess"
        }) {
            Coverage coverage = Coverage.of(draws.stream()
                    .map(figures -> Objects.requireNonNull(figures.get("particles, " + id), id))
                    .toList());
            assertThat(coverage.covered()).as(id).isGreaterThan(.84);
            assertThat(coverage.width()).as(id).isPositive();
        }
    }

    /** Uniform prior on two texts, rewards 0 and 1: an exact tilt has no departure, and its move is a plain sum. */
    @Test
    void theTruthOfHeldOutPromptsIsAPlainSum() {
        double e = Math.exp(2);
        Table table = new Table(new double[] {1, 1}, new double[] {3, 3 * e}, new double[] {0, 1});
        double p = e / (1 + e);
        assertThat(SplitIntervals.departure(table, 2)).isCloseTo(0, within(1e-12));
        assertThat(SplitIntervals.departure(table, 0))
                .isCloseTo(p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p)), within(1e-12));
    }

    @Test
    void partsOfALogHaveTheirFigures() {
        SplittableRandom random = new SplittableRandom(6);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            names.addAll(SplitIntervals.draw(random).keySet());
        }
        assertThat(names)
                .contains(
                        "one prompt: kl.policy_prior",
                        "kl.departure.heldout",
                        "bayes_fraction.heldout",
                        "plan, kl.policy_prior, at most 1.1 times the width");
    }
}
