package dev.credence.app.options;

import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a command was asked to write beside its run's folder. It is kept there, so that {@code resume} writes it too.
 *
 * @param json a file, {@code -} for standard output, or null
 * @param page the report's file, or null
 */
public record KeptOutputs(@Nullable String json, @Nullable String page) {
    private static final String JSON = "json";
    private static final String PAGE = "output";

    /**
     * What was asked.
     *
     * @param common options
     * @param page the report's file, or null
     * @return the same from any working folder
     */
    public static KeptOutputs of(CommonOptions common, @Nullable String page) {
        JsonTarget json = common.json();
        return new KeptOutputs(
                json.file() == null || json.takesStandardOutput() ? json.file() : absolute(json.file()),
                page == null ? null : absolute(page));
    }

    /**
     * What was kept.
     *
     * @param run its folder
     * @return where its results go
     */
    public static KeptOutputs of(StoredRun run) {
        Map<String, String> kept = run.outputs();
        return new KeptOutputs(kept.get(JSON), kept.get(PAGE));
    }

    /**
     * Keeps it.
     *
     * @param run its folder
     * @throws IOException if it cannot be written
     */
    public void keep(StoredRun run) throws IOException {
        Map<String, String> outputs = new LinkedHashMap<>();
        if (json != null) {
            outputs.put(JSON, json);
        }
        if (page != null) {
            outputs.put(PAGE, page);
        }
        run.keepOutputs(outputs);
    }

    private static String absolute(String file) {
        return Path.of(file).toAbsolutePath().normalize().toString();
    }
}
