package dev.credence.core.natives;

import dev.credence.core.provenance.Cause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A library of native code that cannot be unpacked into its folder, or loaded from there. */
public final class NativeLibraryException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * Says which one, where, and why.
     *
     * @param library its name
     * @param folder where it is unpacked
     * @param cause what its loader threw
     */
    public NativeLibraryException(String library, Path folder, Throwable cause) {
        super(
                folder + ": " + library + " cannot be unpacked there, or not loaded: " + why(cause) + room(folder),
                cause);
    }

    /** Loaders that try several ways tell of the last one alone: what is free says whether the disk is full. */
    private static String room(Path folder) {
        Path there = folder;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return String.format(
                Locale.ROOT, " (%,.1f MB are free there)", there.toFile().getUsableSpace() / 1e6);
    }

    /** The innermost cause that says anything: loaders wrap it in errors about classes. */
    private static String why(Throwable thrown) {
        Throwable inner = thrown;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner instanceof NoClassDefFoundError ? "it failed before in this process" : Cause.of(inner);
    }
}
