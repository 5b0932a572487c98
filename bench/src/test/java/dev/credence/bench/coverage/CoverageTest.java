package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

@DisplayName("The audit's intervals cover the truth")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoverageTest {
    /** Of these about 290 keep their figures, so that a coverage of 96 % is seen as 93 % or less once in a hundred seeds. */
    private static final int LOGS = 240;

    static final List<String> FIGURES = CoverageStudy.HEADLINE;

    private final CoverageStudy study = CoverageStudy.run(LOGS, 7, () -> {});

    @ParameterizedTest
    @FieldSource("FIGURES")
    void headlineFigureIsCovered(String id) {
        assertThat(study.of(id).covered())
                .as("share of the intervals of %s that cover", id)
                .isGreaterThanOrEqualTo(0.93);
    }

    @ParameterizedTest
    @FieldSource("FIGURES")
    void twoThirdsOfTheLogsKeepTheFigure(String id) {
        assertThat(study.of(id).logs()).as("logs that have %s", id).isGreaterThan(LOGS * 9 / 10);
        assertThat(study.of(id).withdrawn()).as("share withdrawn of %s", id).isLessThanOrEqualTo(1.0 / 3);
    }

    /** Members have no departure to miss; these are the logs that the intervals are for. */
    @ParameterizedTest
    @FieldSource("FIGURES")
    void nonMembersAreCoveredToo(String id) {
        CoverageStudy others = study.where(sample -> !sample.isMember());

        assertThat(others.samples()).hasSizeGreaterThan(LOGS / 2);
        assertThat(others.of(id).covered()).as("share covered of %s", id).isGreaterThanOrEqualTo(0.92);
    }

    @ParameterizedTest
    @FieldSource("FIGURES")
    void intervalsAThirdNarrowerWouldNotDo(String id) {
        List<Figure> standing = study.samples().stream()
                .filter(sample -> !sample.isMember())
                .map(sample -> sample.figures().get(id))
                .filter(Objects::nonNull)
                .filter(Figure::stands)
                .toList();
        double covered = standing.stream().filter(CoverageTest::coversNarrowed).count();

        assertThat(covered / standing.size()).as("share covered of %s", id).isLessThan(0.93);
    }

    private static boolean coversNarrowed(Figure figure) {
        double less = figure.width() / 6;
        return new Figure(figure.lower() + less, figure.estimate(), figure.upper() - less, figure.truth(), true)
                .covers();
    }

    @Test
    void sizesAreThoseOfTheIssue() {
        assertThat(study.samples()).allSatisfy(sample -> {
            assertThat(sample.size().prompts()).isBetween(1, 40);
            assertThat(sample.size().prior()).isBetween(20, 5_000);
            assertThat(sample.size().policy()).isBetween(20, 5_000);
        });
        assertThat(study.samples()).anyMatch(sample -> sample.size().fewest() < 30);
        assertThat(study.samples()).anyMatch(sample -> sample.size().fewest() > 2_000);
        assertThat(study.samples()).anyMatch(sample -> sample.size().prompts() == 40);
        assertThat(study.samples())
                .anyMatch(sample -> sample.size().prior() != sample.size().policy());
        for (World.Family family : World.Family.values()) {
            assertThat(study.samples()).anyMatch(sample -> sample.family() == family);
        }
    }

    @Test
    void seedDecides() {
        assertThat(CoverageStudy.run(6, 7, () -> {}).samples())
                .isEqualTo(study.samples().subList(0, 6))
                .isNotEqualTo(CoverageStudy.run(6, 8, () -> {}).samples());
    }

    @Test
    void cellsPartitionTheLogs() {
        var cells = study.cells();

        assertThat(size(cells.get("members of the tilt family")) + size(cells.get("non-members")))
                .isEqualTo(LOGS);
        assertThat(cells.entrySet().stream()
                        .filter(cell -> cell.getKey().contains(", prompts "))
                        .mapToInt(cell -> size(cell.getValue()))
                        .sum())
                .isEqualTo(size(cells.get("non-members")));
    }

    private static int size(CoverageStudy cell) {
        return Objects.requireNonNull(cell).samples().size();
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 1.5, true, 0", "1, 2, 2.0000000005, true, 0", "1, 2, 2.1, false, 1", "1, 2, 0.9, false, -1"})
    void figureCoversWithinATolerance(double lower, double upper, double truth, boolean covers, int side) {
        Figure figure = new Figure(lower, (lower + upper) / 2, upper, truth, true);

        assertThat(figure.covers()).isEqualTo(covers);
        assertThat(figure.isAbove()).isEqualTo(side > 0);
        assertThat(figure.isBelow()).isEqualTo(side < 0);
    }

    @Test
    void gammaHasItsMoments() {
        SplittableRandom random = new SplittableRandom(3);
        for (double shape : new double[] {0.3, 1, 3}) {
            double sum = 0;
            double squares = 0;
            int n = 100_000;
            for (int i = 0; i < n; i++) {
                double x = Draws.gamma(random, shape);
                sum += x;
                squares += x * x;
            }
            double mean = sum / n;
            assertThat(mean).isBetween(shape - 0.03, shape + 0.03);
            assertThat(squares / n - mean * mean).isBetween(0.93 * shape, 1.07 * shape);
        }
    }
}
