package dev.credence.data.files;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as it lay there before it was read, so that one which grows, shrinks, is written over or replaced in the meantime is refused:
 * what was read of it would be neither the old nor the new, and its hash that of no file. Pipes and devices, which are read once,
 * have no stamp and are taken as they come.
 */
public final class FileStamp {
    private static final String RULE =
            "a file must stay as it is until it has been read: wait until it is written, or copy it first (a folder that a trainer"
                    + " writes into can be followed)";

    private final String name;
    private final Path file;
    private final @Nullable Lying before;

    /** What tells a file from what it was; the key is the system's own number of it, where it has one. */
    private record Lying(
            long bytes, FileTime modified, @Nullable Object key) {
        static @Nullable Lying of(Path file) throws IOException {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return found.isRegularFile() ? new Lying(found.size(), found.lastModifiedTime(), found.fileKey()) : null;
        }
    }

    private FileStamp(String name, Path file, @Nullable Lying before) {
        this.name = name;
        this.file = file;
        this.before = before;
    }

    /**
     * Taken before a file is opened.
     *
     * @param name as the user gave it
     * @param file where it lies
     * @return its stamp
     * @throws IOException if there is no such file, or it cannot be looked at
     */
    public static FileStamp of(String name, Path file) throws IOException {
        return new FileStamp(name, file, Lying.of(file));
    }

    /** {@return the refusal of a file that is another than it was, or null if it lies there as before} */
    public @Nullable InputException changed() {
        if (before == null) {
            return null;
        }
        Lying now;
        try {
            now = Lying.of(file);
        } catch (IOException e) {
            return refusal("gone");
        }
        if (before.equals(now)) {
            return null;
        }
        return now == null || !Objects.equals(now.key, before.key)
                ? refusal("replaced by another file")
                : refusal("changed (" + before.bytes + " bytes when it was opened, " + now.bytes + " now)");
    }

    private InputException refusal(String what) {
        return new InputException(name, 0, "", what + " while it was read", RULE);
    }

    /**
     * Refuses a file that is another than it was when the stamp was taken.
     *
     * @throws InputException if it is
     */
    public void check() {
        InputException changed = changed();
        if (changed != null) {
            throw changed;
        }
    }

    /**
     * What a failure means: of a file that was changed while it was read, what seemed broken in it says nothing.
     *
     * @param failure of reading it
     * @return the refusal of the change, or the failure itself
     */
    public InputException cause(InputException failure) {
        InputException changed = changed();
        return changed == null ? failure : changed;
    }
}
