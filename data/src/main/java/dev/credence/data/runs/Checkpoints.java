package dev.credence.data.runs;

import dev.credence.data.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The checkpoints of a run, a folder a step. One is written aside, forced to the disk and renamed, so that under its name it
 * is whole or not there; the older ones go only then.
 */
public final class Checkpoints {
    private static final String NAME = "step-";
    private static final String ASIDE = ".writing";

    private final Path folder;

    /** Those in a folder, which need not be there. */
    Checkpoints(Path folder) {
        this.folder = folder;
    }

    /** Fills a checkpoint's folder. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes the files.
         *
         * @param into an empty folder
         * @throws IOException if one cannot be written; the checkpoint is then not there
         */
        void write(Path into) throws IOException;
    }

    /**
     * Writes a checkpoint.
     *
     * @param step how many steps were taken
     * @param writer fills its folder
     * @throws IOException if anything fails; the checkpoints that were there stay
     */
    public void write(long step, Writer writer) throws IOException {
        Path aside = folder.resolve(ASIDE);
        try {
            delete(aside); // left by a run that was killed
            Files.createDirectories(aside);
            writer.write(aside);
            forceAll(aside);
            Path whole = path(step);
            delete(whole);
            Files.move(aside, whole, StandardCopyOption.ATOMIC_MOVE);
            force(folder);
        } catch (UncheckedIOException e) {
            throw AtomicFile.named(path(step), Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw AtomicFile.named(path(step), e);
        } finally {
            delete(aside);
        }
    }

    /** {@return the steps that have a checkpoint, in order} */
    public List<Long> steps() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(NAME + "\\d+"))
                    .map(name -> Long.valueOf(name.substring(NAME.length())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    /** {@return the last step that has one} */
    public OptionalLong last() {
        return steps().stream().mapToLong(Long::longValue).max();
    }

    /**
     * The folder of a checkpoint.
     *
     * @param step of {@link #steps}
     * @return its folder
     */
    public Path path(long step) {
        return folder.resolve(String.format("%s%08d", NAME, step));
    }

    /**
     * Removes all but the newest ones.
     *
     * @param kept how many stay, at least 1
     * @throws IOException if one cannot be removed
     */
    public void prune(int kept) throws IOException {
        List<Long> steps = new ArrayList<>(steps());
        for (long step : steps.subList(0, Math.max(0, steps.size() - kept))) {
            remove(step);
        }
    }

    /**
     * Removes those of a step and beyond.
     *
     * @param step the first that goes
     * @throws IOException if one cannot be removed
     */
    public void dropFrom(long step) throws IOException {
        for (long each : steps()) {
            if (each >= step) {
                remove(each);
            }
        }
    }

    /** First out of the way by one renaming, so that no half of it is ever found under its name. */
    private void remove(long step) throws IOException {
        Path aside = folder.resolve(".removing");
        delete(aside);
        Files.move(path(step), aside, StandardCopyOption.ATOMIC_MOVE);
        delete(aside);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void forceAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                force(file);
            }
        }
    }

    /** A file's content, or a folder's names, to the disk; systems that cannot open a folder do without. */
    private static void force(Path file) throws IOException {
        boolean isFolder = Files.isDirectory(file);
        try (FileChannel channel =
                FileChannel.open(file, isFolder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            if (!isFolder) {
                throw e;
            }
        }
    }
}
