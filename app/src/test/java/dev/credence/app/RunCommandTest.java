package dev.credence.app;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.app.experiment.CopiesConclusion;
import dev.credence.app.experiment.CopiesPlot;
import dev.credence.app.experiment.FiftyCopies;
import dev.credence.app.experiment.ObservedCopies;
import dev.credence.app.experiment.PathPoint;
import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.TiltedFamily;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCommandTest {
    @Test
    void listsAndRefuses() {
        assertThat(Cli.run("run", "--list").exits(0).out()).contains("fifty-copies");
        assertThat(Cli.run("run", "sixty").exits(2).err()).contains("there is: fifty-copies");
        assertThat(Cli.run("run").exits(2).err()).contains("missing");
    }

    @Test
    void pathsBeginAtThePriorAndTheConclusionComesFromThem() {
        FiftyCopies.Outcome outcome = FiftyCopies.run(FiftyCopies.Extent.QUICK, line -> {});
        List<PathPoint> points = outcome.points();
        assertThat(points).allSatisfy(point -> {
            assertThat(point.lower()).isLessThanOrEqualTo(point.copies());
            assertThat(point.kl()).isGreaterThanOrEqualTo(0);
        });
        assertThat(CopiesConclusion.ends(points)).hasSize(4 * (3 * 6 - 1));
        PathPoint expert = last(points, "a", "expert-iteration");
        assertThat(expert.copies())
                .as("50 rounds of a filter by the log-probability")
                .isCloseTo(50, within(1e-6));
        PathPoint rloo = last(points, "b", "rloo");
        assertThat(rloo.copies()).as("a run of finite length").isLessThan(rloo.nominal());
        String conclusion = CopiesConclusion.of(outcome);
        assertThat(conclusion).contains("At β = 0.02, nominally 50 copies: rloo reached");
        FiftyCopies.Outcome other = new FiftyCopies.Outcome(
                List.of(new PathPoint("table", "c", 0.02, "rloo", 9, 49, 48, 50, 0.99, 3)), outcome.observed());
        assertThat(CopiesConclusion.of(other))
                .contains("Of 1 runs with a penalty 1 ended within 10 %")
                .contains("rloo reached 49.0 [48.0, 50.0] at a KL of 3.00 nats");
        assertThat(CopiesPlot.of(points, "a", 0.02)).contains("<polyline", ">rloo</text>", "Bayes fraction");
    }

    /** T18: tuning the output saturates at one copy; conditioning the author does not. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T18.n1\"", "2, \"T18.n2\"", "5, \"T18.n5\"", "50, \"T18.n50\""})
    void aRewardOnTheOutputIsOneCopyAtMost(double copies, String key) {
        ObservedCopies.Reading reading = ObservedCopies.optimum(1 / copies);
        assertVector(reading.probe(), key, "xlevel_y2");
        assertThat(reading.copies()).isLessThan(1 + 1e-6);
        assertThat(ObservedCopies.reader(reading.copies())).isCloseTo(reading.probe(), within(1e-6));
        double[] approved = {Math.log(.9 * .8 + .1 * .2), Math.log(.2 * .8 + .8 * .2)};
        double[] author =
                TiltedFamily.of(TestWorlds.distribution(.5, .5), approved).logPosterior(copies);
        assertVector(Math.exp(author[0]) * .9 + Math.exp(author[1]) * .2, key, "persona_y2");
    }

    @Test
    void theLimitIsExactlyOneCopy() {
        ObservedCopies.Reading limit = ObservedCopies.optimum(0);
        assertVector(limit.probe(), "T18.xlevel_limit_y2");
        assertThat(limit.copies()).isCloseTo(1, within(1e-6));
    }

    private static PathPoint last(List<PathPoint> points, String reading, String method) {
        return points.stream()
                .filter(point -> point.reading().equals(reading)
                        && point.beta() == 0.02
                        && point.method().equals(method))
                .reduce((first, second) -> second)
                .orElseThrow();
    }
}
