package dev.credence.torch;

import dev.credence.torch.tensors.Workers;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_full;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch in this process: which library multiplies matrices for it, and how many threads run pieces of work. Chosen once
 * (see {@link BackendChoice}) before libtorch is loaded; a process cannot change it afterwards.
 */
public final class Backend {
    private final BackendChoice choice;
    private final Workers workers;

    private Backend(BackendChoice choice) {
        this.choice = choice;
        load(choice.blas());
        this.workers = new Workers(choice.threads());
    }

    /** {@return the back end of this process, loaded at the first call} */
    public static Backend shared() {
        return Holder.SHARED;
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

    /** {@return libtorch's version and the instructions that it uses on this processor} */
    public String version() {
        String found = Tensor.class.getPackage().getImplementationVersion();
        return "libtorch " + (found == null ? "of unknown version" : found) + " with "
                + torch.get_cpu_capability().getString();
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
        Loader.load(torch.class);
        if (blas == BackendChoice.Blas.MKL) {
            torch.set_env("MKL_NUM_THREADS", "1", true); // read by MKL at its first call
        } else {
            openblas_full.openblas_set_num_threads(1);
        }
        torch.set_num_threads(1);
    }

    private static final class Holder {
        private static final Backend SHARED = new Backend(BackendChoice.ofThisMachine());
    }
}
