package dev.credence.hub.chat;

import java.util.List;
import java.util.Map;

/** How much a template has done while it wrote one prompt: a small one can be written that never ends, or fills the memory. */
final class Work {
    /** What a step, or an item of a list, counts beside a character of a text, about as the memory that they take. */
    private static final long STEP = 16;

    private static final long MOST = 100_000_000;

    private long done;

    /**
     * Adds steps of loops, calls and comparisons, or items of lists.
     *
     * @throws TemplateException if that is more than any template for prompts has to do
     */
    void steps(long count) {
        characters(STEP * Math.min(count, MOST));
    }

    /**
     * Adds characters that are about to be written.
     *
     * @throws TemplateException if that is more than any template for prompts has to do
     */
    void characters(long count) {
        done += Math.min(count, MOST + 1);
        if (done > MOST) {
            throw new TemplateException(
                    "writing one prompt takes it more than %,d characters, or %,d steps of loops and lists"
                            .formatted(MOST, MOST / STEP));
        }
    }

    /** Adds a value that was made, in a step. */
    Object made(Object value) {
        steps(1);
        size(value);
        return value;
    }

    /** Adds a value that is gone through. */
    void size(Object value) {
        if (value instanceof String text) {
            characters(text.length());
        } else if (value instanceof List<?> list) {
            steps(list.size());
        } else if (value instanceof Map<?, ?> map) {
            steps(map.size());
        }
    }
}
