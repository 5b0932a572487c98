package dev.credence.lab.broken.inner;

import dev.credence.lab.broken.LoudLibrary;
import org.jspecify.annotations.Nullable;

/** Closes a circle of packages, to show that it is found. */
public final class LooksBack {
    private @Nullable LoudLibrary whence;

    /** {@return where it came from} */
    public @Nullable LoudLibrary whence() {
        return whence;
    }
}
