package dev.credence.data.rollouts;

/** One record breaks a rule; the reader adds the file and the line. */
final class BadRecord extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 60;

    /** The value of a field that is not there. */
    static final String MISSING = "missing";

    private final String field;
    private final String value;
    private final String rule;

    /** @param field the field, or empty where the record as a whole is meant */
    BadRecord(String field, String value, String rule) {
        super(field + ": " + value + "; " + rule, null, false, false);
        this.field = field;
        this.value = value;
        this.rule = rule;
    }

    String field() {
        return field;
    }

    String value() {
        return value;
    }

    String rule() {
        return rule;
    }

    /** Whether a field that every record has is not there. */
    boolean isMissing() {
        return value.equals(MISSING);
    }

    /** A text short enough for a message, on one line. */
    static String shown(String text) {
        String line = text.replace("\r", "\\r").replace("\n", "\\n");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }
}
