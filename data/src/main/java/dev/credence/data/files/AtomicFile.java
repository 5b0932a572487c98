package dev.credence.data.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes a file so that at every moment, even after a crash, its name stands for the old content or the new, whole. */
public final class AtomicFile {
    /** Writes the content. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes the content.
         *
         * @param out where to; buffered, and closed by the caller
         * @throws IOException if writing fails; the old file then stays
         */
        void write(OutputStream out) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Whether a file is one that a process was killed over, and that nobody reads.
     *
     * @param name without its folder
     * @return whether it is such a one
     */
    public static boolean isLeftOver(String name) {
        return ScratchFile.isOne(name);
    }

    /**
     * Writes a file: into a temporary file beside it, forced to the disk, then renamed.
     *
     * @param file the file; its folder exists
     * @param writer writes the content
     * @throws IOException if anything fails; the old file then stays, and nothing is left behind
     */
    public static void write(Path file, Writer writer) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(file + " is no file name");
        }
        try (ScratchFile temporary = ScratchFile.beside(target)) {
            OutputStream out = new BufferedOutputStream(temporary.out(), 1 << 16);
            writer.write(out);
            out.flush();
            temporary.force();
            temporary.put();
        }
        forceFolder(folder);
    }

    /**
     * Why a file could not be written, with its name: a channel on a full disk does not say whose it is.
     *
     * @param file the file, or the folder that it is in
     * @param cause why
     * @return the cause itself where it names a file
     */
    public static IOException named(Path file, IOException cause) {
        if (cause instanceof FileSystemException known && known.getFile() != null) {
            return known;
        }
        FileSystemException named = new FileSystemException(file.toString(), null, cause.getMessage());
        named.initCause(cause);
        return named;
    }

    /** Makes the renaming itself last; systems that cannot open a folder do without. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // the content is safe already; only whether the new name survives a crash is up to the system
            return;
        }
    }
}
