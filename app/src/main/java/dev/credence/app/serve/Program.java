package dev.credence.app.serve;

import dev.credence.app.console.Console;

/** The program's commands, as a person types them. */
@FunctionalInterface
public interface Program {
    /**
     * Runs a command in this process.
     *
     * @param arguments as typed, the command's name first
     * @param console where it reads and prints
     * @return the exit code
     */
    int run(String[] arguments, Console console);
}
