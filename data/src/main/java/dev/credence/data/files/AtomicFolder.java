package dev.credence.data.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;

/** Writes a folder so that under its name it is whole or not there. */
public final class AtomicFolder {
    /** Fills the folder. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes the files.
         *
         * @param into an empty folder
         * @throws IOException if one cannot be written; the folder is then not there
         */
        void write(Path into) throws IOException;
    }

    private AtomicFolder() {}

    /**
     * Writes a folder: aside, then renamed.
     *
     * @param folder not there yet, or empty; its parents are made
     * @param writer fills it
     * @throws IOException if anything fails; nothing is left behind
     */
    public static void write(Path folder, Writer writer) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Path aside = target.resolveSibling("." + target.getFileName() + ".writing");
        try {
            delete(aside); // left by a process that was killed
            Files.createDirectories(aside);
            writer.write(aside);
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (UncheckedIOException e) {
            throw named(target, aside, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw named(target, aside, e);
        } finally {
            delete(aside);
        }
    }

    /** What failed aside is told by the name that it would have had. */
    private static IOException named(Path target, Path aside, IOException cause) {
        if (cause instanceof FileSystemException known && known.getFile() != null && known.getReason() != null) {
            Path file = Path.of(known.getFile());
            if (file.startsWith(aside)) {
                Path meant = target.resolve(aside.relativize(file));
                return (IOException)
                        new FileSystemException(meant.toString(), null, known.getReason()).initCause(known);
            }
        }
        return AtomicFile.named(target, cause);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
