package dev.credence.app.serve;

import dev.credence.app.console.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A process that the page began: its standard input is the page's, and ends with the page however that ends. Then it is asked to end
 * too, as by a signal.
 */
public final class JobProcess {
    /** Name of the system property that says so. */
    public static final String PROPERTY = "credence.job";

    private JobProcess() {}

    /**
     * Watches for the page's end.
     *
     * @param page the standard input, of which nothing is read but its end
     */
    public static void watch(InputStream page) {
        Thread thread = new Thread(() -> endWith(page), "credence-page");
        thread.setDaemon(true);
        thread.start();
    }

    private static void endWith(InputStream page) {
        try {
            page.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            return; // there is none to watch
        }
        System.exit(ExitCode.INTERRUPTED);
    }
}
