package dev.credence.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFilesTest {
    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(folder.resolve("deep/er"));
        for (String name : List.of(
                "b.jsonl",
                "a.jsonl.gz",
                "c.jsonl.zst",
                "d.parquet",
                "e.txt",
                "deep/f.jsonl",
                "deep/er/g.jsonl",
                "[x].jsonl")) {
            Files.createFile(folder.resolve(name));
        }
    }

    private List<String> expand(String... names) {
        List<String> arguments = List.of(names).stream()
                .map(name -> name.equals("-") ? name : folder.resolve(name).toString())
                .toList();
        return InputFiles.expand(arguments).stream()
                .map(file -> file.equals("-")
                        ? file
                        : folder.relativize(Path.of(file)).toString())
                .toList();
    }

    @Test
    void aFolderStandsForTheLogsInIt() {
        assertThat(expand("")).containsExactly("[x].jsonl", "a.jsonl.gz", "b.jsonl", "c.jsonl.zst", "d.parquet");
    }

    @Test
    void aGlobStandsForWhatItMatches() {
        assertThat(expand("*.jsonl")).containsExactly("[x].jsonl", "b.jsonl");
        assertThat(expand("**.jsonl")).contains("b.jsonl", "deep/f.jsonl", "deep/er/g.jsonl");
        assertThat(expand("d*/*.jsonl")).containsExactly("deep/f.jsonl");
        assertThat(expand("{a,c}.*")).containsExactly("a.jsonl.gz", "c.jsonl.zst");
    }

    @Test
    void whatWasCompletedOfALogIsNotReadBesideIt() throws IOException {
        Files.createFile(folder.resolve("d.completed.jsonl"));
        Files.createFile(folder.resolve("z.completed.jsonl"));
        assertThat(expand("*.jsonl")).containsExactly("[x].jsonl", "b.jsonl");
        assertThat(expand("d.completed.jsonl", "b.jsonl")).containsExactly("d.completed.jsonl", "b.jsonl");
        assertThat(expand("{d,z}.completed.jsonl")).containsExactly("d.completed.jsonl", "z.completed.jsonl");
        assertThatThrownBy(() -> expand("d.completed.jsonl", "d.parquet"))
                .hasMessageContaining("d.completed.jsonl: what was completed of ")
                .hasMessageEndingWith("d.parquet; its records would count twice; name one of the two");
    }

    @Test
    void filesAndStandardInputStay() {
        assertThat(expand("e.txt", "-", "b.jsonl")).containsExactly("e.txt", "-", "b.jsonl");
        assertThat(expand("[x].jsonl")).containsExactly("[x].jsonl");
    }

    @Test
    void whatStandsForNothingIsAnError() throws IOException {
        assertThatThrownBy(() -> expand("none.jsonl"))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("none.jsonl: no such file; an input is a file, a folder, a pattern or -");
        assertThatThrownBy(() -> expand("none*"))
                .hasMessageEndingWith("no log found; a pattern matches at least one file");
        assertThatThrownBy(() -> expand("no/such/*.jsonl")).hasMessageContaining("no log found");
        Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> expand("empty")).hasMessageContaining("no log found; a folder holds *.jsonl");
        Files.createFile(folder.resolve("empty/config.json"));
        assertThatThrownBy(() -> expand("empty")).hasMessageContaining("this one is a model's");
        assertThatThrownBy(() -> expand()).hasMessageContaining("at least one file is given");
    }

    @Test
    void theSameFileTwiceIsAnError() throws IOException {
        Files.createSymbolicLink(folder.resolve("link.jsonl"), folder.resolve("b.jsonl"));
        assertThatThrownBy(() -> expand("b.jsonl", "b.jsonl"))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("b.jsonl: given twice; its records would count twice; name it once");
        assertThatThrownBy(() -> expand("b.jsonl", "link.jsonl")).hasMessageContaining("the same file as");
        assertThatThrownBy(() -> expand("b.jsonl", "*.jsonl")).hasMessageContaining("count twice");
        assertThatThrownBy(() -> expand("-", "-")).hasMessageContaining("given twice");
    }

    @Test
    void nothingAndABrokenPatternStandForNoFile() {
        assertThatThrownBy(() -> InputFiles.expand(List.of("")))
                .hasMessage("LOG is empty; an input is a file, a folder, a pattern or -");
        for (String broken : List.of("x[b.jsonl", "x{b.jsonl")) {
            assertThatThrownBy(() -> expand(broken))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("neither a file nor a pattern")
                    .hasMessageEndingWith("close what [ or { opens");
        }
    }
}
