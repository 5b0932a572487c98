package dev.credence.data.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlMapTest {
    @TempDir
    private Path folder = Path.of("");

    private YamlMap map(String text) throws IOException {
        Path file = folder.resolve("s.yaml");
        Files.writeString(file, text.replace('#', '\n'));
        return new YamlMap(file, "it is YAML", "a line is `a: 1`", "a name stands once");
    }

    private static List<String> walk(YamlMap map) throws IOException {
        List<String> seen = new ArrayList<>();
        map.walk(entry -> entry.items()
                .forEach(item -> seen.add(entry.line() + " " + entry.name() + " " + entry.shape() + " " + item.line()
                        + " " + item.key() + " " + item.text() + (item.isMissing() ? " missing" : ""))));
        return seen;
    }

    @Test
    void valuesListsAndMapsAreTheirItemsWithTheirLines() throws IOException {
        assertThat(walk(map("a: 1.50#b:#- x#- y: 2#  z: true#c: {k: v}#d:#e: [[1], 2]#f: []")))
                .containsExactly(
                        "1 a VALUE 1 null 1.50",
                        "2 b LIST 3 null x",
                        "2 b LIST 4 y 2",
                        "2 b LIST 5 z true",
                        "6 c MAP 6 k v",
                        "7 d VALUE 7 null  missing",
                        "8 e LIST 8 null null",
                        "8 e LIST 8 null 2");
        assertThat(map("").walk(entry -> {})).isFalse();
        assertThat(map("{}").walk(entry -> {})).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "- a|s.yaml:1: no map; a line is `a: 1`",
                "a: 1#b: 2#a: 3|s.yaml:3: field 'a' is given twice; a name stands once",
                "a: 1#---#b: 1|s.yaml:3: a second document; the file is one map",
                "a: [1|broken YAML (",
                "a: 1#stop: 2#c: [|s.yaml:2: field 'stop' is 2; not this"
            })
    void theFirstMistakeIsToldWithItsLine(String text, String message) throws IOException {
        YamlMap map = map(text);
        assertThatThrownBy(() -> map.walk(entry -> {
                    if (entry.name().equals("stop")) {
                        throw entry.wrong(String.valueOf(entry.items().get(0).text()), "not this");
                    }
                }))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatIsNotThereIsSaidToBe() {
        YamlMap map = new YamlMap(folder.resolve("no.yaml"), "it is YAML", "", "");
        assertThatThrownBy(() -> map.walk(entry -> {})).hasMessageEndingWith("no.yaml: no such file; it is YAML");
    }
}
