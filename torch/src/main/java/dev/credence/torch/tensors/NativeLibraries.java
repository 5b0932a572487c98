package dev.credence.torch.tensors;

import dev.credence.core.natives.NativeFolder;
import dev.credence.core.natives.Unpacking;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;

/** The libraries of bindings, unpacked into the user's own folder by one process at a time. */
public final class NativeLibraries {
    /** The property that names the folder. */
    public static final String FOLDER = "org.bytedeco.javacpp.cachedir";

    private static final String CUDA_LIBRARY = "/org/bytedeco/pytorch/linux-x86_64-gpu/libtorch_cuda.so";

    private NativeLibraries() {}

    /** Whether this build's libtorch is the one for CUDA. */
    public static boolean areForCuda() {
        return NativeLibraries.class.getResource(CUDA_LIBRARY) != null;
    }

    /** Loads what the first bindings and others with them need; name says which of several libraries they are over. */
    public static void load(String name, Class<?>... bindings) {
        String folder = System.getProperty(FOLDER);
        if (folder == null) {
            folder = NativeFolder.path().resolve("javacpp").toString();
            System.setProperty(FOLDER, folder);
        }
        String version = bindings[0].getPackage().getImplementationVersion();
        String library =
                String.join("-", name, String.valueOf(version), Loader.getPlatform(), areForCuda() ? "gpu" : "cpu");
        Unpacking.once(Path.of(folder), library, () -> {
            for (Class<?> each : bindings) {
                Loader.load(each);
            }
        });
    }
}
