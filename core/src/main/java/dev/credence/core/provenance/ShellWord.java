package dev.credence.core.provenance;

import java.util.regex.Pattern;

/** A word of a command that a person is told to type: what a shell would take for more than a word is quoted. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=,+@%-]+");

    private ShellWord() {}

    /**
     * Writes a word.
     *
     * @param word what the command is to be given, such as a folder's name
     * @return the word, in single quotes where a shell needs them
     */
    public static String of(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
