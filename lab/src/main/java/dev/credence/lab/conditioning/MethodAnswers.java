package dev.credence.lab.conditioning;

import java.util.List;

/**
 * What came of methods that were asked the same.
 *
 * @param answers of those that came to their end, in their order
 * @param failed the others, in their order
 */
public record MethodAnswers(List<Answer> answers, List<Failed> failed) {
    /**
     * Copies the lists.
     *
     * @param answers as above
     * @param failed as above
     */
    public MethodAnswers {
        answers = List.copyOf(answers);
        failed = List.copyOf(failed);
    }

    /**
     * A method that came to nothing.
     *
     * @param label its name with the options that were given
     * @param method its name
     * @param aimed what it aims at, in words
     * @param cause why, for a person
     */
    public record Failed(String label, String method, String aimed, String cause) {}
}
