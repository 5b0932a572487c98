package dev.credence.torch;

import dev.credence.core.natives.NativeLibraryException;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.layers.BlockMatrix;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.NativeLibraries;
import dev.credence.torch.tensors.Workers;
import java.nio.file.Path;
import org.bytedeco.openblas.global.openblas_full;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * libtorch in this process: the device that models are on, which library multiplies matrices on the processor, and how many threads
 * run pieces of work. Chosen once (see {@link BackendChoice}) before libtorch is loaded; a process cannot change it afterwards.
 */
public final class Backend {
    private static final int DEVICE_THREADS = 2; // one computes here while the device does what the other asked for

    private static @Nullable Backend shared;

    private final BackendChoice choice;
    private final Workers workers;

    private Backend(BackendChoice choice) {
        this.choice = choice;
        this.workers =
                new Workers(Native.isOnProcessor() ? choice.threads() : Math.min(choice.threads(), DEVICE_THREADS));
    }

    /**
     * {@return the back end of this process, loaded at the first call}
     *
     * @throws InputException if a device was asked for that is not there
     */
    public static synchronized Backend shared() {
        if (shared == null) {
            BackendChoice choice = BackendChoice.ofThisMachine();
            load(choice.blas());
            String device = device(choice.device());
            if (device.startsWith(BackendChoice.CUDA)) {
                repeat();
                Native.useAccelerator(new Device(device));
            }
            shared = new Backend(choice.on(device));
        }
        return shared;
    }

    /**
     * The same libraries with another number of threads.
     *
     * @param threads pieces of work at once
     * @return a back end of its own threads
     * @throws IllegalArgumentException unless threads is positive
     */
    public static Backend withThreads(int threads) {
        return new Backend(shared().choice.withThreads(threads));
    }

    /**
     * The back end of one of several processes that share this machine's processors.
     *
     * @param processes how many, 1 or more
     * @return that of this process where it is alone, else one with its share of the threads
     */
    public static Backend sharedBy(int processes) {
        Backend whole = shared();
        return processes == 1 ? whole : withThreads(Math.max(1, whole.choice.threads() / processes));
    }

    /** {@return libtorch's version and the instructions that it uses on this processor} */
    public String version() {
        String found = Tensor.class.getPackage().getImplementationVersion();
        return "libtorch " + (found == null ? "of unknown version" : found) + " with " + instructions();
    }

    /** {@return the instructions that libtorch uses on this processor, such as AVX512} */
    public String instructions() {
        return torch.get_cpu_capability().getString();
    }

    /** {@return whether few rows are multiplied by blocks of small matrices in single precision, in words} */
    public String describeSmallMatrices() {
        return BlockMatrix.isPossible() ? "in blocks" : "whole";
    }

    /** {@return what was chosen, and why} */
    public BackendChoice choice() {
        return choice;
    }

    /** {@return the threads that share its work, for the rooms of this module} */
    public Workers workers() {
        return workers;
    }

    /** Loads libtorch over one of the two libraries; the first call of a process decides. */
    static void load(BackendChoice.Blas blas) {
        // Every tensor is in a scope that frees it: no tracking by the garbage collector, no look at /proc a call.
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        if (blas == BackendChoice.Blas.MKL) {
            System.setProperty("org.bytedeco.openblas.load", "mkl");
        }
        try {
            if (blas == BackendChoice.Blas.MKL) {
                NativeLibraries.load("torch-mkl", torch.class);
            } else {
                NativeLibraries.load("torch", torch.class, openblas_full.class, openblas_nolapack.class);
            }
        } catch (UnsatisfiedLinkError e) {
            if (!NativeLibraries.areForCuda()) {
                String folder = System.getProperty(NativeLibraries.FOLDER, "");
                throw new NativeLibraryException("libtorch", Path.of(folder), e);
            }
            throw InputException.ofSetting(
                    "device",
                    System.getProperty(BackendChoice.PROPERTY, BackendChoice.AUTO),
                    "libtorch for CUDA does not load (" + root(e)
                            + "); it needs the libraries of CUDA 13 and cuDNN 9 where the system finds them, as by"
                            + " LD_LIBRARY_PATH, whatever the device");
        }
        if (blas == BackendChoice.Blas.MKL) {
            torch.set_env("MKL_NUM_THREADS", "1", true); // read by MKL at its first call
        } else {
            openblas_full.openblas_set_num_threads(1);
            BlockMatrix.allow(openblas_full.openblas_get_corename().getString());
        }
        torch.set_num_threads(1);
    }

    /** Sums on an accelerator in one order, whatever comes first: a step that is taken again has the same bits. */
    private static void repeat() {
        torch.set_env("CUBLAS_WORKSPACE_CONFIG", ":4096:8", true); // read at the first product
        Context context = torch.globalContext();
        context.setDeterministicAlgorithms(
                true, false); // what cannot be is refused; where it may warn, attention's gradient does
        context.setDeterministicFillUninitializedMemory(false);
        context.setAllowBF16ReductionCuBLAS(false); // sums are in single precision
    }

    private static String root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }

    /** The device that is meant; libtorch must be loaded. */
    private static String device(String asked) {
        int there = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
        if (asked.equals(BackendChoice.AUTO)) {
            return there > 0 ? BackendChoice.CUDA + ":" + BackendChoice.ofSeat(there) : BackendChoice.CPU;
        }
        if (asked.equals(BackendChoice.CPU)) {
            return asked;
        }
        if (!torch.hasCUDA()) {
            throw InputException.ofSetting(
                    "device",
                    asked,
                    "this build computes on the processor alone; one with -Pgpu has libtorch for CUDA");
        }
        int number = asked.equals(BackendChoice.CUDA)
                ? BackendChoice.ofSeat(Math.max(1, there))
                : BackendChoice.number(asked);
        if (number >= there) {
            throw InputException.ofSetting(
                    "device",
                    asked,
                    there == 0
                            ? "libtorch finds no CUDA device; see nvidia-smi"
                            : "devices are numbered from cuda:0 to cuda:" + (there - 1));
        }
        return BackendChoice.CUDA + ":" + number;
    }
}
