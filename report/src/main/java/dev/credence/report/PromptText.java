package dev.credence.report;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.UnseenCharacters;

/** Shows a prompt as it is: line breaks and other invisible characters become visible signs. */
final class PromptText {
    /** Longer prompts are cut on the page; the JSON has them whole. */
    private static final int SHOWN = 160;

    private PromptText() {}

    /** Writes the prompt as an isolated run of text, so that its direction marks cannot touch what follows. */
    static void write(Html html, String prompt) {
        if (prompt.isEmpty()) {
            html.element("em", "(empty prompt)", "class", "muted");
            return;
        }
        html.open("bdi", "class", "prompt");
        int end = prompt.length() <= SHOWN ? prompt.length() : prompt.offsetByCodePoints(0, shownCodePoints(prompt));
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < end; at += Character.charCount(prompt.codePointAt(at))) {
            int c = prompt.codePointAt(at);
            String sign = sign(c);
            if (sign.isEmpty()) {
                plain.appendCodePoint(c);
            } else {
                html.text(plain.toString()).element("span", sign, "class", "sign", "title", Character.getName(c));
                html.trusted(c == '\n' ? "<wbr/>" : "");
                plain.setLength(0);
            }
        }
        html.text(plain.toString());
        if (end < prompt.length()) {
            html.element("span", " … " + FigureFormat.of(prompt.length()) + " characters", "class", "muted");
        }
        html.close();
    }

    /** The prompt on one line, for the labels of charts and for screen readers. */
    static String line(String prompt) {
        StringBuilder line = new StringBuilder();
        prompt.codePoints().limit(SHOWN).forEach(c -> {
            String sign = sign(c);
            if (sign.isEmpty()) {
                line.appendCodePoint(c);
            } else {
                line.append(sign);
            }
        });
        return line.toString();
    }

    private static int shownCodePoints(String prompt) {
        return prompt.codePointCount(0, SHOWN);
    }

    /** What stands for a character that cannot be seen; nothing for one that can, or that joins two (emoji). */
    private static String sign(int c) {
        return switch (c) {
            case '\n' -> "↵";
            case '\t' -> "⇥";
            case '\r' -> "␍";
            case 0x200D -> "";
            default -> UnseenCharacters.isOne(c) ? Escape.sign(c) : "";
        };
    }
}
