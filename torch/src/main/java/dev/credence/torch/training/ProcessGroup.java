package dev.credence.torch.training;

import dev.credence.core.model.Sample;
import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.NativeLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
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

    private static final String LOOPBACK = "127.0.0.1";

    private final int rank;
    private final int size;
    private final Store store;
    private final ProcessGroupGloo gloo;

    private ProcessGroup(int rank, int size, Supplier<Store> meeting, String host) {
        this.rank = rank;
        this.size = size;
        Backend.shared();
        NativeLibraries.load("gloo", torch_gloo.class);
        this.store = meeting.get();
        ProcessGroupGloo.Options own = ProcessGroupGloo.Options.create(new Milliseconds(PATIENCE));
        own.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(host)));
        this.gloo = new ProcessGroupGloo(store, rank, size, own);
    }

    /**
     * Joins a group of this machine; returns when all have. No port is open to other machines.
     *
     * @param rank this process's number, from 0
     * @param size how many they are, 2 or more
     * @param meeting a file that none has met by before; it is made, and may be deleted once the group is closed
     * @return the group
     * @throws IOException if they do not meet
     */
    public static ProcessGroup join(int rank, int size, Path meeting) throws IOException {
        return join(rank, size, () -> new FileStore(meeting.toString(), size), LOOPBACK, meeting.toString());
    }

    /**
     * Joins a group of several machines; returns when all have. The first listens at the port on all its addresses.
     *
     * @param rank this process's number, from 0; that one is where they meet
     * @param size how many they are, 2 or more
     * @param meeting name or address of the machine where they meet, the first one's
     * @param host this process's machine, by which the others reach it
     * @param port of the first, free
     * @return the group
     * @throws IOException if they do not meet
     */
    public static ProcessGroup join(int rank, int size, String meeting, String host, int port) throws IOException {
        return join(
                rank,
                size,
                () -> new TCPStore(
                        meeting,
                        new TCPStoreOptions()
                                .port((short) port)
                                .isServer(rank == 0)
                                .waitWorkers(false)),
                host,
                meeting + ":" + port);
    }

    private static ProcessGroup join(int rank, int size, Supplier<Store> meeting, String host, String where)
            throws IOException {
        if (!(size >= 2 && rank >= 0 && rank < size)) {
            throw new IllegalArgumentException(
                    "rank is " + rank + " of " + size + "; it is one of 2 processes or more");
        }
        try {
            return Native.make(() -> new ProcessGroup(rank, size, meeting, host));
        } catch (RuntimeException e) {
            throw new IOException("the processes did not meet at " + where + ": " + e.getMessage(), e);
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

    /** Adds a tensor up over all processes, in place; one on an accelerator through the processor's memory. */
    void sum(Tensor tensor) {
        if (!tensor.is_cpu()) {
            Tensor here = tensor.cpu();
            sum(here);
            tensor.copy_(here);
            return;
        }
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

    /** Which of so many samples are this process's: those from the first number, up to the second. */
    int[] range(int n) {
        return new int[] {(int) ((long) n * rank / size), (int) ((long) n * (rank + 1) / size)};
    }

    /**
     * All processes' samples.
     *
     * @param own (prompts, own range) those of this one
     * @param n how many of each prompt there are
     * @param horizon tokens that none has more of
     * @return (prompts, n) the same in each process
     */
    List<List<Sample>> gather(List<List<Sample>> own, int n, int horizon) {
        int each = 2 + 3 * horizon; // length, whether it ended, tokens, both log-probabilities
        double[] flat = new double[Math.multiplyExact(own.size(), Math.multiplyExact(n, each))];
        int first = range(n)[0];
        for (int prompt = 0; prompt < own.size(); prompt++) {
            int at = (prompt * n + first) * each;
            for (Sample sample : own.get(prompt)) {
                int length = sample.tokens().length;
                flat[at] = length;
                flat[at + 1] = sample.finished() ? 1 : 0;
                for (int t = 0; t < length; t++) {
                    flat[at + 2 + t] = sample.tokens()[t];
                }
                System.arraycopy(sample.logProbs(), 0, flat, at + 2 + horizon, length);
                System.arraycopy(sample.sampledLogProbs(), 0, flat, at + 2 + 2 * horizon, length);
                at += each;
            }
        }
        double[] all = sum(flat);
        List<List<Sample>> gathered = new ArrayList<>();
        for (int prompt = 0; prompt < own.size(); prompt++) {
            List<Sample> samples = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                int at = (prompt * n + i) * each;
                int length = (int) all[at];
                int[] tokens = new int[length];
                for (int t = 0; t < length; t++) {
                    tokens[t] = (int) all[at + 2 + t];
                }
                samples.add(new Sample(
                        tokens,
                        Arrays.copyOfRange(all, at + 2 + horizon, at + 2 + horizon + length),
                        Arrays.copyOfRange(all, at + 2 + 2 * horizon, at + 2 + 2 * horizon + length),
                        all[at + 1] == 1));
            }
            gathered.add(samples);
        }
        return gathered;
    }

    @Override
    public void close() {
        gloo.close();
        store.close();
    }
}
