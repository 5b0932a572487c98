package dev.credence.app.options;

import picocli.CommandLine.Option;

/** The option that prints a command's help; that it is there is all that the parser needs. */
public final class HelpOption {
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    /** For the parser, which fills the field. */
    public HelpOption() {}
}
