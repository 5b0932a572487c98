package dev.credence.core.provenance;

import java.util.function.Supplier;

/**
 * Bad input of a user: a file's field, or a setting. The command line prints the message alone and exits with 2.
 *
 * <p>The message reads {@code file:line: field 'x' is VALUE; RULE}; without a line {@code file: field …}; for a setting
 * {@code beta is VALUE; RULE}.
 */
public final class InputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The file's name; empty for a setting. */
    private final String file;

    /** From 1; 0 where there is none. */
    private final long line;

    /** The field's or setting's name. */
    private final String field;

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
        this.value = value;
        this.rule = rule;
    }

    /**
     * A bad setting: an argument of a library call, which the command line has as an option of the same name.
     *
     * @param setting its name, such as {@code max-new-tokens}
     * @param value what was given, or {@code missing}
     * @param rule what it should have been
     * @return the exception, to be thrown
     */
    public static InputException ofSetting(String setting, String value, String rule) {
        String message = setting + " is " + value + "; " + rule;
        return new InputException(message, new Place("", 0, setting), value, rule);
    }

    /**
     * Reads a setting by what reads another: what is wrong with it is said of its own name.
     *
     * @param setting the name that the user knows
     * @param read what reads it
     * @param <T> what comes of it
     * @return that
     * @throws InputException as the reader's, about this setting where that is about one
     */
    public static <T> T reading(String setting, Supplier<T> read) {
        try {
            return read.get();
        } catch (InputException e) {
            throw e.isOfSetting() ? ofSetting(setting, e.value, e.rule) : e;
        }
    }

    /** {@return whether it is about a setting rather than a file} */
    public boolean isOfSetting() {
        return file.isEmpty();
    }

    /** {@return the file's name; empty for a setting} */
    public String file() {
        return file;
    }

    /** {@return the line, from 1; 0 where there is none} */
    public long line() {
        return line;
    }

    /** {@return the field's or setting's name} */
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

    private record Place(String file, long line, String field) {}
}
