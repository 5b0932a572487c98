package dev.credence.app.console;

import java.util.ArrayList;
import java.util.List;

/** Text broken at words. */
final class Paragraph {
    /** Columns of a page. */
    static final int WIDTH = 100;

    private Paragraph() {}

    static List<String> lines(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && Glyphs.width(line.toString()) + 1 + Glyphs.width(word) > width) {
                lines.add(Glyphs.inert(line.toString()));
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(Glyphs.inert(line.toString()));
        return lines;
    }

    /** The same for a cell, from which nothing may stand out: a word that is too long is broken too. Later lines are indented. */
    static List<String> cell(String text, int width, int indent) {
        if (Glyphs.width(text) <= width) {
            return List.of(text);
        }
        List<String> cut = new ArrayList<>();
        for (String line : lines(text, width - indent)) {
            String rest = line;
            while (!rest.isEmpty()) {
                String begin = Glyphs.head(rest, width - indent);
                cut.add(cut.isEmpty() ? begin : " ".repeat(indent) + begin);
                rest = rest.substring(begin.length());
            }
        }
        return cut;
    }
}
