package dev.credence.torch.training;

import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch_gloo;

/**
 * Processes that take the steps of one training together (torch.distributed with gloo): each computes the gradient of its share of
 * a batch, the gradients are added up over all, and each takes the same step, so that all hold the same model at any time.
 */
public final class ProcessGroup implements AutoCloseable {
    private static final long PATIENCE =
            24L * 60 * 60 * 1000; // a process that dies is noticed at once, one that is slow is waited for

    private final int rank;
    private final int size;
    private final TCPStore store;
    private final ProcessGroupGloo gloo;

    private ProcessGroup(int rank, int size, String host, int port) {
        this.rank = rank;
        this.size = size;
        Backend.shared();
        Loader.load(torch_gloo.class);
        TCPStoreOptions options =
                new TCPStoreOptions().port((short) port).isServer(rank == 0).waitWorkers(false);
        this.store = new TCPStore(host, options);
        ProcessGroupGloo.Options own = ProcessGroupGloo.Options.create(new Milliseconds(PATIENCE));
        own.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(host)));
        this.gloo = new ProcessGroupGloo(store, rank, size, own);
    }

    /**
     * Joins the group; returns when all have.
     *
     * @param rank this process's number, from 0; that one is where they meet
     * @param size how many they are, 2 or more
     * @param host address of the machine where they meet
     * @param port of it, free
     * @return the group
     * @throws IOException if they do not meet
     */
    public static ProcessGroup join(int rank, int size, String host, int port) throws IOException {
        if (!(size >= 2 && rank >= 0 && rank < size)) {
            throw new IllegalArgumentException(
                    "rank is " + rank + " of " + size + "; it is one of 2 processes or more");
        }
        try {
            return Native.make(() -> new ProcessGroup(rank, size, host, port));
        } catch (RuntimeException e) {
            throw new IOException("the processes did not meet at " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    /** {@return this process's number, from 0} */
    public int rank() {
        return rank;
    }

    /** {@return how many processes there are} */
    public int size() {
        return size;
    }

    /** The positions of a batch of a length that are this process's. */
    List<Integer> own(int length) {
        List<Integer> own = new ArrayList<>();
        for (int i = rank; i < length; i += size) {
            own.add(i);
        }
        return own;
    }

    /** Adds a tensor up over all processes, in place. */
    void sum(Tensor tensor) {
        boolean isDone;
        try {
            isDone = gloo.allreduce(new TensorVector(tensor))._wait();
        } catch (RuntimeException e) {
            String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IllegalStateException(said.replaceFirst("^\\[[^]]*] ", ""), e); // without gloo's own source file
        }
        if (!isDone) {
            throw new IllegalStateException("the processes' sums were not added up");
        }
    }

    /**
     * Adds numbers up over all processes.
     *
     * @param own this process's
     * @return the sums, the same in each
     */
    public double[] sum(double[] own) {
        return Native.make(() -> Native.within(() -> {
            Tensor tensor = Native.doubles(own, own.length);
            sum(tensor);
            return Native.toDoubles(tensor);
        }));
    }

    /** Every sequence's log-probabilities, of which this process has computed its own; null where it has not. */
    double[][] gather(double[][] own, int[] lengths) {
        int total = 0;
        for (int length : lengths) {
            total += length;
        }
        double[] flat = new double[total];
        for (int i = 0, at = 0; i < lengths.length; at += lengths[i++]) {
            if (own[i] != null) {
                System.arraycopy(own[i], 0, flat, at, lengths[i]);
            }
        }
        double[] all = sum(flat);
        double[][] gathered = new double[lengths.length][];
        for (int i = 0, at = 0; i < lengths.length; at += lengths[i++]) {
            gathered[i] = Arrays.copyOfRange(all, at, at + lengths[i]);
        }
        return gathered;
    }

    @Override
    public void close() {
        gloo.close();
        store.close();
    }
}
