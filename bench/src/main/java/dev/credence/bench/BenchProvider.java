package dev.credence.bench;

import dev.credence.app.command.CommandProvider;
import dev.credence.app.console.Console;
import picocli.CommandLine;

/** Adds {@code credence bench} to the command line. */
public final class BenchProvider implements CommandProvider {
    /** For the service loader. */
    public BenchProvider() {}

    @Override
    public CommandLine commandOf(Console console) {
        return BenchCommand.of(console);
    }
}
