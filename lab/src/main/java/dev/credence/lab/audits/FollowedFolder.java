package dev.credence.lab.audits;

import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A folder that is followed ({@link FollowedAudit}): tells which files have come, has them read and steps audited, by this process or by
 * an engine's machines. One thread calls it.
 */
public interface FollowedFolder extends AutoCloseable {
    /**
     * A file as it lies there.
     *
     * @param file its name
     * @param bytes its size
     * @param modified when it was last written, milliseconds
     */
    record Arrived(String file, long bytes, long modified) {}

    /**
     * What a file holds, without its records.
     *
     * @param facts of the file as a whole
     * @param steps by step what tells whether its records are the same
     * @param namesSteps whether every record names its step
     * @serial exclude
     */
    record Held(FileRead.Facts facts, TreeMap<Long, Long> steps, boolean namesSteps) implements Serializable {
        /**
         * Of a file that was read.
         *
         * @param read the file
         * @return what it holds
         */
        public static Held of(FileRead read) {
            TreeMap<Long, Long> steps = new TreeMap<>();
            boolean namesSteps = true;
            for (LogPart part : read.parts()) {
                namesSteps &= part.hasStep();
                if (part.hasStep()) {
                    steps.put(part.step(), part.fingerprint());
                }
            }
            return new Held(read.facts(), steps, namesSteps);
        }
    }

    /**
     * Files that are to be read now; those of the call before are done with.
     *
     * @param isKnown whether a file was read as it is now
     * @return none where nothing is new
     * @throws IOException if the folder cannot be read
     */
    List<Arrived> arrived(Predicate<Arrived> isKnown) throws IOException;

    /**
     * {@return when something in the folder was last seen to change, by {@link System#nanoTime}; nothing yet counts as its beginning}
     */
    long changed();

    /**
     * Reads files, each when it is asked for or all at once.
     *
     * @param audit of whose files they are
     * @param files their names
     * @return what each holds, in any order; one that is gone is left out
     * @throws IOException if reading fails
     */
    Iterator<Held> read(PartedAudit audit, List<String> files) throws IOException;

    /**
     * Told which steps will be asked for, before the first of them.
     *
     * @param audit of whose files they are
     * @param steps with the files that hold each
     * @throws IOException if reading fails
     */
    void prepare(PartedAudit audit, SortedMap<Long, List<String>> steps) throws IOException;

    /**
     * Audits a step.
     *
     * @param audit of whose files it is
     * @param step which
     * @param files those that hold records of it
     * @return its audit, or why there is none; null where they hold no record of it any more
     * @throws java.nio.file.NoSuchFileException if a file is gone, or breaks a rule by now
     * @throws IOException if reading fails
     */
    PartedAudit.@Nullable StepResult audit(PartedAudit audit, long step, List<String> files) throws IOException;

    /**
     * Whether a file that was read is still there.
     *
     * @param file its name
     * @return whether it is
     * @throws IOException if the folder cannot be read
     */
    boolean isThere(String file) throws IOException;

    @Override
    void close() throws IOException;
}
