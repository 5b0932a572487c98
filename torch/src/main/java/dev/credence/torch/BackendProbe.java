package dev.credence.torch;

import dev.credence.torch.layers.BlockMatrix;
import dev.credence.torch.layers.Matrix;
import dev.credence.torch.tensors.Native;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A process of its own that measures one library on what a small model does, a step of 32 samples and a block of 1024
 * tokens, and prints the rate, in 10⁹ operations a second; started by {@link BackendChoice}. Attention is part of it: its
 * many tiny products are where the libraries differ most. Both multiply as layers do, weights (out, in) and copies of them for
 * steps.
 */
final class BackendProbe {
    private static final int SAMPLES = 32;
    private static final int TOKENS = 1024;
    private static final int WIDTH = 128;
    private static final int INNER = 512;
    private static final int HEADS = 4;
    private static final int SEEN = 24;
    private static final int STEPS = 12; // for each block of tokens
    private static final int ROUNDS = 40;

    private BackendProbe() {}

    public static void main(String[] arguments) throws IOException {
        Backend.load(BackendChoice.Blas.valueOf(arguments[0]));
        byte[] line = (Native.infer(BackendProbe::rate) + "\n").getBytes(StandardCharsets.UTF_8);
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            out.write(line);
        }
    }

    /** The best round, in processor time: other work on the machine only ever makes one slower, and waiting does not count. */
    private static double rate() {
        Tensor wide = torch.randn(INNER, WIDTH);
        Tensor back = torch.randn(WIDTH, INNER);
        Matrix[] dense = {new Matrix.Dense(wide.t()), new Matrix.Dense(back.t())};
        Matrix[] few = BlockMatrix.isPossible() ? new Matrix[] {BlockMatrix.of(wide), BlockMatrix.of(back)} : dense;
        Tensor sample = torch.randn(SAMPLES, WIDTH);
        Tensor block = torch.randn(TOKENS, WIDTH);
        Tensor query = torch.randn(SAMPLES, HEADS, 1, WIDTH / HEADS);
        Tensor keys = torch.randn(SAMPLES, HEADS, SEEN, WIDTH / HEADS);
        double products = 4.0 * WIDTH * INNER; // there and back, of a row
        double attention = 4.0 * SAMPLES * WIDTH * SEEN;
        double operations = STEPS * (products * SAMPLES + attention) + products * TOKENS;
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = nanos();
            Native.within(() -> {
                for (int step = 0; step < STEPS; step++) {
                    few[1].of(few[0].of(sample, null), null);
                    torch.scaled_dot_product_attention(query, keys, keys);
                }
                dense[1].of(dense[0].of(block, null), null);
            });
            long took = nanos() - start;
            best = took > 0 ? Math.max(best, operations / took) : best; // a coarse clock may not have moved
        }
        return best;
    }

    /** Of this thread, where the system counts it; else the clock's. */
    private static long nanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                ? threads.getCurrentThreadCpuTime()
                : System.nanoTime();
    }
}
