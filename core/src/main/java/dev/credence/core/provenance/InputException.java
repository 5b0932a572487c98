package dev.credence.core.provenance;

/**
 * Bad input of a user: a file's field or an option. The command line prints the message alone and exits with 2.
 *
 * <p>The message reads {@code file:line: field 'x' is VALUE; RULE}; without a line {@code file: field …}; for an option
 * {@code option --beta is VALUE; RULE}; for a setting, which is an option on the command line alone, {@code setting 'beta' is
 * VALUE; RULE}.
 */
public final class InputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The file's name; empty for an option. */
    private final String file;

    /** From 1; 0 where there is none. */
    private final long line;

    /** The field's or option's name. */
    private final String field;

    /** Whether the field is a setting of a record. */
    private final boolean setting;

    /** What was found. */
    private final String value;

    /** What it should have been. */
    private final String rule;

    /**
     * A bad field of a file.
     *
     * @param file the file's name as the user gave it
     * @param line its line, from 1; 0 where none can be told
     * @param field the field's name, such as {@code prompts.q1.prior.a}; empty where the line as a whole is meant
     * @param value what was found, or {@code missing}
     * @param rule what it should have been
     */
    public InputException(String file, long line, String field, String value, String rule) {
        this(message(file, line, field, value, rule), new Place(file, line, field), value, rule);
    }

    private InputException(String message, Place place, String value, String rule) {
        super(message);
        this.file = place.file;
        this.line = place.line;
        this.field = place.field;
        this.setting = place.setting;
        this.value = value;
        this.rule = rule;
    }

    /**
     * A bad option of the command line.
     *
     * @param option its name with the dashes, such as {@code --beta}
     * @param value what was given, or {@code missing}
     * @param rule what it should have been
     * @return the exception, to be thrown
     */
    public static InputException ofOption(String option, String value, String rule) {
        String message = "option " + option + " is " + value + "; " + rule;
        return new InputException(message, new Place("", 0, option), value, rule);
    }

    /**
     * A bad setting of a record, wherever it came from.
     *
     * @param setting its name, such as {@code beta}
     * @param value what was given, or {@code missing}
     * @param rule what it should have been
     * @return the exception, to be thrown
     */
    public static InputException ofSetting(String setting, String value, String rule) {
        String message = "setting '" + setting + "' is " + value + "; " + rule;
        return new InputException(message, new Place("", 0, setting, true), value, rule);
    }

    /**
     * How the command line says it: a setting is an option there.
     *
     * @return this where it is of a file or an option already
     */
    public InputException asOption() {
        return setting ? ofOption("--" + field, value, rule) : this;
    }

    /** {@return the file's name; empty for an option} */
    public String file() {
        return file;
    }

    /** {@return the line, from 1; 0 where there is none} */
    public long line() {
        return line;
    }

    /** {@return the field's or option's name} */
    public String field() {
        return field;
    }

    /** {@return what was found} */
    public String value() {
        return value;
    }

    /** {@return what it should have been} */
    public String rule() {
        return rule;
    }

    private static String message(String file, long line, String field, String value, String rule) {
        String place = line > 0 ? file + ":" + line : file;
        String what = field.isEmpty() ? value : "field '" + field + "' is " + value;
        return place + ": " + what + "; " + rule;
    }

    private record Place(String file, long line, String field, boolean setting) {
        Place(String file, long line, String field) {
            this(file, line, field, false);
        }
    }
}
