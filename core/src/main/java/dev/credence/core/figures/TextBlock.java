package dev.credence.core.figures;

import java.util.List;

/**
 * A paragraph or an item of a list in a text that is printed, put on a page and written as Markdown: each is a line of it.
 *
 * @param text without the mark of an item
 * @param isItem whether the line began with {@value #ITEM}
 */
public record TextBlock(String text, boolean isItem) {
    /** What a line of the text begins with that is an item. */
    public static final String ITEM = "- ";

    /**
     * Parts a text.
     *
     * @param text lines; empty ones are passed over
     * @return its paragraphs and items in order
     */
    public static List<TextBlock> of(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.startsWith(ITEM)
                        ? new TextBlock(line.substring(ITEM.length()).strip(), true)
                        : new TextBlock(line.strip(), false))
                .toList();
    }
}
