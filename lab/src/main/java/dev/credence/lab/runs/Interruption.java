package dev.credence.lab.runs;

import dev.credence.data.runs.LastWork;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Notices that the process was asked to end, by Ctrl-C or a signal, and lets it write a last checkpoint first. It waits as
 * long as a step and a checkpoint may take, no longer: the checkpoint before is good too.
 */
public final class Interruption implements AutoCloseable {
    private static final long SOON = 2; // seconds that need no word

    private final Consumer<String> report;
    private final LastWork work = LastWork.begin();
    private final CountDownLatch asked = new CountDownLatch(1);
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
        try {
            Runtime.getRuntime().addShutdownHook(watch.hook);
        } catch (IllegalStateException e) { // the process is ending: nothing is begun that others would wait for
            watch.work.close();
            throw e;
        }
        return watch;
    }

    private void hold() {
        asked.countDown();
        if (LastWork.await(SOON)) {
            return;
        }
        report.accept("interrupted: what was begun is brought to an end and kept first, which may take "
                + LastWork.PATIENCE + " seconds");
        if (!LastWork.await(LastWork.PATIENCE - SOON)) {
            report.accept("that takes too long: it ends now, and goes on later from what was kept before");
        }
    }

    /** {@return whether the process is to end} */
    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /**
     * Waits where there is nothing to do, and no longer than until the process is to end.
     *
     * @param time at most
     */
    public void pause(Duration time) {
        try {
            boolean unused = asked.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        work.close();
        if (!isAsked()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                return; // the process is ending: the hook finds the work closed
            }
        }
    }
}
