package dev.credence.app.command;

import dev.credence.app.options.HelpOption;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code credence} itself: does nothing without a command. */
@Command(
        name = "credence",
        header = "Condition a predictive model on evidence, and prove which conditional you got.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        versionProvider = RootCommand.VersionProvider.class,
        footer = {
            "",
            "Examples:",
            "  credence demo",
            "  credence audit rollouts.jsonl --beta 0.05 -o report.html",
            "  credence COMMAND --help"
        })
public final class RootCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @SuppressWarnings("UnusedVariable") // that it is there is all that picocli needs
    @Mixin
    private HelpOption help = new HelpOption();

    @SuppressWarnings("UnusedVariable") // likewise
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "The version.")
    private boolean version;

    /** For the parser, which fills the fields. */
    public RootCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    /** Tells the version of the build. */
    static final class VersionProvider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"credence " + Version.current() + " (Java " + Runtime.version() + ")"};
        }
    }

    /**
     * The command line with the commands that are there.
     *
     * @param subcommands in the order the help lists them
     * @return ready to be executed
     */
    public static CommandLine with(Subcommand... subcommands) {
        CommandLine line = new CommandLine(new RootCommand());
        for (Subcommand subcommand : subcommands) {
            line.addSubcommand(subcommand);
        }
        CommandLine help = line.getSubcommands().get("help");
        if (help != null) {
            HelpCommand.completes(line, help.getCommandSpec());
        }
        return line;
    }
}
