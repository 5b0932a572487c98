package dev.credence.worlds;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One prompt as it stands in a file, unchecked, every value with its line. */
final class RawPrompt {
    final String path; // in front of field names, such as "prompts.q1."; empty for the only prompt
    final long line;
    final boolean normalise;
    final Map<String, RawTable> rewards = new LinkedHashMap<>();

    @Nullable
    RawTable prior;

    @Nullable
    RawTable policy;

    @Nullable
    Cell weight;

    RawPrompt(String path, long line, boolean normalise) {
        this.path = path;
        this.line = line;
        this.normalise = normalise;
    }

    /** A value and where it stands. */
    record Cell(String text, long line) {}

    /** Outcome to value, under a field. */
    record RawTable(String path, long line, Map<String, Cell> cells) {
        RawTable(String path, long line) {
            this(path, line, new LinkedHashMap<>());
        }
    }
}
