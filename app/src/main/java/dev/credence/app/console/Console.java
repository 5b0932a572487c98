package dev.credence.app.console;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a command reads, prints results, and reports progress and trouble.
 *
 * @param in what {@code -} stands for as an input
 * @param out results
 * @param err progress, warnings, errors
 * @param face what the reader of {@code out} and {@code err} can show
 * @param width columns of the terminal; {@link #UNBOUNDED} for a file
 */
public record Console(InputStream in, PrintStream out, PrintStream err, Face face, int width) {
    /** A line of a file has no end: a table keeps its rows, and paragraphs are broken for a page. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    /** Below this a table is no table. */
    private static final int NARROWEST = 40;

    /**
     * One whose lines have no end.
     *
     * @param in what {@code -} stands for as an input
     * @param out results
     * @param err progress, warnings, errors
     * @param face what can be shown
     */
    public Console(InputStream in, PrintStream out, PrintStream err, Face face) {
        this(in, out, err, face, UNBOUNDED);
    }

    /**
     * The columns of a terminal, by what its environment says.
     *
     * @param columns the variable {@code COLUMNS}, or null
     * @return at least 40; without end where it is no number
     */
    public static int width(@Nullable String columns) {
        try {
            int told = columns == null ? 0 : Integer.parseInt(columns.strip());
            return told <= 0 ? UNBOUNDED : Math.max(NARROWEST, told);
        } catch (NumberFormatException e) {
            return UNBOUNDED;
        }
    }

    /** {@return columns of a paragraph and of a help page: a hundred, or the terminal's where it has fewer} */
    public int page() {
        return Math.min(Paragraph.WIDTH, width);
    }

    /** What can be shown. */
    public enum Face {
        /** A terminal with colours and the glyphs of UTF-8. */
        COLOUR_TERMINAL(true, true, true),
        /** A terminal with the glyphs of UTF-8, without colours. */
        PLAIN_TERMINAL(false, true, true),
        /** A terminal that shows ASCII only. */
        ASCII_TERMINAL(false, true, false),
        /** A file or a pipe in UTF-8. */
        PLAIN_FILE(false, false, true),
        /** A file or a pipe in another encoding. */
        ASCII_FILE(false, false, false);

        private final boolean colours;
        private final boolean terminal;
        private final boolean unicode;

        Face(boolean colours, boolean terminal, boolean unicode) {
            this.colours = colours;
            this.terminal = terminal;
            this.unicode = unicode;
        }

        /**
         * The face of an output.
         *
         * @param terminal whether a person looks on
         * @param colours whether that terminal shows colours, and its user wants them
         * @param charset the encoding of the output
         * @return what can be shown there
         */
        public static Face of(boolean terminal, boolean colours, Charset charset) {
            boolean utf8 = charset.equals(StandardCharsets.UTF_8);
            if (!terminal) {
                return utf8 ? PLAIN_FILE : ASCII_FILE;
            }
            if (!utf8) {
                return ASCII_TERMINAL;
            }
            return colours ? COLOUR_TERMINAL : PLAIN_TERMINAL;
        }

        /** {@return whether colours are wanted} */
        public boolean colours() {
            return colours;
        }

        /** {@return whether a person looks on, so that progress may be drawn over itself} */
        public boolean terminal() {
            return terminal;
        }

        /** {@return whether characters beyond ASCII show} */
        public boolean unicode() {
            return unicode;
        }
    }

    /**
     * Text that this console can show: control characters made visible, glyphs beyond ASCII spelled out where needed.
     *
     * @param text any text, a log's or a user's included
     * @return one that is safe to print
     */
    public String show(String text) {
        return Glyphs.of(text, face);
    }

    /**
     * Prints one line of results.
     *
     * @param text the line
     */
    public void line(String text) {
        out.println(show(text));
    }

    /** Prints an empty line of results. */
    public void line() {
        out.println();
    }

    /**
     * Prints one line in a style: a heading or the like, broken at words where the terminal is narrower.
     *
     * @param style how it looks where colours show
     * @param text the line
     */
    public void line(Style style, String text) {
        String shown = show(text);
        List<String> lines = Glyphs.width(shown) <= width ? List.of(shown) : Paragraph.lines(shown, width);
        lines.forEach(each -> out.println(style.paint(each, face)));
    }

    /**
     * Prints a paragraph of results, broken at words.
     *
     * @param indent spaces before each line
     * @param text the paragraph
     */
    public void paragraph(int indent, String text) {
        Paragraph.lines(show(text), page() - indent).forEach(each -> out.println(" ".repeat(indent) + each));
    }

    /**
     * Prints one item of a list, broken at words, its later lines indented further.
     *
     * @param indent spaces before the item's dash
     * @param text the item
     */
    public void item(int indent, String text) {
        List<String> lines = Paragraph.lines(show(text), page() - indent - 2);
        for (int i = 0; i < lines.size(); i++) {
            out.println(" ".repeat(indent) + (i == 0 ? "- " : "  ") + lines.get(i));
        }
    }

    /**
     * Reports to standard error. How a run goes on, which the library calls {@code `resume RUN`}, is written as the command.
     *
     * @param text one line of progress, a warning or an error
     */
    public void report(String text) {
        err.println(show(text.replace("`resume", "`credence resume")));
    }
}
