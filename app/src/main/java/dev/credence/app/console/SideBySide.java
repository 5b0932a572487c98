package dev.credence.app.console;

import java.util.ArrayList;
import java.util.List;

/** Texts in columns beside each other, each broken at words within its own column. */
public final class SideBySide {
    private static final String GAP = "  ";

    private final Console console;
    private final int width;

    /**
     * Columns that share the page.
     *
     * @param console where they print
     * @param columns how many, at least 1
     */
    public SideBySide(Console console, int columns) {
        this.console = console;
        this.width = (console.page() - GAP.length() * (columns - 1)) / columns;
    }

    /**
     * Prints one text a column.
     *
     * @param style of all
     * @param texts as many as there are columns; a line break in one is shown as a slash
     */
    public void row(Style style, List<String> texts) {
        List<List<String>> cells = new ArrayList<>();
        int lines = 0;
        for (String text : texts) {
            List<String> cell = Paragraph.lines(console.show(text.strip().replaceAll("\\s*\n\\s*", " / ")), width);
            cells.add(cell);
            lines = Math.max(lines, cell.size());
        }
        for (int line = 0; line < lines; line++) {
            StringBuilder whole = new StringBuilder();
            for (List<String> cell : cells) {
                String part = line < cell.size() ? cell.get(line) : "";
                whole.append(whole.length() == 0 ? "" : GAP)
                        .append(part)
                        .append(" ".repeat(Math.max(0, width - Glyphs.width(part))));
            }
            console.line(style, whole.toString().stripTrailing());
        }
    }
}
