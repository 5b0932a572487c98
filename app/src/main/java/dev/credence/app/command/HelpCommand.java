package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.OptionGroups;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code credence help COMMAND}: what {@code credence COMMAND --help} says. */
@Command(
        name = "help",
        header = "What a command does, and its options.",
        footer = {"", "Examples:", "  credence help", "  credence help audit", "  credence help audit --all"})
public final class HelpCommand extends Subcommand {
    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command (default: all of them).")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--all",
            description = "Explain every option and give every example, of commands that have very many too.")
    private boolean all;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public HelpCommand(Console console) {
        super(console);
    }

    /** Lets a shell complete the names of all commands that the root has, whenever it gets them. */
    static void completes(CommandLine root, CommandSpec help) {
        PositionalParamSpec names = help.positionalParameters().get(0);
        help.remove(names);
        help.add(PositionalParamSpec.builder(names)
                .completionCandidates(() -> root.getSubcommands().keySet().iterator())
                .build());
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        CommandLine line = spec.root().commandLine();
        if (all) {
            OptionGroups.explainAll(line);
        }
        for (String name : names) {
            CommandLine next = line.getSubcommands().get(name);
            if (next == null && line.getParent() != null) {
                throw InputException.ofSetting(
                        "COMMAND", name, "there is none below " + line.getCommandName() + "; name one command");
            }
            if (next == null) {
                throw InputException.ofSetting(
                        "COMMAND",
                        name,
                        NearestName.hint(name, line.getSubcommands().keySet()));
            }
            line = next;
        }
        String text = line.getUsageMessage(line.getColorScheme());
        if (printsText()) {
            text.lines().forEach(console().out()::println);
        }
        Map<String, @Nullable Object> document = Json.document("credence.help/1", provenance(Map.of(), List.of()));
        document.put("command", String.join(" ", names));
        document.put("text", line.getUsageMessage(CommandLine.Help.Ansi.OFF));
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }
}
