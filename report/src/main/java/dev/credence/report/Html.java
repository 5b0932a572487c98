package dev.credence.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/** Builds HTML text that is well-formed: what is opened is closed in order, and what is said is escaped. */
final class Html {
    /** Elements that start a line of their own in the file, so that a person can read it. */
    private static final Set<String> BLOCKS = Set.of(
            "article",
            "aside",
            "body",
            "caption",
            "details",
            "div",
            "dl",
            "dt",
            "figcaption",
            "figure",
            "footer",
            "h1",
            "h2",
            "h3",
            "head",
            "header",
            "li",
            "link",
            "main",
            "meta",
            "nav",
            "noscript",
            "ol",
            "p",
            "script",
            "section",
            "style",
            "summary",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "title",
            "tr",
            "ul");

    private final StringBuilder out = new StringBuilder(1 << 16);
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; attributes are names and values in turn. */
    Html open(String tag, String... attributes) {
        start(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /** Closes the element opened last. */
    Html close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element that holds nothing, such as {@code meta}. */
    Html empty(String tag, String... attributes) {
        start(tag, attributes);
        out.append("/>");
        return this;
    }

    /** Text, escaped. */
    Html text(String text) {
        Escape.text(text, out);
        return this;
    }

    /** An element that holds only text. */
    Html element(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /** Text of our own that is HTML, CSS or JavaScript already. */
    Html trusted(String markup) {
        out.append(markup);
        return this;
    }

    /** {@return the text; every element must be closed} */
    String finished() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("elements left open: " + open);
        }
        return out.append('\n').toString();
    }

    private void start(String tag, String... attributes) {
        if (attributes.length % 2 != 0) {
            throw new IllegalArgumentException("attributes of " + tag + " are " + attributes.length
                    + " strings, must be names and values in turn");
        }
        if (BLOCKS.contains(tag)) {
            out.append('\n');
        }
        out.append('<').append(tag);
        for (int at = 0; at < attributes.length; at += 2) {
            out.append(' ').append(attributes[at]).append("=\"");
            Escape.attribute(attributes[at + 1], out);
            out.append('"');
        }
    }
}
