package dev.credence.app.console;

/** How text looks where colours show; elsewhere all are the same. */
public enum Style {
    /** As it is. */
    PLAIN(""),
    /** Headings. */
    BOLD("1"),
    /** What may be passed over: withdrawn figures, explanations. */
    DIM("2"),
    /** What holds. */
    GOOD("32"),
    /** What holds barely. */
    WARN("33"),
    /** What does not hold. */
    BAD("31");

    private static final String ESCAPE = "\u001b[";

    private final String code;

    Style(String code) {
        this.code = code;
    }

    /**
     * The text in this style.
     *
     * @param text what to show
     * @param face where
     * @return with control sequences, where colours are wanted
     */
    String paint(String text, Console.Face face) {
        return code.isEmpty() || !face.colours() ? text : ESCAPE + code + "m" + text + ESCAPE + "0m";
    }
}
