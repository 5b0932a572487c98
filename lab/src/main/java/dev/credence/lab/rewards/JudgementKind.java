package dev.credence.lab.rewards;

import dev.credence.core.provenance.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What raters were asked for, and by which fields a file's records say so. */
public enum JudgementKind {
    /** Which of two texts is better: {@code prompt}, {@code chosen}, {@code rejected}. */
    PAIRS("chosen rejected"),
    /** Whether a text is approved of: {@code prompt}, {@code completion}, {@code approved}. */
    APPROVALS("approved"),
    /** How probable approval is: {@code prompt}, {@code completion}, {@code probability}. */
    PROBABILITIES("probability");

    private final String marks; // with a space between

    JudgementKind(String marks) {
        this.marks = marks;
    }

    /** The fields that no other kind has. */
    List<String> marks() {
        return List.of(marks.split(" ", -1));
    }

    /** {@return its name as settings have it} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return what a model learns of such, in words} */
    public String fit() {
        return switch (this) {
            case PAIRS -> "Bradley–Terry";
            case APPROVALS -> "logistic regression";
            case PROBABILITIES -> "least squares on logits";
        };
    }

    /**
     * A kind by its word.
     *
     * @param word as settings have it
     * @return the kind
     * @throws InputException naming the words that there are
     */
    public static JudgementKind of(String word) {
        return Arrays.stream(values())
                .filter(kind -> kind.word().equals(word))
                .findFirst()
                .orElseThrow(() -> InputException.ofSetting(
                        "kind",
                        word,
                        "it is one of "
                                + Arrays.stream(values())
                                        .map(JudgementKind::word)
                                        .collect(Collectors.joining(", "))));
    }
}
