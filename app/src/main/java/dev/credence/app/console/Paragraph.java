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
}
