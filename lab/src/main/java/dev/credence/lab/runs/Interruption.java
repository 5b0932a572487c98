package dev.credence.lab.runs;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notices that the process was asked to end, by Ctrl-C or a signal, and lets it write a last checkpoint first. It waits as
 * long as a step and a checkpoint may take, no longer: the checkpoint before is good too.
 */
public final class Interruption implements AutoCloseable {
    private static final long PATIENCE = 60; // seconds

    private final AtomicBoolean asked = new AtomicBoolean();
    private final CountDownLatch left = new CountDownLatch(1);
    private final Thread hook = new Thread(this::hold, "credence-interrupted");

    private Interruption() {}

    /** {@return one that watches from now until it is closed} */
    public static Interruption watch() {
        Interruption watch = new Interruption();
        Runtime.getRuntime().addShutdownHook(watch.hook);
        return watch;
    }

    private void hold() {
        asked.set(true);
        try {
            left.await(PATIENCE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return whether the process is to end} */
    public boolean isAsked() {
        return asked.get();
    }

    @Override
    public void close() {
        if (!asked.get()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                return; // the process is ending: the hook finds the latch open
            } finally {
                left.countDown();
            }
        }
        left.countDown();
    }
}
