package dev.credence.core.natives;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Native libraries that are unpacked by whoever loads them first. Processes that do so at once read each other's half-written files, and
 * the system's loader ends one that does; so the first load of a library is left to one process at a time.
 */
public final class Unpacking {
    private static final String LOCK = "unpacking.lock";
    private static final String DONE = ".unpacked";

    private static final Set<Path> DONE_HERE = new HashSet<>();

    private Unpacking() {}

    /**
     * Loads a library, alone where no process has loaded it from this folder before. Where the folder cannot be locked, it is loaded
     * all the same.
     *
     * @param folder that it is unpacked into; made where it is not there
     * @param library its name and version, as a file may be called
     * @param load unpacks and loads it; called once
     */
    public static synchronized void once(Path folder, String library, Runnable load) {
        Path done = folder.resolve(library + DONE);
        if (DONE_HERE.contains(done) || Files.exists(done)) {
            load.run();
            return;
        }
        try (FileChannel channel = open(folder);
                FileLock lock = lock(channel)) {
            load.run();
            DONE_HERE.add(done);
            if (lock != null && !Files.exists(done)) {
                Files.createFile(done);
            }
        } catch (IOException e) {
            return; // it is loaded; who starts next waits for its turn again
        }
    }

    private static @Nullable FileChannel open(Path folder) {
        try {
            Files.createDirectories(folder);
            return FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable FileLock lock(@Nullable FileChannel channel) {
        try {
            return channel == null ? null : channel.lock();
        } catch (IOException e) {
            return null;
        }
    }
}
