package dev.credence.data.corpora;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Which sequences a step learns: every epoch a new shuffle of all, read through batch by batch, across the epochs' borders.
 * A function of the seed and the step alone, so that a resumed run reads what it would have read.
 *
 * <p>Not for several threads.
 */
public final class BatchOrder {
    private final long seed;
    private final int size;
    private final int batch;
    private long epoch = -1;
    private int[] order = {};

    /**
     * An order.
     *
     * @param seed of the shuffles
     * @param size how many sequences there are, at least 1
     * @param batch how many a step learns, at least 1
     */
    public BatchOrder(long seed, int size, int batch) {
        if (!(size >= 1 && batch >= 1)) {
            throw new IllegalArgumentException("size is " + size + " and batch " + batch + "; both must be 1 or more");
        }
        this.seed = seed;
        this.size = size;
        this.batch = batch;
    }

    /**
     * The sequences of a step.
     *
     * @param step 0 for the first
     * @return (batch) indices; the same one may stand twice only where an epoch ends within the batch
     */
    public int[] at(long step) {
        int[] indices = new int[batch];
        for (int i = 0; i < batch; i++) {
            long position = Math.addExact(Math.multiplyExact(step, (long) batch), i);
            indices[i] = shuffled(position / size)[(int) (position % size)];
        }
        return indices;
    }

    private int[] shuffled(long wanted) {
        if (wanted != epoch) {
            SplittableRandom root = new SplittableRandom(seed);
            SplittableRandom own = root.split();
            for (long before = 0; before < wanted; before++) {
                own = root.split();
            }
            order = permutation(size, own);
            epoch = wanted;
        }
        return order;
    }

    /** Fisher and Yates' shuffle. */
    static int[] permutation(int size, RandomGenerator random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
