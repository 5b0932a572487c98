package dev.credence.core.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that native libraries are unpacked into and loaded from: the user's own, closed to everybody else. Libraries left to
 * themselves fall back to a folder of the system's temporary files whose name anyone can guess, and load what lies there.
 *
 * <p>In order: {@code $XDG_CACHE_HOME/credence/native}, {@code ~/.cache/credence/native}, and
 * {@code credence-native-USER} among the temporary files. A folder that is another user's, a symbolic link, or that others can
 * write to or replace is passed over.
 */
public final class NativeFolder {
    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");
    private static final int STICKY = 01000;

    private NativeFolder() {}

    /**
     * The folder, made where it is not there.
     *
     * @return its path
     * @throws IllegalStateException if there is none that is safe
     */
    public static Path path() {
        return Holder.PATH;
    }

    /**
     * Removes the file of a library that this process has loaded: what is loaded stays loaded, and a process that is killed leaves
     * nothing behind. For libraries that unpack themselves under a name of their own at every start. Does nothing where the system
     * does not say what is loaded.
     *
     * @param name how the file's name begins
     */
    public static void unlink(String name) {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.isReadable(maps)) {
            return;
        }
        Path temporary = temporary();
        try (Stream<String> lines = Files.lines(maps)) {
            List<Path> loaded = lines.filter(line -> line.indexOf('/') >= 0 && !line.endsWith(" (deleted)"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .filter(file -> file.startsWith(temporary)
                            && String.valueOf(file.getFileName()).startsWith(name))
                    .distinct()
                    .toList();
            for (Path file : loaded) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            return; // it is removed at the end, unless the process is killed
        }
    }

    /**
     * The files among the temporary ones that a library may have unpacked itself into.
     *
     * @param name how the files' names begin
     * @return their paths; none where the folder cannot be looked at
     */
    public static Set<Path> unpacked(String name) {
        try (Stream<Path> files = Files.list(temporary())) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(name))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException | UncheckedIOException e) {
            return Set.of();
        }
    }

    /**
     * Removes what a library left that could not be loaded: where there is no room it is cut, and takes the little that there was.
     *
     * @param name how the files' names begin
     * @param before those that were there before it was tried
     */
    public static void removeUnpacked(String name, Set<Path> before) {
        for (Path file : unpacked(name)) {
            if (!before.contains(file)) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    return; // another user's, or a folder that takes no changes: why the library failed is said already
                }
            }
        }
    }

    /**
     * The folder of the system's temporary files, into which some libraries unpack themselves whatever they are told.
     *
     * @return its path
     */
    public static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    }

    /** The first safe one of the places that an environment and properties name. */
    static Path among(Function<String, @Nullable String> environment, Function<String, @Nullable String> properties) {
        List<String> refused = new ArrayList<>();
        for (Path candidate : candidates(environment, properties)) {
            try {
                return own(candidate);
            } catch (IOException | UnsupportedOperationException e) {
                refused.add(candidate + " (" + e.getMessage() + ")");
            }
        }
        throw new IllegalStateException(
                "native libraries are unpacked into a folder that is the user's alone, and there is none: "
                        + String.join(", ", refused) + "; set XDG_CACHE_HOME to a folder of your own");
    }

    private static List<Path> candidates(
            Function<String, @Nullable String> environment, Function<String, @Nullable String> properties) {
        List<Path> all = new ArrayList<>();
        add(all, environment.apply("XDG_CACHE_HOME"), "credence/native");
        add(all, properties.apply("user.home"), ".cache/credence/native");
        String user = String.valueOf(properties.apply("user.name")).replaceAll("[^A-Za-z0-9._-]", "_");
        add(all, properties.apply("java.io.tmpdir"), "credence-native-" + user);
        return all;
    }

    /** Only what is absolute: a user without a home has "?" for one. */
    private static void add(List<Path> all, @Nullable String folder, String within) {
        try {
            if (folder != null && Path.of(folder).isAbsolute()) {
                all.add(Path.of(folder).resolve(within));
            }
        } catch (InvalidPathException e) {
            return; // no path at all
        }
    }

    private static Path own(Path folder) throws IOException {
        if (!Files.getFileStore(existing(folder)).supportsFileAttributeView("posix")) {
            return Files.createDirectories(folder); // the system's own rules keep a user's folder apart
        }
        Path parent = Files.createDirectories(folder.getParent());
        boolean made = make(folder);
        PosixFileAttributes found = attributes(folder);
        if (!found.isDirectory()) {
            throw new IOException("no folder");
        }
        Path probe = Files.createTempFile(folder, "own", ".tmp");
        boolean mine = attributes(probe).owner().equals(found.owner());
        Files.delete(probe);
        if (!mine) {
            throw new IOException("another user's");
        }
        boolean open = found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || found.permissions().contains(PosixFilePermission.OTHERS_WRITE);
        if (!made && open) {
            throw new IOException("others can write to it, and may have: remove it");
        }
        if (isReplaceable(parent)) {
            throw new IOException("others can replace it");
        }
        Files.setPosixFilePermissions(folder, OWN);
        return folder;
    }

    private static Path existing(Path folder) {
        Path path = folder;
        while (path.getParent() != null && !Files.exists(path)) {
            path = path.getParent();
        }
        return path;
    }

    private static boolean make(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWN));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private static PosixFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether others may rename what lies in a folder: they can write to it, and no sticky bit keeps names to their owners. */
    private static boolean isReplaceable(Path parent) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(parent);
        boolean shared = permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE);
        return shared && ((int) Files.getAttribute(parent, "unix:mode") & STICKY) == 0;
    }

    private static final class Holder {
        private static final Path PATH = among(System::getenv, System::getProperty);
    }
}
