package dev.credence.data.rewards;

import java.util.NoSuchElementException;

/**
 * A completion as rewards see it where there is no record of it: a text.
 *
 * @param prompt the prompt's text
 * @param completion its text
 * @param length in tokens, the end counted; negative where it has none
 */
record Completion(String prompt, String completion, int length) implements ScoredText {
    static Completion ofText(String prompt, String completion) {
        return new Completion(prompt, completion, -1);
    }

    @Override
    public int tokens() {
        if (length < 0) {
            throw new NoSuchElementException("an outcome of a world has no tokens");
        }
        return length;
    }

    @Override
    public double field(String name) {
        throw new NoSuchElementException(
                length < 0
                        ? "a world's own rewards are named without field:"
                        : "an enumerated text has no field " + name + "; name a reward of its text");
    }
}
