package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepTest {
    private static final Provenance MADE = new Provenance("test", "sweep", 1, Map.of(), List.of());
    private static final String GRID = """
            experiment: amplification
            branching: 2
            grid: {transmission: [.2, .4, .6], own: [.01, .05]}
            figures: [contamination.limit]
            """;

    @TempDir
    private Path folder = Path.of("");

    private SweepPlan plan(String yaml, Map<String, String> given) throws IOException {
        Path file = folder.resolve("plan.yaml");
        Files.writeString(file, yaml);
        return SweepPlan.read(file, Effort.standard(), given);
    }

    private KeptSweep begin(String yaml, String name) throws IOException {
        return KeptSweep.begin(plan(yaml, Map.of()), folder.resolve("plan.yaml"), folder.resolve(name), MADE);
    }

    @Test
    void aGridIsEveryCombinationWithTheListInFront() throws IOException {
        SweepPlan plan = plan("""
                experiment: which-conditional
                accept.good: .7
                list: [{n: 1}, {n: [2, 5], quantile: .8}]
                grid: {weights: [[.5, .5], [.9, .1]]}
                """, Map.of("lambda", "3"));
        assertThat(plan.varied()).containsExactly("n", "quantile", "weights");
        assertThat(plan.cells())
                .containsExactly(
                        Map.of("accept.good", ".7", "lambda", "3", "n", "1", "weights", ".5,.5"),
                        Map.of("accept.good", ".7", "lambda", "3", "n", "1", "weights", ".9,.1"),
                        Map.of("accept.good", ".7", "lambda", "3", "n", "2,5", "quantile", ".8", "weights", ".5,.5"),
                        Map.of("accept.good", ".7", "lambda", "3", "n", "2,5", "quantile", ".8", "weights", ".9,.1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "experiment: amplification|0|grid|missing|a sweep has a grid, a list, or both",
                "grid: {own: [.1]}|0|experiment|missing|the file names the experiment",
                "experiment: amplificaton\\ngrid: {own: [.1]}|1|experiment|amplificaton|did you mean 'amplification'?",
                "experiment: amplification\\ngrid:\\n  own: [.1,\\n    2]|4|own|2|a number from 0 to 1",
                "experiment: amplification\\ngrid: {owm: [.1]}|2|owm|.1|there is no such key",
                "experiment: amplification\\ngrid: {own: .1}|2|own|.1|it is a list of values",
                "experiment: amplification\\ngrid: {own: []}|2|own|[]|one value or more",
                "experiment: amplification\\ngrid: [own]|2|grid|a list|it is a map of keys to lists",
                "experiment: amplification\\nlist: {own: .1}|2|list|a map|it is a list of maps",
                "experiment: amplification\\nown: .2\\ngrid: {own: [.1]}|3|own|given twice|fixed for all cells or varied",
                "experiment: amplification\\nlist: [{own: .1}]\\ngrid: {own: [.1]}|3|own|given twice|in the list as well",
                "experiment: amplification\\ngrid: {own: [.1], own: [.2]}|2|own|given twice|a key may stand only once",
                "experiment: amplification\\ngrid: {own: [.1|2|''|broken YAML|the file must be YAML",
            })
    void whatIsNoSweepIsRefusedWithItsLine(String yaml, long line, String key, String value, String rule) {
        assertThatThrownBy(() -> plan(yaml.replace("\\n", "\n"), Map.of()))
                .isInstanceOfSatisfying(InputException.class, e -> {
                    assertThat(e.file()).endsWith("plan.yaml");
                    assertThat(e.line()).isEqualTo(line);
                    assertThat(e.field()).isEqualTo(key);
                    assertThat(e.value()).startsWith(value);
                    assertThat(e.rule()).contains(rule);
                });
    }

    @Test
    void aCellHasTheFiguresThatItsExperimentHasByItself() throws IOException {
        KeptSweep.Outcome outcome = begin(GRID, "grid").go(2, Listener.silent());
        assertThat(outcome.cells()).hasSize(6);
        for (Sweep.Cell cell : outcome.cells()) {
            Amplification experiment = new Amplification();
            Map<String, Finding> alone = experiment
                    .run(ExperimentSettings.of(experiment, cell.settings()), Listener.silent())
                    .findings();
            assertThat(cell.run().result().findings()).isEqualTo(alone);
        }
        assertThat(outcome.summary().conclusion())
                .startsWith("6 cells. contamination.limit goes from")
                .contains("(transmission=.2, own=.01)", "(transmission=.6, own=.05)");
        Picture picture = outcome.summary().pictures().get(0);
        assertThat(picture.series()).extracting(Picture.Series::name).containsExactly("own=.01", "own=.05");
        assertThat(picture.series().get(0).x()).containsExactly(.2, .4, .6);
    }

    @Test
    void theTableHasARowACellAndFigure() throws IOException, SQLException {
        KeptSweep sweep = begin(GRID, "table");
        KeptSweep.Outcome outcome = sweep.go(2, Listener.silent());
        int figures = outcome.cells().get(0).run().result().findings().size();
        Path parquet = sweep.run().path().resolve("cells.parquet");
        String query = "SELECT count(*), count(DISTINCT cell), max(estimate) FILTER (id = 'contamination.threshold'),"
                + " typeof(any_value(transmission)) FROM read_parquet('" + parquet + "')";
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            assertThat(row.next()).isTrue();
            assertThat(row.getLong(1)).isEqualTo(6L * figures);
            assertThat(row.getLong(2)).isEqualTo(6);
            assertThat(row.getDouble(3)).isEqualTo(1.2);
            assertThat(row.getString(4)).isEqualTo("DOUBLE");
        }
        assertThat(Files.readAllLines(sweep.run().path().resolve("cells.csv"))).hasSize(1 + 6 * figures);
    }

    @Test
    void stoppedAfterSomeCellsItGoesOnToTheSameResult() throws IOException {
        KeptSweep whole = begin(GRID, "whole");
        whole.go(1, Listener.silent());
        KeptSweep broken = begin(GRID, "broken");
        AtomicInteger asked = new AtomicInteger();
        Listener stopping = new Listener() {
            @Override
            public void accept(String line) {}

            @Override
            public boolean isStopped() {
                return asked.incrementAndGet() > 2;
            }
        };
        assertThatThrownBy(() -> broken.go(1, stopping))
                .isInstanceOf(InterruptedRunException.class)
                .hasMessageContaining("of 6 cells are done");
        assertThat(broken.run().isDone()).isFalse();
        List<String> lines = new ArrayList<>();
        KeptSweep resumed = KeptSweep.resume(StoredRun.open(folder.resolve("broken")));
        resumed.go(2, lines::add);
        assertThat(lines.get(0)).matches("going on: [1-5] of 6 cells are there");
        assertThat(resumed.run().isDone()).isTrue();
        assertThat(folder.resolve("broken/cells.csv")).hasSameBinaryContentAs(folder.resolve("whole/cells.csv"));
    }

    @Test
    void aCellThatFailsIsARowWithItsCause() throws IOException {
        KeptSweep sweep = begin("""
                experiment: which-conditional
                grid: {weights: [[.5, .5], [.5, .6]]}
                """, "failing");
        KeptSweep.Outcome outcome = sweep.go(1, Listener.silent());
        assertThat(outcome.summary().failed()).isEqualTo(1);
        assertThat(outcome.summary().conclusion()).startsWith("2 cells, of which 1 failed.");
        assertThat(outcome.cells().get(1).cause()).contains("they add up to 1");
        assertThat(Files.readString(sweep.run().path().resolve("cells.csv"))).contains("they add up to 1");
        assertThat(sweep.run().isDone()).as("it can be gone on with").isFalse();
    }

    @Test
    void figuresAreReadBackAsTheyWereWritten() throws IOException {
        KeptSweep sweep = begin("experiment: over-optimisation\ngrid: {gold.square: [0]}\nn: [1, 4]\n", "read");
        ExperimentRun written = sweep.go(1, Listener.silent()).cells().get(0).run();
        ExperimentRun read = ExperimentFile.read(sweep.run().path().resolve("cells/000001.json"));
        assertThat(read.result().findings()).isEqualTo(written.result().findings());
        assertThat(read.result().pictures()).isEqualTo(written.result().pictures());
        assertThat(read.settings().written()).isEqualTo(written.settings().written());
        assertThat(read.provenance()).isEqualTo(written.provenance());
        assertThat(json(read)).isEqualTo(json(written));
    }

    private static String json(ExperimentRun run) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Json.write(run.document(), out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
