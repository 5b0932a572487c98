package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Folders of runs, below {@code runs/} in the working folder. */
public final class RunFolder {
    /** Where runs are. */
    public static final Path RUNS = Path.of("runs");

    private static final int MOST = 10_000;
    private static final String NAME = "[\\w.+-]*\\w[\\w.+-]*";

    private RunFolder() {}

    /**
     * Makes a new folder; no run is ever written over.
     *
     * @param name as the user gave it, or null
     * @param otherwise the name to number where there is such a run already
     * @return the folder
     * @throws IOException if it cannot be made
     */
    public static Path make(@Nullable String name, String otherwise) throws IOException {
        return make(name, otherwise, folder -> false);
    }

    /** Tells whether a folder is that of the same run, broken off. */
    public interface Unfinished {
        /**
         * Whether the run goes on in it.
         *
         * @param folder there already
         * @return whether it is its own
         * @throws IOException if it cannot be read
         */
        boolean is(Path folder) throws IOException;

        /**
         * Why the run does not go on in a folder that was named for it.
         *
         * @param folder there already, of something else
         * @return a rule for a person
         * @throws IOException if it cannot be read
         */
        default String otherwise(Path folder) throws IOException {
            return "there is such a run; no run is written over";
        }
    }

    /**
     * Makes a new folder, or finds the one that a run that was broken off left.
     *
     * @param name as the user gave it, or null
     * @param otherwise the name to number where there is such a run already
     * @param unfinished knows the run
     * @return the folder
     * @throws IOException if it cannot be made
     */
    public static Path make(@Nullable String name, String otherwise, Unfinished unfinished) throws IOException {
        check(name);
        Files.createDirectories(RUNS);
        for (int number = 1; number < MOST; number++) {
            Path folder = RUNS.resolve(name != null ? name : number == 1 ? otherwise : otherwise + "-" + number);
            try {
                return Files.createDirectory(folder);
            } catch (FileAlreadyExistsException e) {
                if (unfinished.is(folder) || StoredRun.takeAbandoned(folder)) {
                    return folder;
                }
                if (name != null) {
                    throw InputException.ofSetting("run", name, unfinished.otherwise(folder));
                }
            }
        }
        throw InputException.ofSetting("run", "missing", "there are too many runs named " + otherwise);
    }

    /**
     * Refuses what is no name of a folder, before anything that takes long.
     *
     * @param name as the user gave it, or null
     * @throws InputException if it has other characters than a name
     */
    public static void check(@Nullable String name) {
        if (name != null && !name.matches(NAME)) {
            String last = name.substring(name.lastIndexOf('/') + 1);
            throw InputException.ofSetting(
                    "run",
                    name,
                    "a name has letters, digits and . _ + - only"
                            + (last.matches(NAME) && !last.equals(name)
                                    ? "; of a path it is the last part, " + last
                                    : ""));
        }
    }
}
