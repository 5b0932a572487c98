package dev.credence.data.runs;

import java.util.concurrent.TimeUnit;

/**
 * Work that is let come to its end when the process is asked to end: a last step and its checkpoint. What it needs until then, such
 * as a program that it asks, waits for it here. All hooks of a process run at once, in no order.
 */
public final class LastWork implements AutoCloseable {
    /** Seconds that a last step and its checkpoint may take. */
    public static final long PATIENCE = 60;

    private static final Object LOCK = new Object();
    private static int open;

    private boolean closed;

    private LastWork() {}

    /** {@return work that goes on until it is closed} */
    public static LastWork begin() {
        synchronized (LOCK) {
            open++;
        }
        return new LastWork();
    }

    /**
     * Waits until no such work goes on.
     *
     * @param seconds at most
     * @return whether all of it has ended
     */
    public static boolean await(long seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        synchronized (LOCK) {
            try {
                while (open > 0) {
                    long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                    if (left <= 0) {
                        return false;
                    }
                    LOCK.wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return open == 0;
        }
    }

    @Override
    public void close() {
        synchronized (LOCK) {
            if (!closed) {
                closed = true;
                open--;
                LOCK.notifyAll();
            }
        }
    }
}
