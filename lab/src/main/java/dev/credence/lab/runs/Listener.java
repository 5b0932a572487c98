package dev.credence.lab.runs;

import java.util.function.Consumer;
import java.util.function.Supplier;

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

    /**
     * A part of the work that depends on its name and the settings alone, such as a seed's training. Whoever keeps parts gives the
     * one that is there, so that a run that was killed does not do it again.
     *
     * @param name of letters, digits and {@code . _ -}, no other part's
     * @param work the part, in numbers
     * @return what it came to, by default of doing it now
     */
    default double[] part(String name, Supplier<double[]> work) {
        return work.get();
    }

    /** {@return one that nobody hears} */
    static Listener silent() {
        return line -> {};
    }
}
