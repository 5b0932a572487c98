package dev.credence.methods;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.RecordOrigins;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts that were written for prompts, to be imitated.
 *
 * @param all in their order; a text counts as often as it is there
 * @param origin what they were read from, for messages; empty where they were not read
 * @param stated where they say that they come from
 */
public record Demonstrations(List<One> all, String origin, RecordOrigins stated) {
    /** No text. */
    public static final Demonstrations NONE = new Demonstrations(List.of(), "");

    /**
     * Copies the list.
     *
     * @param all as above
     * @param origin as above
     * @param stated as above
     */
    public Demonstrations {
        all = List.copyOf(all);
    }

    /**
     * Texts that say nothing of where they come from.
     *
     * @param all as above
     * @param origin as above
     */
    public Demonstrations(List<One> all, String origin) {
        this(all, origin, RecordOrigins.NONE);
    }

    /**
     * One text.
     *
     * @param prompt what it was written for; null stands for the only prompt there is
     * @param text the completion
     * @param line where it stands in the file, from 1; 0 for none
     */
    public record One(@Nullable String prompt, String text, long line) {}

    /**
     * A single text for the only prompt.
     *
     * @param text the completion
     * @return it
     */
    public static Demonstrations of(String text) {
        return new Demonstrations(List.of(new One(null, text, 0)), "");
    }

    /**
     * The texts by prompt.
     *
     * @param prompts those there are
     * @return prompts that have any, each with its texts
     * @throws InputException if a text is for another prompt, or for none where there are several
     */
    public Map<String, List<One>> byPrompt(List<String> prompts) {
        Map<String, List<One>> byPrompt = new LinkedHashMap<>();
        for (One one : all) {
            String prompt = one.prompt;
            if (prompt == null && prompts.size() == 1) {
                prompt = prompts.get(0);
            }
            if (prompt == null) {
                throw refuse(
                        one,
                        "prompt",
                        "missing",
                        "there are " + prompts.size() + " prompts, so each text names its own");
            }
            if (!prompts.contains(prompt)) {
                throw refuse(one, "prompt", prompt, "it is none of the " + prompts.size() + " prompts trained on");
            }
            byPrompt.computeIfAbsent(prompt, p -> new ArrayList<>()).add(one);
        }
        return byPrompt;
    }

    /**
     * Refuses a text.
     *
     * @param one the text
     * @param field what of it
     * @param value the field's value
     * @param rule that it breaks
     * @return to be thrown
     */
    public InputException refuse(One one, String field, String value, String rule) {
        return new InputException(origin.isEmpty() ? "demonstrations" : origin, one.line, field, value, rule);
    }
}
