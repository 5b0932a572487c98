package dev.credence.app.console;

import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** Shows on a terminal that long work goes on, and for how long already; elsewhere it shows nothing. */
public final class Progress implements AutoCloseable {
    private static final int COLUMNS = 80;
    private static final int INTERVAL_MILLIS = 250;

    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** {@return nothing shown} */
    public static Progress none() {
        return new Progress(null);
    }

    /**
     * Work of unknown length.
     *
     * @param console whose standard error shows it, if that is a terminal
     * @param task what is being done, a few words
     * @return to be closed when it is done
     */
    public static Progress of(Console console, String task) {
        if (!console.face().terminal()) {
            return none();
        }
        return new Progress(new ProgressBarBuilder()
                .setTaskName(console.show(task))
                .setInitialMax(-1)
                .setUpdateIntervalMillis(INTERVAL_MILLIS)
                .clearDisplayOnFinish()
                .setConsumer(new DelegatingProgressBarConsumer(line -> draw(console, line), COLUMNS))
                .build());
    }

    private static void draw(Console console, String line) {
        console.err().print("\r" + line);
        console.err().flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
