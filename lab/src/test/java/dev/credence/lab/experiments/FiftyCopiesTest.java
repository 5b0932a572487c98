package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiftyCopiesTest {
    private static ExperimentResult run(String seeds, String betas) throws IOException {
        FiftyCopiesExperiment experiment = new FiftyCopiesExperiment();
        Map<String, String> settings = Map.of("readings", "b", "betas", betas, "steps", "3", "seeds", seeds);
        return experiment.run(ExperimentSettings.of(experiment, settings), Listener.silent());
    }

    /** A training is never exact: one seed has no interval, and says so. */
    @Test
    void oneTrainingIsNoExactFigure() throws IOException {
        ExperimentResult result = run("1", "1");
        Finding trained = result.findings().get("table.b.beta-1.rloo.copies");
        assertThat(trained.grade()).isEqualTo(Grade.ESTIMATED);
        assertThat(trained.interval()).contains("one seed");
        assertThat(result.conclusion())
                .contains("\n- rloo: ", "(no interval: one seed, or all alike)", "nominally 1 copy (")
                .containsOnlyOnce("\n- expert-iteration: 1 copy (exact)");
        assertThat(result.conclusion().substring(0, result.conclusion().indexOf("- expert-iteration")))
                .doesNotContain("(exact)");
        assertThat(result.conclusion().lines())
                .as("no wall of text")
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(420));
    }

    /** Rounds of accepting with e^{r − r_max} are copies: one a round, 1/β of them. */
    @Test
    void roundsOfExpertIterationAreCopies() throws IOException {
        Map<String, Finding> findings = run("2", ".5,.125").findings();
        for (int copies : new int[] {2, 8}) {
            Finding rounds =
                    findings.get("table.b.beta-" + (copies == 2 ? "0.5" : "0.125") + ".expert-iteration.copies");
            assertThat(rounds.grade()).isEqualTo(Grade.EXACT);
            assertThat(rounds.estimate()).isCloseTo(copies, within(1e-9));
        }
        Finding trained = findings.get("table.b.beta-0.5.rloo.copies");
        assertThat(trained.grade()).isEqualTo(Grade.ESTIMATED);
        assertThat(trained.lower()).isLessThan(trained.upper());
        assertThat(trained.interval()).isEqualTo("over seeds");
    }
}
