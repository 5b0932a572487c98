package dev.credence.app.serve;

import dev.credence.core.provenance.InputException;
import dev.credence.data.files.ScratchFile;
import dev.credence.data.runs.StoredRun;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The folder of runs, outside of which no file is read or written, whatever links lead there. */
final class ServedFolder {
    private static final int DEPTH = 4;
    private static final int MOST_FILES = 20_000;

    private final Path root;

    private ServedFolder(Path root) {
        this.root = root;
    }

    /** A folder, made where it is not there. */
    static ServedFolder of(Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new InputException(folder.toString(), 0, "", "a file", "RUNS is a folder");
        }
        try {
            Path root = Files.createDirectories(folder).toRealPath();
            sweep(root);
            return new ServedFolder(root);
        } catch (IOException e) {
            throw new InputException(
                    folder.toString(), 0, "", "cannot be made", "RUNS is a folder, or a place for one");
        }
    }

    /** Removes what was half-written here and in the folders below when a page, or what it began, was killed. */
    private static void sweep(Path root) throws IOException {
        ScratchFile.sweepAll(root);
        int seen = 0;
        try (DirectoryStream<Path> below = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path folder : below) {
                if (!Files.isSymbolicLink(folder) && seen++ < MOST_FILES) {
                    ScratchFile.sweepAll(folder);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    Path root() {
        return root;
    }

    /** A file or folder that is there, by its name below this one. */
    Path existing(String name) {
        Path there = below(name);
        try {
            Path real = there.toRealPath();
            if (real.startsWith(root) && !real.equals(root)) {
                return real;
            }
        } catch (IOException e) {
            throw WebRefusal.absent("such file in the folder");
        }
        throw WebRefusal.absent("such file in the folder");
    }

    /** Whether a file, wherever it is, is one of these; then by which name. */
    boolean holds(Path file) {
        try {
            return file.toRealPath().startsWith(root);
        } catch (IOException e) {
            return false;
        }
    }

    private Path below(String name) {
        if (name.indexOf('\ufffd') >= 0) { // what a name that is no UTF-8 is listed as, which no request can ask for
            throw WebRefusal.absent("such file in the folder: a name that is no UTF-8 is to be changed first");
        }
        try {
            Path path = root.resolve(name).normalize();
            if (name.isEmpty() || name.indexOf('\0') >= 0 || Path.of(name).isAbsolute() || !path.startsWith(root)) {
                throw WebRefusal.absent("such file in the folder");
            }
            return path;
        } catch (InvalidPathException e) {
            throw WebRefusal.absent("such file in the folder");
        }
    }

    /** A file's name below this folder, with slashes. */
    String name(Path file) {
        return root.relativize(file).toString().replace(File.separatorChar, '/');
    }

    /** A new folder, numbered where there is one of the name in which something is or may just begin. */
    synchronized Path make(String wanted) throws IOException {
        String plain = plain(wanted);
        for (int number = 1; number < MOST_FILES; number++) {
            Path folder = root.resolve(number == 1 ? plain : plain + "-" + number);
            try {
                return Files.createDirectory(folder);
            } catch (FileAlreadyExistsException e) {
                if (StoredRun.takeAbandoned(folder)) {
                    return folder;
                }
            }
        }
        throw new WebRefusal(409, "there are too many folders named " + plain);
    }

    /** A name of letters, digits and . _ + - only, that begins with none of the signs. */
    static String plain(String name) {
        String kept = name.replaceAll("[^A-Za-z0-9._+-]", "_").replaceFirst("^[._+-]+", "");
        return kept.isEmpty() ? "unnamed" : kept.length() > 100 ? kept.substring(kept.length() - 100) : kept;
    }

    /** Regular files that are no links, by the time of their last change, the newest first. */
    List<Path> files(Predicate<String> named) {
        Map<Path, Long> found = new HashMap<>(); // to when it was changed
        int[] seen = {0};
        try {
            Files.walkFileTree(
                    root, EnumSet.noneOf(java.nio.file.FileVisitOption.class), DEPTH, new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile() && named.test(String.valueOf(file.getFileName()))) {
                                found.put(file, attributes.lastModifiedTime().toMillis());
                            }
                            return ++seen[0] < MOST_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException failure) {
                            return FileVisitResult.CONTINUE; // gone since, or not ours to read
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return found.entrySet().stream()
                .sorted(Map.Entry.<Path, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    static long changed(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }
}
