package dev.credence.app.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1.5×10⁻⁵ ; 1.5e-5",
                "−2.3 ; -2.3",
                "KL(π‖π₀) ; KL(pi||pi0)",
                "λ ≥ ½ → ∞ ; lambda >= 1/2 -> inf",
                "Žluťoučký ; ?lu?ou?k?",
                "plain ; plain",
            })
    void asciiSpellsGlyphsOut(String text, String spelled) {
        assertThat(console(Console.Face.ASCII_FILE).show(text)).isEqualTo(spelled);
        assertThat(console(Console.Face.PLAIN_FILE).show(text)).isEqualTo(text);
    }

    /** GitHub Actions trims a line and reads it as a command where it begins with two colons. */
    @Test
    void aLogsTextIsNoCommandOfABuildServer() {
        Console console = console(Console.Face.PLAIN_FILE);
        for (String blank : new String[] {"", "  ", "\u00a0", "\u3000 "}) {
            assertThat(console.show(blank + "::stop-commands::x")).isEqualTo(blank + "\\::stop-commands::x");
        }
        assertThat(console.show("std::vector")).isEqualTo("std::vector");
        console.paragraph(2, "word ".repeat(19) + "::error::x");
        TextTable table = new TextTable(2).words("prompt", 20).words("", 20);
        table.row(Style.PLAIN, "::error::x", "y");
        table.note("word ".repeat(19) + "::error::x");
        table.print(console);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .anyMatch(line -> line.contains("::error"))
                .noneMatch(line -> line.strip().startsWith("::"));
    }

    @Test
    void aLogsControlCharactersDoNotReachTheTerminal() {
        Console console = console(Console.Face.COLOUR_TERMINAL);
        assertThat(console.show("a\u001b[31mb\nc\td\re\u0000\u200bf"))
                .isEqualTo("a\\u001b[31mb\\nc\\td\\re\\u0000\\u200bf");
        assertThat(console.show("half \ud83d pair")).isEqualTo("half \ufffd pair");
    }

    @Test
    void paragraphsBreakAtWords() {
        console(Console.Face.PLAIN_FILE).paragraph(4, "word ".repeat(50).strip());
        assertThat(printed().lines()).hasSize(3).allMatch(line -> line.length() <= 100 && line.startsWith("    word"));
    }

    @Test
    void itemsHangTheirLaterLines() {
        console(Console.Face.PLAIN_FILE).item(2, "word ".repeat(40).strip());
        assertThat(printed().lines().toList().get(0)).startsWith("  - word");
        assertThat(printed().lines().toList().get(1)).startsWith("    word");
    }

    @Test
    void tablesAlignByWhatATerminalShows() {
        TextTable table = new TextTable(2).words("name", 8).numbers("n").words("", 20);
        table.row(Style.PLAIN, "漢字", "1", "x");
        table.row(Style.PLAIN, "a long name", "1,234");
        table.note("a note");
        table.print(console(Console.Face.PLAIN_FILE));
        assertThat(printed().lines())
                .containsExactly(
                        "  name          n", "  漢字          1  x", "  a long    1,234", "    name", "    a note");
        assertThat(table.isEmpty()).isFalse();
        assertThatThrownBy(() -> table.row(Style.PLAIN, "1", "2", "3", "4")).hasMessage("4 cells for 3 columns");
    }

    @Test
    void facesFollowTheOutput() {
        assertThat(Console.Face.of(true, true, StandardCharsets.UTF_8)).isEqualTo(Console.Face.COLOUR_TERMINAL);
        assertThat(Console.Face.of(true, false, StandardCharsets.UTF_8)).isEqualTo(Console.Face.PLAIN_TERMINAL);
        assertThat(Console.Face.of(true, true, StandardCharsets.US_ASCII)).isEqualTo(Console.Face.ASCII_TERMINAL);
        assertThat(Console.Face.of(false, true, StandardCharsets.UTF_8)).isEqualTo(Console.Face.PLAIN_FILE);
        assertThat(Console.Face.of(false, false, StandardCharsets.ISO_8859_1)).isEqualTo(Console.Face.ASCII_FILE);
    }

    @Test
    void progressShowsOnATerminalOnly() {
        Progress.of(console(Console.Face.PLAIN_FILE), "reading").close();
        assertThat(printed()).isEmpty();
        try (Progress progress = Progress.of(console(Console.Face.PLAIN_TERMINAL), "reading")) {
            assertThat(progress).isNotNull();
        }
        assertThat(printed()).contains("reading");
    }

    private Console console(Console.Face face) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new Console(InputStream.nullInputStream(), stream, stream, face);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
