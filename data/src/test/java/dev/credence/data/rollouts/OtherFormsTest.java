package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherFormsTest {
    @TempDir
    private Path folder;

    @Test
    void headersAreKnownByTheirColumns() {
        assertThat(OtherForms.isHeader("prompt,completion,reward")).isTrue();
        assertThat(OtherForms.isHeader("\uFEFF\"Prompt\";\"logp_prior\"")).isTrue();
        assertThat(OtherForms.isHeader("source\tcompletion")).isTrue();
        assertThat(OtherForms.isHeader("prompt,outcome,prior,reward")).isFalse();
        assertThat(OtherForms.isHeader("prompt,text")).isFalse();
        assertThat(OtherForms.isHeader("{\"prompt\": 1, \"completion\": 2,prompt,reward"))
                .isFalse();
    }

    @Test
    void theRefusalOfALineSaysWhatToDo() throws IOException {
        refused("prompt,completion,reward\nq,a,1\n", "log.txt:1: ", "JSON Lines or Parquet", "lines=True");
        refused("[{\"prompt\": \"q\"},\n{\"prompt\": \"q\"}]\n", "log.txt:1: ", "jq -c '.[]' FILE");
        refused("[\n{\"prompt\": \"q\"}\n]\n", "log.txt:1: ", "jq -c '.[]' FILE");
    }

    private void refused(String text, String... said) throws IOException {
        Path file = Files.writeString(folder.resolve("log.txt"), text);
        RolloutLogReader reader = new RolloutLogReader(Logs.options(), InputStream.nullInputStream());
        assertThatThrownBy(() -> reader.read(List.of(file.toString())))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(said);
    }
}
