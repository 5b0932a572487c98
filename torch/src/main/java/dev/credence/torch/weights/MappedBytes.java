package dev.credence.torch.weights;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of a file that an open model reads at every step. Their pages count as free to the system, which may drop them, so that whoever asks
 * whether another model fits must leave room for them: without it both would be read from the disk again at each step.
 */
final class MappedBytes {
    private static final AtomicLong OPEN = new AtomicLong();

    private final long bytes;
    private final AtomicInteger holders = new AtomicInteger(1);

    private MappedBytes(long bytes) {
        this.bytes = bytes;
    }

    /** Some that are held once. */
    static MappedBytes of(long bytes) {
        OPEN.addAndGet(bytes);
        return new MappedBytes(bytes);
    }

    /** Of all models of this process that are open, each weight once. */
    static long open() {
        return OPEN.get();
    }

    void retain() {
        holders.incrementAndGet();
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            OPEN.addAndGet(-bytes);
        }
    }
}
