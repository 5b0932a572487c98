package dev.credence.data.files;

import com.github.luben.zstd.util.Native;
import dev.credence.core.natives.NativeFolder;
import dev.credence.core.natives.NativeLibraryException;

/** The native library of zstd, which unpacks itself among the temporary files. */
public final class ZstdLibrary {
    private ZstdLibrary() {}

    /**
     * Loads it, where it is not loaded, and takes its file away again.
     *
     * @throws NativeLibraryException if that fails
     */
    public static void load() {
        if (Native.isLoaded()) {
            return;
        }
        try {
            Native.load();
        } catch (LinkageError e) {
            throw new NativeLibraryException("zstd", NativeFolder.temporary(), e);
        }
        NativeFolder.unlink("libzstd-jni");
    }
}
