package dev.credence.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTableTest {
    private static final String LONG = "grpo steps=40 beta=0.05 kl=loss:k3 group=8";

    private static String printed(TextTable table, int width) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        table.print(new Console(InputStream.nullInputStream(), out, out, Console.Face.PLAIN_TERMINAL, width));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static TextTable methods() {
        TextTable table = new TextTable(0)
                .words("method", 30)
                .words("got", 12)
                .numbers("Bayes fraction")
                .numbers("copies")
                .numbers("KL(π‖asked)")
                .numbers("KL(asked‖π)")
                .numbers("modes kept");
        table.row(Style.PLAIN, LONG, "conditional", "0.996", "0.987", "1.23×10⁻⁵", "1.24×10⁻⁵", "0.99");
        table.note("aimed: one copy");
        table.row(Style.PLAIN, LONG + " lr=1e-4", "cannot tell", "0.5", "0.9", "0.0123", "0.0124", "0.5");
        return table;
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 100, 140})
    void noLineIsLongerThanTheTerminalAndNoCellIsCut(int width) {
        String printed = printed(methods(), width);
        assertThat(printed.lines()).allMatch(line -> Glyphs.width(line) <= width);
        assertThat(printed)
                .contains("lr=1e-4", "1.23×10⁻⁵", "1.24×10⁻⁵", "0.0123", "0.0124", "aimed: one copy")
                .doesNotContain("…");
        assertThat(width < 80 || printed.contains("kl=loss:k3"))
                .as("no word is broken where there is room")
                .isTrue();
        assertThat(printed.split("aimed")).as("a note stands once").hasSize(2);
    }

    @Test
    void aFileKeepsARowsFiguresInOneLine() {
        assertThat(printed(methods(), Console.UNBOUNDED).lines())
                .hasSize(6)
                .anyMatch(line -> line.startsWith("grpo steps=40 beta=0.05") && line.endsWith("0.99"))
                .anyMatch(line -> line.equals("  kl=loss:k3 group=8"))
                .anyMatch(line -> line.equals("  kl=loss:k3 group=8 lr=1e-4"));
    }

    @Test
    void aWordThatIsTooLongIsBroken() {
        TextTable table = new TextTable(2).words("", 8).numbers("");
        table.row(Style.PLAIN, "::abcdefghijklmno", "1");
        assertThat(printed(table, Console.UNBOUNDED)).isEqualTo("  \\::abc    1\n    defghi\n    jklmno\n");
    }

    @Test
    void textsThatBeginAlikeAreToldApart() {
        String begin = "You are a helpful assistant. ".repeat(100);
        Map<String, String> shown =
                ToldApart.of(List.of("short", begin + "Add 2 and 3.", begin + "Add 2 and 4.", begin, "short"), 20);
        assertThat(shown).containsEntry("short", "short").containsEntry(begin + "Add 2 and 3.", "…tant. Add 2 and 3.");
        assertThat(shown.values()).doesNotHaveDuplicates().allMatch(part -> Glyphs.width(part) <= 20);
        Map<String, String> emoji =
                ToldApart.of(List.of("x".repeat(40) + "\ud83d\ude00", "x".repeat(40) + "\ud83d\ude01"), 12);
        assertThat(emoji.values()).doesNotHaveDuplicates().allMatch(part -> part.startsWith("…xx"));
    }

    @Test
    void aHeadingFoldsAndALineThatIsCopiedDoesNot() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Console narrow = new Console(InputStream.nullInputStream(), out, out, Console.Face.PLAIN_TERMINAL, 12);
        narrow.line(Style.BOLD, "KL ledger: moved");
        narrow.line("betas: [0.2, 0.1]");
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("KL ledger:", "moved", "betas: [0.2, 0.1]");
    }

    @Test
    void theTerminalsColumnsAreReadOrLeft() {
        assertThat(Console.width("80")).isEqualTo(80);
        assertThat(Console.width("12")).isEqualTo(40);
        assertThat(Console.width(null)).isEqualTo(Console.UNBOUNDED);
        assertThat(Console.width("0")).isEqualTo(Console.UNBOUNDED);
        assertThat(Console.width("wide")).isEqualTo(Console.UNBOUNDED);
    }
}
