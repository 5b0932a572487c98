package dev.credence.report;

/**
 * The head of a column.
 *
 * @param name its name
 * @param numeric whether it holds numbers, which stand to the right
 */
record Column(String name, boolean numeric) {
    /** A column of words. */
    static Column text(String name) {
        return new Column(name, false);
    }

    /** A column of numbers. */
    static Column number(String name) {
        return new Column(name, true);
    }
}
