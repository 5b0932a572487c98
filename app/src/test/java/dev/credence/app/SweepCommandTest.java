package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepCommandTest {
    @TempDir
    private Path folder = Path.of("");

    private String plan(String yaml) throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), yaml).toString();
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void oneTableOnePageAndADocument() throws IOException {
        String plan = plan("experiment: which-conditional\nn: 5\ngrid: {accept.good: [.6, .7, .8]}\n");
        Cli cli = Cli.run("sweep", plan, "-o", at("out"), "--json").exits(0);
        JsonNode json = cli.json("credence.sweep/1");
        assertThat(json.path("cells")).hasSize(3);
        assertThat(json.path("cells")
                        .path(2)
                        .path("findings")
                        .path("persona.5.probe")
                        .path("estimate")
                        .asDouble())
                .isEqualTo(.88957271, org.assertj.core.api.Assertions.within(5e-9));
        assertThat(folder.resolve("out")).isDirectoryContaining("glob:**/cells.parquet");
        assertThat(Files.readString(folder.resolve("out/report.html"))).contains("persona.5.probe against accept.good");
        assertThat(Cli.run("resume", at("out")).exits(0).err()).contains("nothing left to do");
        Files.delete(folder.resolve("out/result.json"));
        assertThat(Cli.run("resume", at("out"))
                        .exits(0)
                        .json("credence.sweep/1")
                        .path("cells"))
                .as("JSON goes where it went: to standard output alone")
                .isEqualTo(json.path("cells"));
        assertThat(Cli.run("sweep", plan, "-o", at("out")).exits(2).err()).contains("not empty");
    }

    @Test
    void aFailedCellIsTold() throws IOException {
        String plan = plan("experiment: which-conditional\ngrid: {weights: [[.5, .5], [.5, .6]]}\n");
        Cli cli = Cli.run("sweep", plan, "-o", at("failed")).exits(1);
        assertThat(cli.err()).contains("cell 2 failed", "1 of 2 cells failed");
        assertThat(cli.out()).contains("failed because");
        assertThat(Cli.run("resume", at("failed")).exits(1).err()).contains("1 of 2 cells are there");
    }

    @Test
    void nothingIsWrittenWhereTheSweepIsRefused() throws IOException {
        String plan = plan("experiment: which-conditional\ngrid: {accept.good: [.6, 7]}\n");
        assertThat(Cli.run("sweep", plan, "-o", at("none")).exits(2).err())
                .contains("plan.yaml:2: field 'accept.good' is 7; it must be a number from 1e-12 to 1");
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(Cli.run("sweep", plan, "--parallel", "-2").exits(2).err()).contains("--parallel is -2");
        assertThat(Cli.run("sweep", plan, "--quick", "--full").exits(2).err()).contains("it is the one or the other");
        assertThat(Cli.run("sweep", plan, "--set", "n").exits(2).err()).contains("it is KEY=VALUE");
    }

    @Test
    void anEngineThatIsNotThereIsRefusedBeforeAnythingIsWritten() throws IOException {
        String plan = plan("experiment: which-conditional\ngrid: {accept.good: [.6, .7]}\n");
        assertThat(Cli.run("sweep", plan, "--engine", "spark", "-o", at("none"))
                        .exits(2)
                        .err())
                .contains("--engine is spark; the module spark is not on the class path");
        assertThat(Cli.run("sweep", plan, "--engine", "flink", "-o", at("none"))
                        .exits(2)
                        .err())
                .contains("--engine is flink; it is local or spark");
        assertThat(Cli.run("sweep", plan, "--master", "yarn").exits(2).err())
                .contains("--master is yarn; it says where Spark");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void runsAreShownAgainFromTheirFigures() throws IOException {
        String json = at("which.json");
        Cli.run("run", "which-conditional", "-o", at("runs/which-conditional"), "--set", "n=5", "--json", json)
                .exits(0);
        Cli.run("run", "sft-copies", "-o", at("runs/sft-copies"), "--set", "copies=2", "--set", "flow=1")
                .exits(0);
        Cli cli = Cli.run("report", at("runs"), "-o", at("again.html"), "--markdown", at("pages"))
                .exits(0);
        assertThat(cli.out()).contains("2 experiments");
        JsonNode set = Cli.run("report", at("runs"), "-o", at("set.html"), "--json")
                .exits(0)
                .json("credence.run-set/1");
        assertThat(set.at("/experiments/sft-copies/schema").asText()).isEqualTo("credence.run/1");
        assertThat(Cli.json(Files.readString(folder.resolve("runs/sft-copies/run.json")), "credence.run-record/1")
                        .path("kind")
                        .asText())
                .isEqualTo("run");
        assertThat(Files.readString(folder.resolve("again.html"))).contains("persona.5.probe", "natural.2.copies");
        assertThat(Files.readString(folder.resolve("pages/README.md")))
                .contains("[which-conditional](which-conditional.md)", "[sft-copies](sft-copies.md)");
        assertThat(Files.readString(folder.resolve("pages/which-conditional.md")))
                .contains("| `persona.5.probe` | 0.890 | exact |", "--set n=5`", "](which-conditional.svg)");
        assertThat(folder.resolve("pages/which-conditional.svg")).exists();
        assertThat(folder.resolve("runs/which-conditional/probes.svg")).exists();
        Cli.run("report", at("runs/which-conditional"), "-o", at("one.html"), "--markdown", at("one"))
                .exits(0);
        assertThat(Files.readString(folder.resolve("one/which-conditional.md")))
                .as("one run alone keeps all of its drawings")
                .contains("](which-conditional.svg)", "](which-conditional-raters.svg)");
        assertThat(folder.resolve("one/which-conditional-personas.svg")).exists();
        assertThat(folder.resolve("pages/which-conditional-raters.svg")).doesNotExist();
        assertThat(Cli.run("resume", at("runs/which-conditional")).exits(0).err())
                .contains("nothing left to do");
        Files.delete(folder.resolve("runs/which-conditional/result.json"));
        Files.delete(Path.of(json));
        assertThat(Cli.run("resume", at("runs/which-conditional")).exits(0).out())
                .as("killed before its end: it goes on, with what is there")
                .contains("persona");
        assertThat(Path.of(json)).exists();
        assertThat(Cli.run("report", at("runs/which-conditional"), at("pages"), "-o", at("mixed.html"))
                        .exits(2)
                        .err())
                .as("what is no experiment is not passed over beside one")
                .contains("pages: no experiment; a page shows experiments, training runs or audits");
        assertThat(folder.resolve("mixed.html")).doesNotExist();
        assertThat(Cli.run("report", at("pages"), "--markdown", at("x"))
                        .exits(2)
                        .err())
                .contains("it is for experiments");
    }
}
