package dev.credence.app.console;

/** How a command ends: a contract with the scripts that call it. */
public final class ExitCode {
    /** Done. */
    public static final int DONE = 0;

    /** Failed for a reason outside the input: a full disk, a bug. */
    public static final int FAILED = 1;

    /** Bad input: a file, a field or an option. */
    public static final int BAD_INPUT = 2;

    /** Done, but a gate withdrew the figure that was asked for. */
    public static final int WITHDRAWN = 3;

    /** A threshold given with {@code --fail-under} or {@code --fail-over} was not met. */
    public static final int THRESHOLD = 4;

    /** Asked to end by Ctrl-C or a signal before it was done; it can go on. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
