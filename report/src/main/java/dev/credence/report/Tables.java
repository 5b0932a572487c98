package dev.credence.report;

/** Tables that scroll by themselves where the page is narrow, and sort by a click or a key on a head. */
final class Tables {
    private Tables() {}

    /** Opens a table up to its body. */
    static void open(Html html, String caption, String kind, Column... columns) {
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
        html.open("table", "class", "sortable " + kind).open("caption");
        html.element("span", caption).close();
        html.open("thead").open("tr");
        for (Column column : columns) {
            html.element("th", column.name(), "scope", "col", "class", column.numeric() ? "num" : "words");
        }
        html.close().close().open("tbody");
    }

    /** Closes what {@link #open} opened. */
    static void close(Html html) {
        html.close().close().close();
    }
}
