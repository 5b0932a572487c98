package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.ManualPage;
import dev.credence.app.options.Names;
import dev.credence.app.options.OptionGroups;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands and options in a shell. */
@Command(
        name = "completion",
        header = "A script that completes Credence's commands and options in bash or zsh.",
        footer = {
            "",
            "Examples:",
            "  source <(credence completion bash)",
            "  credence completion zsh > ~/.credence-completion && source ~/.credence-completion"
        })
public final class CompletionCommand extends Subcommand {
    /** The shells there is a script for; it is one script that asks which shell runs it. */
    private enum Shell {
        BASH,
        ZSH
    }

    @Parameters(
            arity = "0..1",
            paramLabel = "SHELL",
            completionCandidates = Names.OfShells.class,
            description = "bash (the default) or zsh.")
    private Shell shell = Shell.BASH;

    @Option(
            names = "--manual",
            description = "The manual page instead, in roff: credence completion --manual | man -l -")
    private boolean manual;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public CompletionCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        CommandLine root = spec.root().commandLine();
        if (manual) {
            OptionGroups.explainAll(root);
        }
        String script = manual ? ManualPage.of(root, Version.current()) : AutoComplete.bash("credence", root);
        if (printsText()) {
            script.lines().forEach(console().out()::println);
        }
        Map<String, @Nullable Object> document =
                Json.document("credence.completion/1", provenance(Map.of(), List.of()));
        document.put("shell", manual ? null : shell.name().toLowerCase(Locale.ROOT));
        document.put(manual ? "manual" : "script", script);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }
}
