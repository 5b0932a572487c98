package dev.credence.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * One drawing.
 *
 * @param anchor identifier, unique on the page
 * @param title what it shows, one line
 * @param caption how to read it
 * @param spoken what a person who cannot see it is told
 * @param height pixels on the screen
 * @param keys what its signs stand for
 * @param option the chart library's option; colours are names of the style sheet, such as {@code var(--policy)}, and a
 *     custom series names its {@code shape}
 */
record Chart(
        String anchor, String title, String caption, String spoken, int height, List<Key> keys, ObjectNode option) {
    /**
     * One line of the legend. Each has a shape of its own, so that no colour is needed to tell them apart.
     *
     * @param sign the shape
     * @param colour name of a colour of the style sheet
     * @param words what it stands for
     */
    record Key(Sign sign, String colour, String words) {}

    /** The shapes of the legend. */
    enum Sign {
        /** A filled rectangle. */
        FILLED("<rect x=\"2\" y=\"3\" width=\"18\" height=\"8\" fill=\"currentColor\"/>"),
        /** A hatched rectangle. */
        HATCHED("<rect x=\"2\" y=\"3\" width=\"18\" height=\"8\" fill=\"currentColor\" fill-opacity=\".45\""
                + " stroke=\"currentColor\"/>"
                + "<path d=\"M4 11l4-8M9 11l4-8M14 11l4-8\" stroke=\"currentColor\" stroke-width=\"1.4\"/>"),
        /** A circle. */
        CIRCLE("<circle cx=\"11\" cy=\"7\" r=\"4\" fill=\"currentColor\"/>"),
        /** A diamond. */
        DIAMOND("<path d=\"M11 2l5 5-5 5-5-5z\" fill=\"currentColor\"/>"),
        /** A triangle. */
        TRIANGLE("<path d=\"M11 2l5 9H6z\" fill=\"currentColor\"/>"),
        /** A line. */
        LINE("<path d=\"M1 7h20\" stroke=\"currentColor\" stroke-width=\"2\"/>"),
        /** A line of dashes. */
        DASHED("<path d=\"M1 7h20\" stroke=\"currentColor\" stroke-width=\"2\" stroke-dasharray=\"5 3\"/>"),
        /** A line of dots. */
        DOTTED("<path d=\"M1 7h20\" stroke=\"currentColor\" stroke-width=\"2\" stroke-dasharray=\"2 2\"/>"),
        /** An interval. */
        WHISKER("<path d=\"M2 7h18M2 3v8M20 3v8\" stroke=\"currentColor\" stroke-width=\"1.4\" fill=\"none\"/>");

        private final String drawing;

        Sign(String drawing) {
            this.drawing = drawing;
        }
    }

    /** Writes the figure: drawing, legend, caption, and the option for the script that draws. */
    void write(Html html) {
        html.open("figure", "class", "chart")
                .open("figcaption", "class", "chart-title")
                .text(title)
                .close();
        if (!keys.isEmpty()) {
            html.open("ul", "class", "legend");
            keys.forEach(key -> key(html, key));
            html.close();
        }
        html.element(
                "div",
                "",
                "class",
                "plot",
                "id",
                anchor,
                "role",
                "img",
                "aria-label",
                title + ". " + spoken,
                "data-height",
                Integer.toString(height));
        html.element("p", caption, "class", "chart-note");
        html.open("script", "type", "application/json", "class", "chart-option", "data-for", anchor)
                .trusted(Escape.drawn(option.toString()))
                .close();
        html.close();
    }

    private static void key(Html html, Key key) {
        html.open("li").open("svg", "viewBox", "0 0 22 14", "aria-hidden", "true", "color", key.colour);
        html.trusted(key.sign.drawing).close().text(key.words).close();
    }
}
