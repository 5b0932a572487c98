package dev.credence.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VectorsTest {
    @Test
    void theCopyIsTheOriginal() throws IOException {
        Path original = Vectors.original();
        assumeTrue(Files.isRegularFile(original), () -> "skipped: " + original + " is not there");
        assertThat(Vectors.copy()).isEqualTo(new ObjectMapper().readTree(original.toFile()));
    }

    @Test
    void hasEveryVectorOfTheSheet() {
        assertThat(Vectors.keys()).hasSize(166).doesNotHaveDuplicates();
    }

    @Test
    void noVectorIsLeftThatNoTestConsumes() throws IOException {
        Path modules = Path.of("").toAbsolutePath().getParent();
        assumeTrue(
                modules != null && Files.isDirectory(modules.resolve("core/src/test/java")),
                "skipped: the test sources are not beside the working directory");
        StringBuilder sources = new StringBuilder();
        for (Path file : testSources(modules)) {
            sources.append(withoutComments(Files.readString(file)));
        }
        TreeSet<String> left = new TreeSet<>(Vectors.keys());
        left.removeIf(key -> sources.indexOf("\"" + key + "\"") >= 0);
        assertThat(left).as("vectors that no test names").isEmpty();
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatThrownBy(() -> Vectors.get("T1.beta3")).hasMessageContaining("'T1.beta3' is not in");
        assertThatThrownBy(() -> Vectors.number("T1.beta2", "logz")).hasMessageContaining("no field 'logz'");
        assertThatThrownBy(() -> Vectors.number("T1.beta2")).hasMessageContaining("is not a number");
        assertThatThrownBy(() -> Vectors.numbers("T1.beta2", "logZ")).hasMessageContaining("is not an array");
    }

    private static List<Path> testSources(Path modules) throws IOException {
        try (Stream<Path> folders = Files.list(modules)) {
            return folders.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(VectorsTest::javaFiles)
                    .sorted()
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("VectorsTest.java"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keys in a comment are not consumed; those quoted inside a literal (a line of a CsvSource) are. */
    private static String withoutComments(String source) {
        return source.replaceAll("(?s)/\\*.*?\\*/", "")
                .replaceAll("(?m)^\\s*//.*$", "")
                .replace("\\\"", "\"");
    }
}
