package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.options.DeviceOption;
import picocli.CommandLine.Mixin;

/** What the commands that compute with models have in common: where they compute. */
public abstract class ModelCommand extends Subcommand {
    @SuppressWarnings("UnusedVariable") // that it is there is all that picocli needs
    @Mixin
    private DeviceOption device = new DeviceOption();

    /**
     * A command.
     *
     * @param console where it reads and prints
     */
    protected ModelCommand(Console console) {
        super(console);
    }
}
