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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Coverage of every printed interval: that what is counted is there, and that its truths are true. */
class IntervalStudyTest {
    private static double covered(List<Map<String, Figure>> draws, String name) {
        return Coverage.of(draws.stream()
                        .map(figures -> figures.get(name))
                        .filter(Objects::nonNull)
                        .toList())
                .covered();
    }

    /** Four standard errors of 95 % in 300 draws are 5 points. */
    @Test
    void seedsAndSharesAreCovered() {
        SplittableRandom random = new SplittableRandom(4);
        List<Map<String, Figure>> draws =
                Stream.generate(() -> SeedIntervals.draw(random)).limit(300).toList();
        for (String name : new String[] {
            "mean of 5 seeds, normal",
            "share of 20 trials, 0.05",
            "mean of 5 seeds, share near 1",
            "mean of 5 seeds, log-normal, σ = 1"
        }) {
            assertThat(covered(draws, name)).as(name).isGreaterThan(.88);
        }
        String free = "mean of 5 seeds, log-normal, σ = 1, without a bound that is known";
        assertThat(covered(draws, free)).as("Student's has .82").isBetween(.85, .93);
        List<Map<String, Figure>> narrow = draws.stream()
                .map(figures -> Map.of(free, halved(Objects.requireNonNull(figures.get(free)))))
                .toList();
        assertThat(covered(narrow, free)).as("a miss is seen").isLessThan(.8);
    }

    private static Figure halved(Figure figure) {
        double lower = (figure.lower() + figure.estimate()) / 2;
        double upper = (figure.upper() + figure.estimate()) / 2;
        return new Figure(lower, figure.estimate(), upper, figure.truth(), figure.stands());
    }

    /** Four standard errors of 95 % in 100 draws are 9 points. */
    @Test
    void logsOfOneSourceAreCovered() {
        SplittableRandom random = new SplittableRandom(7);
        List<Map<String, Figure>> draws =
                Stream.generate(() -> SourceIntervals.draw(random)).limit(100).toList();
        for (String name : new String[] {
            "policy alone: kl.policy_prior",
            "policy alone: kl.policy_prior.rao_blackwell",
            "policy alone: reward.policy",
            "prior alone: log_z",
            "prior alone: kl.asked_prior",
            "both: kl.policy_prior.sampled"
        }) {
            assertThat(covered(draws, name)).as(name).isGreaterThan(.86);
        }
    }

    @Test
    void methodsThatDrawHaveTheirFigures() {
        Map<String, Figure> figures = DrawnIntervals.draw(new SplittableRandom(8));

        Figure excluded = Objects.requireNonNull(figures.get("best-of-n: mass.excluded"));
        assertThat(excluded.truth())
                .isBetween(excluded.lower(), excluded.upper())
                .isPositive();
        assertThat(figures)
                .containsKeys("rejection: acceptance", "best-of-n: kl.policy_prior.subsets", "best-of-n: log_z");
        assertThat(figures.get("best-of-n: nuisance.log_prior"))
                .as("computed from the rewards")
                .satisfiesAnyOf(
                        none -> assertThat(none).isNull(),
                        own -> assertThat(own.stands()).isFalse());
    }

    @Test
    void experimentsHaveTheirFiguresBesideTheExactOnes() {
        Map<String, Figure> figures = ExperimentIntervals.draw(new SplittableRandom(9));

        assertThat(figures)
                .containsKeys(
                        "amplification: contamination.simulated",
                        "over-optimisation: bon.16.gold",
                        "mode-collapse: mixed.variance.simulated",
                        "mode-collapse: selftrain.10.simulated",
                        "continuity: typicality.same.z");
    }

    @Test
    void figuresAreNamedWithoutTheirNumbers() {
        assertThat(RepeatedExperiments.kind("policy.200.lost")).isEqualTo("policy.N.lost");
        assertThat(RepeatedExperiments.kind("ppo..25.step_kl")).isEqualTo("ppo.N.step_kl");
        assertThat(RepeatedExperiments.kind("natural-gradient.1.kl")).isEqualTo("natural-gradient.N.kl");
    }

    @Test
    void rewardModelsAreCovered() {
        SplittableRandom random = new SplittableRandom(5);
        for (String kind : new String[] {"pairs", "approvals"}) {
            List<Map<String, Figure>> draws = Stream.generate(() -> JudgedIntervals.draw(random))
                    .limit(100)
                    .toList();
            for (String figure : new String[] {"accuracy", "log_loss"}) {
                assertThat(covered(draws, "reward model, " + kind + ": " + figure))
                        .as(kind + " " + figure)
                        .isGreaterThan(.87);
            }
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
        assertThat(covered(draws, "particles on a table, ess")).isGreaterThan(.84);
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
