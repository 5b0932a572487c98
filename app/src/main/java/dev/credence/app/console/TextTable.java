package dev.credence.app.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Aligned columns: words to the left, numbers to the right, a column only as wide as it must be. Where the terminal is narrower,
 * headings are broken first, then words; columns that still do not fit stand below, beside the first one again.
 */
public final class TextTable {
    /** One column. */
    private record Column(String heading, Align align, int widest, boolean isCut) {}

    /** A line of cells, or a note below one. */
    private record Row(Style style, List<String> cells, boolean isNote) {}

    /** On which side cells line up. */
    private enum Align {
        LEFT,
        RIGHT
    }

    private static final String GAP = "  ";
    private static final int NARROWEST = 10; // of a column of words
    private static final int HUNG = 2; // spaces before the later lines of words

    private final int indent;
    private final List<Column> columns = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    /**
     * An empty table.
     *
     * @param indent spaces before each line
     */
    public TextTable(int indent) {
        this.indent = indent;
    }

    /**
     * Adds a column of words, which are all shown: broken where they are longer.
     *
     * @param heading its heading, or empty
     * @param widest most columns of the terminal it may take
     * @return this
     */
    public TextTable words(String heading, int widest) {
        columns.add(new Column(heading, Align.LEFT, widest, false));
        return this;
    }

    /**
     * Adds a column of texts that may be pages long: cut, but so that different ones look different.
     *
     * @param heading its heading, or empty
     * @param widest most columns of the terminal it may take
     * @return this
     */
    public TextTable texts(String heading, int widest) {
        columns.add(new Column(heading, Align.LEFT, widest, true));
        return this;
    }

    /**
     * Adds a column of numbers.
     *
     * @param heading its heading, or empty
     * @return this
     */
    public TextTable numbers(String heading) {
        columns.add(new Column(heading, Align.RIGHT, Integer.MAX_VALUE, false));
        return this;
    }

    /**
     * Adds a line.
     *
     * @param style how it looks
     * @param cells one a column; those missing at the end are empty
     */
    public void row(Style style, String... cells) {
        if (!(cells.length <= columns.size())) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(new Row(style, List.of(cells), false));
    }

    /**
     * Adds a dimmed note below the line before.
     *
     * @param text broken at words
     */
    public void note(String text) {
        rows.add(new Row(Style.DIM, List.of(text), true));
    }

    /** {@return whether no line was added} */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /**
     * Prints it.
     *
     * @param console where
     */
    public void print(Console console) {
        List<List<String>> shown = shown(console);
        int[] widths = widths(console, shown);
        int from = 1;
        do {
            int to = Math.min(from + 1, columns.size());
            while (to < columns.size() && widths[0] + sum(widths, from, to + 1) + GAP.length() <= console.width()) {
                to++;
            }
            print(console, shown, widths, from, to);
            from = to;
        } while (from < columns.size());
    }

    /** The first column, which says whose the line is, and some others: all that fit beside it. */
    private void print(Console console, List<List<String>> shown, int[] widths, int from, int to) {
        List<Integer> some = new ArrayList<>(List.of(0));
        IntStream.range(from, to).forEach(some::add);
        if (from > 1) {
            console.line();
        }
        if (some.stream().anyMatch(c -> !columns.get(c).heading().isEmpty())) {
            List<String> headings = columns.stream()
                    .map(column -> console.show(column.heading()))
                    .toList();
            print(console, Style.DIM, headings, widths, some);
        }
        for (int r = 0; r < rows.size(); r++) {
            Row row = rows.get(r);
            if (!row.isNote()) {
                print(console, row.style(), shown.get(r), widths, some);
            } else if (from == 1) {
                note(console, row);
            }
        }
    }

