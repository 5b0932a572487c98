package dev.credence.core.evidence;

import dev.credence.core.automaton.TokenTexts;
import java.util.Optional;

/**
 * How a model's tokens make texts: all that evidence on texts has to know to be asked token by token. Any number of threads
 * may ask.
 */
public interface TextTokens {
    /**
     * The text of a completion's tokens.
     *
     * @param tokens array that begins with them, an end token not among them; not to be kept
     * @param length how many they are
     * @return the text; bytes that no character comes of are U+FFFD
     */
    String decode(int[] tokens, int length);

    /**
     * {@return what each token adds to a text, always the same object; nothing where the text of a sequence is not its
     * tokens' bytes one after the other, so that the first tokens do not say how the text begins}
     */
    Optional<TokenTexts> spelled();

    /** {@return tokens after which a text is cut, at least 1} */
    int horizon();
}
