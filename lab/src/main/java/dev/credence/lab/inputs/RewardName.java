package dev.credence.lab.inputs;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reward as a user types it, with the name it goes by in what is printed and written: {@code NAME=EXPRESSION}, or a text
 * that is its own name.
 *
 * <p>A name is a letter or {@code _}, then letters, digits, {@code _}, {@code .} and {@code -}, directly before the first
 * {@code =}; what follows must be an expression. No expression begins so (each starts with a number, {@code min(} or
 * {@code mean(}, {@code length} alone, or a kind and a colon), hence {@code regex:a=b} and {@code 2*count:a=b} are never taken apart, and a
 * log's field with a {@code =} in its name is still named by itself, or as {@code field:NAME}.
 *
 * @param name what it is called
 * @param text the expression, or the name of one of the input's own rewards
 */
public record RewardName(String name, String text) {
    private static final Pattern NAMED = Pattern.compile("(?s)([\\p{L}_][\\p{L}\\p{N}_.-]*)=(.+)");
    private static final Pattern EXPRESSION =
            Pattern.compile("(?s)length|(min|mean|mean-variance)\\(.*|[a-z]+:.*|[-+.0-9].*\\*.*|.* \\+ .*");

    /** The one word that is an expression too. */
    private static final String LENGTH = "length";

    /**
     * The reward where the user named none.
     *
     * @param own names in the input
     * @return the only one
     * @throws InputException if there is none, or several
     */
    public static String only(List<String> own) {
        if (own.size() == 1) {
            return own.get(0);
        }
        String rule = own.isEmpty()
                ? "the input has no reward; name one such as contains:TEXT"
                : "the input has several rewards, name one of: " + String.join(", ", own);
        throw InputException.ofSetting("reward", "missing", rule);
    }

    /**
     * Takes apart what was typed.
     *
     * @param typed by the user
     * @return name and expression
     * @throws InputException if the name means something else already
     */
    public static RewardName of(String typed) {
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

    /**
     * What a reward is where nobody says so: a reward model's score, a multiple of one and an ensemble of some are logits, so that
     * copies of it are rounds of choice; all else is a number of unknown scale.
     *
     * @param typed as the user typed it; null where none was
     * @return logit or score
     */
    public static RewardType typeOf(@Nullable String typed) {
        if (typed == null || !typed.contains(":")) {
            return RewardType.SCORE;
        }
        try {
            RewardName asked = of(typed);
            return asked.isExpression()
                            && RewardExpression.parseTogether(asked.text()).isLogit()
                    ? RewardType.LOGIT
                    : RewardType.SCORE;
        } catch (InputException e) {
            return RewardType.SCORE; // whoever reads the reward says what is wrong with it
        }
    }

    /** {@return whether the user chose the name} */
    public boolean isNamed() {
        return !name.equals(text);
    }

    /** {@return whether it is computed of texts, rather than one of the input's own rewards} */
    public boolean isExpression() {
        return EXPRESSION.matcher(text).matches();
    }
}