    private List<List<String>> shown(Console console) {
        List<List<String>> shown = new ArrayList<>();
        rows.forEach(row -> shown.add(
                row.isNote()
                        ? row.cells()
                        : row.cells().stream().map(console::show).toList()));
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            if (column.isCut()) {
                cut(shown, c, column.widest());
            }
        }
        return shown;
    }

    private void cut(List<List<String>> shown, int c, int widest) {
        List<String> texts = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            if (!rows.get(r).isNote() && c < shown.get(r).size()) {
                texts.add(shown.get(r).get(c));
            }
        }
        Map<String, String> cut = ToldApart.of(texts, widest);
        for (int r = 0; r < rows.size(); r++) {
            if (!rows.get(r).isNote() && c < shown.get(r).size()) {
                List<String> cells = new ArrayList<>(shown.get(r));
                cells.set(c, Objects.requireNonNull(cut.get(cells.get(c))));
                shown.set(r, cells);
            }
        }
    }

    /** A column is as wide as its cells, words at most as wide as they may be; a heading of a narrow one is broken. */
    private int[] widths(Console console, List<List<String>> shown) {
        int[] widths = new int[columns.size()];
        for (int c = 0; c < widths.length; c++) {
            widths[c] = Glyphs.width(console.show(columns.get(c).heading()));
            for (int r = 0; r < rows.size(); r++) {
                if (!rows.get(r).isNote() && c < shown.get(r).size()) {
                    int most = columns.get(c).widest();
                    widths[c] = Math.max(
                            widths[c], Math.min(most, Glyphs.width(shown.get(r).get(c))));
                }
            }
        }
        if (sum(widths, 0, widths.length) > console.width()) {
            breakHeadings(console, shown, widths);
        }
        for (int widest = widestWords(widths);
                sum(widths, 0, widths.length) > console.width() && widths[widest] > NARROWEST;
                widest = widestWords(widths)) {
            widths[widest]--;
        }
        return widths;
    }

    private void breakHeadings(Console console, List<List<String>> shown, int[] widths) {
        for (int c = 0; c < widths.length; c++) {
            int needed = 0;
            for (String word : console.show(columns.get(c).heading()).split(" ", -1)) {
                needed = Math.max(needed, Glyphs.width(word));
            }
            for (int r = 0; r < rows.size(); r++) {
                if (!rows.get(r).isNote() && c < shown.get(r).size()) {
                    needed = Math.max(needed, Glyphs.width(shown.get(r).get(c)));
                }
            }
            widths[c] = Math.min(widths[c], needed);
        }
    }

    private int widestWords(int[] widths) {
        int widest = 0;
        for (int c = 1; c < widths.length; c++) {
            boolean isWider = widths[c] > widths[widest] || columns.get(widest).align() == Align.RIGHT;
            if (columns.get(c).align() == Align.LEFT && isWider) {
                widest = c;
            }
        }
        return columns.get(widest).align() == Align.LEFT ? widest : 0;
    }

    private int sum(int[] widths, int from, int to) {
        int sum = indent + GAP.length() * (to - from - 1);
        for (int c = from; c < to; c++) {
            sum += widths[c];
        }
        return sum;
    }

    /** One line of cells, which may take several of the terminal. */
    private void print(Console console, Style style, List<String> cells, int[] widths, List<Integer> some) {
        List<List<String>> broken = new ArrayList<>();
        int lines = 1;
        for (int c : some) {
            int hung = columns.get(c).align() == Align.LEFT ? HUNG : 0;
            List<String> cell = c < cells.size() ? Paragraph.cell(cells.get(c), widths[c], hung) : List.of();
            broken.add(cell);
            lines = Math.max(lines, cell.size());
        }
        for (int l = 0; l < lines; l++) {
            StringBuilder line = new StringBuilder(" ".repeat(indent));
            for (int i = 0; i < some.size(); i++) {
                String part = l < broken.get(i).size() ? broken.get(i).get(l) : "";
                int c = some.get(i);
                String padding = " ".repeat(Math.max(0, widths[c] - Glyphs.width(part)));
                line.append(i == 0 ? "" : GAP);
                line.append(columns.get(c).align() == Align.LEFT ? part + padding : padding + part);
            }
            console.out().println(style.paint(Glyphs.inert(line.toString().stripTrailing()), console.face()));
        }
    }

    private void note(Console console, Row row) {
        for (String part : Paragraph.lines(console.show(row.cells().get(0)), console.page() - indent - 2)) {
            console.out().println(row.style().paint(" ".repeat(indent + 2) + part, console.face()));
        }
    }
}
