package dev.credence.data.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A hidden file beside the one that it is for, there until it is closed. Its process holds a lock on it, which ends with the process
 * however that ends: so what a killed one left behind is told from what another is writing, and removed by the next that asks.
 */
public final class ScratchFile implements AutoCloseable {
    private static final String UNIQUE = "\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp";
    /** Characters of the file's name in that of its scratch file: four bytes each and what is added are within the usual 255 bytes. */
    private static final int LONGEST = 50;

    private static final int TIMES = 5; // that one is made anew, at most
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet(); // of this process

    private static final Pattern SCRATCH = Pattern.compile("\\..+" + UNIQUE);

    private final Path target;
    private final Path path;
    private final FileChannel channel;

    private ScratchFile(Path target, Path path, FileChannel channel) {
        this.target = target;
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes one.
     *
     * @param target the file that it is for; its folder exists
     * @return empty, with the permissions of any new file
     * @throws IOException if it cannot be made
     */
    public static ScratchFile beside(Path target) throws IOException {
        Path whole = target.toAbsolutePath();
        if (whole.getParent() == null) {
            throw new IOException(target + " is no file name");
        }
        for (int times = 1; ; times++) {
            // not createTempFile: that makes files which nobody else may read, and a rename would keep it so
            Path path = whole.resolveSibling(beginning(whole) + "." + UUID.randomUUID() + ".tmp");
            OWN.add(path);
            try {
                FileChannel channel = created(path, target);
                if (isHeld(channel, path) || times == TIMES) {
                    return new ScratchFile(target, path, channel);
                }
                channel.close(); // another process took it for left behind before it was held
            } catch (IOException e) {
                OWN.remove(path);
                throw e;
            }
            OWN.remove(path);
        }
    }

    private static boolean isHeld(FileChannel channel, Path path) {
        try {
            return channel.tryLock() != null && Files.exists(path);
        } catch (IOException e) {
            return true; // a system without locks: nobody gets one there, so nobody takes it for left behind
        }
    }

    private static String beginning(Path target) {
        String name = target.getFileName().toString();
        return "." + (name.length() <= LONGEST ? name : name.substring(0, LONGEST));
    }

    /** A folder that cannot be written is told with the file that was to be written, not with a name that nobody gave. */
    private static FileChannel created(Path path, Path target) throws IOException {
        try {
            return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(target.toString(), null, "its folder does not exist");
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(target.toString());
        } catch (FileSystemException e) {
            throw new FileSystemException(target.toString(), null, e.getReason());
        }
    }

    /**
     * Whether a name is that of a scratch file.
     *
     * @param name without its folder
     * @return whether it is
     */
    static boolean isOne(String name) {
        return SCRATCH.matcher(name).matches();
    }

    /**
     * Removes what processes that were killed left beside a file. What cannot be looked at or removed stays; it is in nobody's way.
     *
     * @param target the file
     */
    public static void sweep(Path target) {
        Path whole = target.toAbsolutePath();
        Path folder = whole.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        sweep(folder, Pattern.compile(Pattern.quote(beginning(whole)) + UNIQUE));
    }

    /**
     * Removes what processes that were killed left in a folder, whatever files it was for.
     *
     * @param folder the folder; those in it are not looked into
     */
    public static void sweepAll(Path folder) {
        sweep(folder.toAbsolutePath(), SCRATCH);
    }

    private static void sweep(Path folder, Pattern scratch) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(
                folder,
                file -> scratch.matcher(file.getFileName().toString()).matches()
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))) {
            for (Path file : left) {
                removeUnlessHeld(file);
            }
        } catch (IOException | DirectoryIteratorException e) {
            return;
        }
    }

    private static void removeUnlessHeld(Path file) {
        if (OWN.contains(file)) {
            return; // to open it and close it again would give up the lock
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            return; // another user's, or gone
        }
    }

    /**
     * What writes it, not buffered. A disk that is full is told with the name of the file that was to be written.
     *
     * @return closing it gives up the lock
     */
    public OutputStream out() {
        OutputStream plain = Channels.newOutputStream(channel);
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    plain.write(bytes, from, length);
                } catch (IOException e) {
                    throw named(e);
                }
            }

            @Override
            public void close() throws IOException {
                plain.close();
            }
        };
    }

    /**
     * Waits until all that was written is on the disk.
     *
     * @throws IOException if it cannot be written
     */
    public void force() throws IOException {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw named(e);
        }
    }

    private IOException named(IOException cause) {
        return AtomicFile.named(target, cause);
    }

    /**
     * Puts it in the place of the file that it is for.
     *
     * @throws FileSystemException if that fails, with that file's name: the name of this one is nobody's; the old file then stays
     * @throws IOException if the system says no more
     */
    public void put() throws IOException {
        try {
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (FileSystemException e) {
            throw (IOException) new FileSystemException(target.toString(), null, e.getReason()).initCause(e);
        }
    }

    /** {@return where it lies} */
    public Path path() {
        return path;
    }

    /** Removes it, unless it was moved away. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        } finally {
            OWN.remove(path);
        }
    }
}
