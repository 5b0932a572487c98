package dev.credence.app.console;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns: words to the left, numbers to the right, a column only as wide as it must be. */
public final class TextTable {
    /** One column. */
    private record Column(String heading, Align align, int widest) {}

    /** A line of cells, or a note below one. */
    private record Row(Style style, List<String> cells, boolean isNote) {}

    /** On which side cells line up. */
    private enum Align {
        LEFT,
        RIGHT
    }

    private static final String GAP = "  ";

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
     * Adds a column of words; longer ones are cut.
     *
     * @param heading its heading, or empty
     * @param widest most columns of the terminal it may take
     * @return this
     */
    public TextTable words(String heading, int widest) {
        columns.add(new Column(heading, Align.LEFT, widest));
        return this;
    }

    /**
     * Adds a column of numbers.
     *
     * @param heading its heading, or empty
     * @return this
     */
    public TextTable numbers(String heading) {
        columns.add(new Column(heading, Align.RIGHT, Integer.MAX_VALUE));
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
        int[] widths = widths(console);
        boolean headed = columns.stream().anyMatch(column -> !column.heading().isEmpty());
        if (headed) {
            List<String> headings = columns.stream().map(Column::heading).toList();
            print(console, new Row(Style.DIM, headings, false), widths);
        }
        for (Row row : rows) {
            print(console, row, widths);
        }
    }

    private int[] widths(Console console) {
        int[] widths = new int[columns.size()];
        for (int c = 0; c < widths.length; c++) {
            widths[c] = Glyphs.width(console.show(columns.get(c).heading()));
        }
        for (Row row : rows) {
            for (int c = 0; c < row.cells().size() && !row.isNote(); c++) {
                widths[c] = Math.max(widths[c], Glyphs.width(shown(console, row, c)));
            }
        }
        return widths;
    }

    private String shown(Console console, Row row, int c) {
        return console.show(
                Glyphs.clip(console.show(row.cells().get(c)), columns.get(c).widest()));
    }

    private void print(Console console, Row row, int[] widths) {
        StringBuilder line = new StringBuilder(" ".repeat(indent));
        if (row.isNote()) {
            for (String part : Paragraph.lines(console.show(row.cells().get(0)), Paragraph.WIDTH - indent - 2)) {
                console.out().println(row.style().paint(" ".repeat(indent + 2) + part, console.face()));
            }
            return;
        }
        for (int c = 0; c < row.cells().size(); c++) {
            String cell = shown(console, row, c);
            String padding = " ".repeat(Math.max(0, widths[c] - Glyphs.width(cell)));
            line.append(c == 0 ? "" : GAP);
            line.append(columns.get(c).align() == Align.LEFT ? cell + padding : padding + cell);
        }
        console.out().println(row.style().paint(line.toString().stripTrailing(), console.face()));
    }
}
