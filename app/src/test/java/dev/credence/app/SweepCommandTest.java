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
}
