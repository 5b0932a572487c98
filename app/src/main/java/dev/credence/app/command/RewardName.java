package dev.credence.app.command;

import dev.credence.core.provenance.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reward as a user types it, with the name it goes by in what is printed and written: {@code NAME=EXPRESSION}, or a text
 * that is its own name.
 *
 * <p>A name is a letter or {@code _}, then letters, digits, {@code _}, {@code .} and {@code -}, directly before the first
 * {@code =}; what follows must be an expression. No expression begins so (each starts with a number, {@code min(},
 * {@code length} alone, or a kind and a colon), hence {@code regex:a=b} and {@code 2*count:a=b} are never taken apart, and a
 * log's field with a {@code =} in its name is still named by itself, or as {@code field:NAME}.
 *
 * @param name what it is called
 * @param text the expression, or the name of one of the input's own rewards
 */
record RewardName(String name, String text) {
    private static final Pattern NAMED = Pattern.compile("(?s)([\\p{L}_][\\p{L}\\p{N}_.-]*)=(.+)");
    private static final Pattern EXPRESSION =
            Pattern.compile("(?s)length|min\\(.*|[a-z]+:.*|[-+.0-9].*\\*.*|.* \\+ .*");

    /** The one word that is an expression too. */
    private static final String LENGTH = "length";

    /**
     * Takes apart what was typed.
     *
     * @param typed by the user
     * @return name and expression
     * @throws InputException if the name means something else already
     */
    static RewardName of(String typed) {
        Matcher named = NAMED.matcher(typed);
        if (!named.matches() || !EXPRESSION.matcher(named.group(2)).matches()) {
            return new RewardName(typed, typed);
        }
        String name = named.group(1);
        if (name.equals(LENGTH) && !named.group(2).equals(LENGTH)) {
            throw InputException.ofSetting(
                    "reward", typed, "'length' is the number of tokens already; choose another name");
        }
        return new RewardName(name, named.group(2));
    }

    /** Whether the user chose the name. */
    boolean isNamed() {
        return !name.equals(text);
    }

    /** Whether it is computed of texts, rather than one of the input's own rewards. */
    boolean isExpression() {
        return EXPRESSION.matcher(text).matches();
    }
}
