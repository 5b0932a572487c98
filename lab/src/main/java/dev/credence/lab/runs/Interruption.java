package dev.credence.lab.runs;

import dev.credence.data.runs.LastWork;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Notices that the process was asked to end, by Ctrl-C or a signal, and lets it write a last checkpoint first. It waits as
 * long as a step and a checkpoint may take, no longer: the checkpoint before is good too.
 */
public final class Interruption implements AutoCloseable {
    private static final long SOON = 2; // seconds that need no word

    private final Consumer<String> report;
    private final LastWork work = LastWork.begin();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final CountDownLatch left = new CountDownLatch(1);
    private final Thread hook = new Thread(this::hold, "credence-interrupted");

    private Interruption(Consumer<String> report) {
        this.report = report;
    }

    /**
     * Watches from now until it is closed.
     *
     * @param report takes what is to be said while the process waits for its end
     * @return one that is to be asked between two steps
     */
    public static Interruption watch(Consumer<String> report) {
        Interruption watch = new Interruption(report);
        Runtime.getRuntime().addShutdownHook(watch.hook);
        return watch;
    }

    private void hold() {
        asked.set(true);
        try {
            if (left.await(SOON, TimeUnit.SECONDS)) {
                return;
            }
            report.accept("interrupted: what was begun is brought to an end and kept first, which may take "
                    + LastWork.PATIENCE + " seconds");
            if (!left.await(LastWork.PATIENCE - SOON, TimeUnit.SECONDS)) {
                report.accept("that takes too long: it ends now, and goes on later from what was kept before");
            }
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
        work.close();
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
