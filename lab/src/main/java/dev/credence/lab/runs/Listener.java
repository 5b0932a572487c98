package dev.credence.lab.runs;

import java.util.function.Consumer;

/** What long work tells its caller as it goes, and how the caller stops it. Any thread may call it, one at a time. */
@FunctionalInterface
public interface Listener extends Consumer<String> {
    /**
     * Takes a line of progress, or one that begins with {@code warning:}.
     *
     * @param line without a line break
     */
    @Override
    void accept(String line);

    /**
     * Asked between steps, draws and experiments: whether to stop at the next place where nothing is lost.
     *
     * @return by default, whether the calling thread was interrupted
     */
    default boolean isStopped() {
        return Thread.currentThread().isInterrupted();
    }

    /** {@return one that nobody hears} */
    static Listener silent() {
        return line -> {};
    }
}
