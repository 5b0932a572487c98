package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.figures.DataTable;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFigureTest {
    private static ExperimentRun run(String name, Map<String, String> changes) throws IOException {
        Experiment experiment = Experiments.byName(name);
        ExperimentSettings settings = ExperimentSettings.of(experiment, changes);
        Provenance made = new Provenance("1", "credence run " + name, 1, Map.of(), List.of());
        return new KeptExperiments.Asked(experiment, settings).run(made, line -> {});
    }

    /** Each that is not a transformer's alone is a figure of the run, also where settings name others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "imitation",
                "sft-copies",
                "feedme",
                "over-optimisation",
                "which-conditional",
                "decision-transformer",
                "amplification",
                "elicitation"
            })
    void keyFiguresAreFiguresOfTheRun(String name) throws IOException {
        Map<String, String> changes = name.equals("sft-copies")
                ? Map.of("copies", "3", "flow", ".5")
                : name.equals("over-optimisation") ? Map.of("n", "1,7", "pool", "4000") : Map.of();
        ExperimentRun run = run(name, changes);
        List<KeyFigure> keys = run.experiment().keyFigures(run.settings());
        assertThat(keys).isNotEmpty();
        for (KeyFigure key : keys) {
            boolean isTransformersAlone = key.figure().equals(key.transformer());
            if (!isTransformersAlone && !key.figure().startsWith("asked.")) {
                assertThat(run.result().findings()).as(name).containsKey(key.figure());
            }
            if (!key.expected().isEmpty()) {
                assertThat(run.result().findings()).as(name).containsKey(key.expected());
            }
        }
    }

    @Test
    void theFiguresOfTwoRunsOfOneExperimentStandInOneRow() throws IOException {
        ExperimentRun first = run("over-optimisation", Map.of("n", "1,4", "pool", "4000"));
        DataTable once = KeyFigure.table(List.of(first));
        assertThat(KeyFigure.table(List.of(first, first))).isEqualTo(once);
        assertThat(once.rows())
                .anySatisfy(row -> assertThat(row)
                        .containsExactly("over-optimisation", "√KL of the largest gold", "3.54", "α/2β = 3.54"));
        assertThat(once.columns()).as("none was trained").doesNotContain("on transformers");
    }
}
