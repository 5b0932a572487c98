package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Coverage by kind of log")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KindStudyTest {
    /** Of 150 logs, three standard errors below .93: eight figures are held against it at once. */
    private static final double LEAST = 0.867;

    private final KindStudy population = KindStudy.run(List.of(LogKind.POPULATION_SKEWED), 150, 5, () -> {});

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kl.policy_prior.population",
                "kl.explained.population",
                "kl.departure.population",
                "bayes_fraction.population",
                "copies.moment_match.population",
                "recall"
            })
    void aPopulationOfPromptsIsCovered(String id) {
        Coverage coverage = population.of(LogKind.POPULATION_SKEWED, id);

        assertThat(coverage.standing()).isGreaterThan(140);
        assertThat(coverage.covered()).isGreaterThanOrEqualTo(LEAST);
    }

    @Test
    void fewRecordsCoverTheNuisancesAndTheRecall() {
        KindStudy study = KindStudy.run(List.of(LogKind.FEW), 150, 5, () -> {});

        assertThat(study.of(LogKind.FEW, "nuisance.log_prior").covered()).isGreaterThanOrEqualTo(LEAST);
        assertThat(study.of(LogKind.FEW, "recall").covered()).isGreaterThanOrEqualTo(LEAST);
    }

    @ParameterizedTest
    @EnumSource(
            value = LogKind.class,
            names = {"LEVELS_THINNED", "LEVELS_BOTH", "NORMAL_ALL", "GROUPS", "POPULATION_8"})
    void everyKindHasItsFigures(LogKind kind) {
        Map<String, Figure> figures = kind.sample(new SplittableRandom(2));

        assertThat(figures)
                .containsKeys(KindStudy.FIGURES.toArray(String[]::new))
                .containsKey("recall");
        if (kind != LogKind.NORMAL_ALL) { // an open reward may be withdrawn at the asked copies
            assertThat(Objects.requireNonNull(figures.get("kl.departure")).stands())
                    .isTrue();
        }
        assertThat(figures.containsKey("log_z.population")).isEqualTo(kind == LogKind.POPULATION_8);
    }

    @Test
    void groupsThatNoFieldNamesAreCountedByWhatNeedsNoReward() {
        Map<String, Figure> figures = LogKind.GROUPS_UNNAMED.sample(new SplittableRandom(2));

        assertThat(figures).containsOnlyKeys("kl.policy_prior");
        assertThat(Objects.requireNonNull(figures.get("kl.policy_prior")).stands())
                .isTrue();
    }

    @Test
    void aKindsLogsDoNotDependOnTheOthers() {
        KindStudy both = KindStudy.run(List.of(LogKind.FEW, LogKind.POPULATION_8), 3, 1, () -> {});
        KindStudy one = KindStudy.run(List.of(LogKind.POPULATION_8), 3, 1, () -> {});

        assertThat(both.samples().get(LogKind.POPULATION_8))
                .isEqualTo(one.samples().get(LogKind.POPULATION_8));
    }
}
