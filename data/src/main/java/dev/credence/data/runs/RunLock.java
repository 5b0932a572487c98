package dev.credence.data.runs;

import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A run's folder is one process's to write to. The system holds the lock and drops it when the process ends, however it ends; the
 * file that it is on means nothing by itself.
 */
public final class RunLock implements AutoCloseable {
    static final String NAME = ".lock";
    private static final int MOST = 4096; // bytes

    private final Path file;
    private final FileChannel channel;

    private RunLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes a folder.
     *
     * @param folder of a run
     * @return to be closed when nothing more is written to it
     * @throws InputException if another process, or another thread of this one, has it
     * @throws IOException if it cannot be written to
     */
    public static RunLock take(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            RunLock taken = null;
            try {
                if (!isLocked(channel)) {
                    throw new InputException(
                            folder.toString(),
                            0,
                            "",
                            "in use: another process writes to this run",
                            "let it end, or end it, and resume then");
                }
                if (isStillThere(file, channel)) {
                    taken = new RunLock(file, channel);
                    return taken;
                }
            } finally {
                if (taken == null) {
                    channel.close();
                }
            }
        }
    }

    /**
     * Refuses a folder that another process writes to.
     *
     * @param folder of a run; it need not be there
     * @throws IOException if it cannot be written to
     */
    public static void requireFree(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            take(folder).close();
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process's own
        }
    }

    /**
     * Whoever had it before may have removed the file after it was opened here, and another may lock a new one of that name: the
     * size given to this one is then not found under the name. It must not be opened again: closing it would drop the lock.
     */
    private static boolean isStillThere(Path file, FileChannel channel) throws IOException {
        int size = 1 + (int) Math.floorMod(System.nanoTime(), (long) MOST);
        try {
            channel.truncate(0).write(ByteBuffer.allocate(size), 0);
        } catch (IOException e) {
            throw AtomicFile.named(file, e);
        }
        try {
            return Files.size(file) == size;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        channel.close();
    }
}
