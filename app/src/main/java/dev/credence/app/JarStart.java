package dev.credence.app;

import dev.credence.app.console.ExitCode;

/** What {@code credence.jar} starts: no other class is loaded before it is known that they are there. */
public final class JarStart {
    private JarStart() {}

    /**
     * Runs a command and ends the process with its exit code, which is 1 where the other jars are missing.
     *
     * @param args as typed
     */
    public static void main(String[] args) {
        if (JarStart.class.getResource("/picocli/CommandLine.class") == null
                || JarStart.class.getResource("/dev/credence/core/provenance/InputException.class") == null) {
            System.err.println(
                    "credence: credence.jar needs the folder lib beside it, as the archive unpacks it; put it back, or build"
                            + " with ./credence in the source tree");
            System.exit(ExitCode.FAILED); // a constant, which needs no class
        }
        Main.main(args);
    }
}
