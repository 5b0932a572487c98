package dev.credence.app.command;

import dev.credence.app.console.Console;
import picocli.CommandLine;

/** A command that a module beside the program adds to it, found by {@link java.util.ServiceLoader}. */
public interface CommandProvider {
    /**
     * The command, with those below it.
     *
     * @param console where it reads and prints
     * @return to be registered under its name
     */
    CommandLine commandOf(Console console);
}
