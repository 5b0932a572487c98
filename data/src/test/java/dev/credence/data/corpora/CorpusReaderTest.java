package dev.credence.data.corpora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.Cases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorpusReaderTest {
    private static final String PLAY =
            "\nALL:\nSpeak,\nspeak.\n\n\nA stage direction:\n\nROMEO:\nAy me.\n \nno colon\nat all\n";

    @TempDir
    private Path folder;

    private List<String> documents(String name, String content, String division) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        return new CorpusReader(Division.of(division), "text")
                .read(List.of(file.toString()))
                .documents();
    }

    @Test
    void textFallsIntoDocumentsByTheRule() throws IOException {
        assertThat(documents("p.txt", PLAY, "paragraphs"))
                .containsExactly("ALL:\nSpeak,\nspeak.", "A stage direction:", "ROMEO:\nAy me.", "no colon\nat all");
        assertThat(documents("p.txt", PLAY, "speeches")).containsExactly("ALL:\nSpeak,\nspeak.", "ROMEO:\nAy me.");
        assertThat(documents("p.txt", "one\n\r\ntwo\r\nthree", "lines")).containsExactly("one", "two", "three");
        assertThat(documents("p.txt", "one\n\ntwo\n---\nthree\n---\n", "separator:---"))
                .containsExactly("one\n\ntwo", "three");
        assertThat(documents("p.txt", "one\n\ntwo\n", "file")).containsExactly("one\n\ntwo");
    }

    @Test
    void recordsGiveTheirField() throws IOException, SQLException {
        assertThat(documents("d.jsonl", "{\"text\": \"a\\nb\"}\n\n{\"text\": \"c\", \"id\": 3}\n", "lines"))
                .containsExactly("a\nb", "c");
        Path parquet = folder.resolve("d.parquet");
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT * FROM (VALUES ('x'), ('y\nz')) AS t(body)) TO '" + parquet + "' (FORMAT parquet)");
        }
        assertThat(new CorpusReader(Division.of("lines"), "body")
                        .read(List.of(parquet.toString()))
                        .documents())
                .containsExactly("x", "y\nz");
    }

    @Test
    void recordsSayWhereTheyComeFrom() throws IOException {
        Path first = Files.writeString(folder.resolve("one.jsonl"), """
                {"text": "a", "camera": "left", "generated_by": "small"}
                {"text": "b", "camera": "right", "selected_by": null}
                """);
        Path second =
                Files.writeString(folder.resolve("two.jsonl"), "{\"text\": \"c\", \"selected_by\": \"raters\"}\n");
        Path plain = Files.writeString(folder.resolve("three.txt"), "d\n");
        Corpus corpus = new CorpusReader(Division.of("lines"), "text")
                .read(List.of(first.toString(), second.toString(), plain.toString()));
        assertThat(corpus.inputs().get(0).origins())
                .isEqualTo(new RecordOrigins(2, Map.of("left", 1L, "right", 1L), Map.of(), Map.of("small", 1L)));
        assertThat(corpus.inputs().get(1).records()).isEqualTo(1);
        assertThat(corpus.inputs().get(2).origins()).isEqualTo(RecordOrigins.NONE);
        assertThat(corpus.inputs().get(2).records()).isNull();
        assertThat(corpus.origins().records()).isEqualTo(3);
        assertThat(corpus.origins().warnings()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "d.jsonl | {'text': 'a'}~{'body': 'b'}~ | d.jsonl:2: field 'text' is missing; it must be the document's text",
                "d.jsonl | {'text': 7}~ | d.jsonl:1: field 'text' is 7; it must be the document's text",
                "d.jsonl | {'text': 'a'}~{'text': 'b', 'camera': 3}~ | d.jsonl:2: field 'camera' is 3; it is a text that says where the record comes from, or absent",
                "d.jsonl | {'text': 'a', 'generated_by': ' '}~ | d.jsonl:1: field 'generated_by' is \" \"; it is a text",
                "d.jsonl | {'text': 'a'}~{~ | d.jsonl:2: broken JSON",
                "e.txt   | ~~ ~ | e.txt: no document; it must hold one at least"
            })
    void badFilesAreNamedWithTheirLine(String name, String content, String message) {
        assertThatThrownBy(() -> documents(name, content.replace('~', '\n').replace('\'', '"'), "paragraphs"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void bytesThatAreNoTextAreNamedWithTheirLine() throws IOException {
        Path file = Files.write(folder.resolve("b.txt"), new byte[] {'a', '\n', 'b', '\n', (byte) 0xFF, '\n'});
        assertThatThrownBy(() -> new CorpusReader(Division.of("lines"), "text").read(List.of(file.toString())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("b.txt:3: bytes that are no UTF-8");
        assertThatThrownBy(() -> new CorpusReader(Division.of("lines"), "text").read(List.of(folder + "/none.txt")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none.txt: no such file");
        assertThatThrownBy(() -> Division.of("sentences"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("documents is sentences; it is paragraphs");
    }

    /** The number is that of the corpus's own description, counted by another program. */
    @Test
    void thePlaysHaveAsManySpeechesAsTheirDescriptionSays() throws IOException {
        Path file = Cases.file(Path.of("corpora", "tinyshakespeare.txt"));
        Corpus corpus = new CorpusReader(Division.of("speeches"), "text").read(List.of(file.toString()));
        assertThat(corpus.documents()).hasSize(7097);
        assertThat(corpus.inputs()).hasSize(1);
        assertThat(corpus.inputs().get(0).sha256())
                .isEqualTo("86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed");
    }
}
