package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Stands in the place of {@code credence bench} where the module that measures is not on the class path, and says so. */
@Command(
        name = "bench",
        description =
                "Measures Credence itself: coverage of its intervals, speed of its audit and of its" + " transformers.",
        footer = {
            "",
            "The measurements are a module of their own: ./credence in the source tree builds it and starts with it where"
                    + " the first word is bench.",
            "",
            "Examples:",
            "  credence bench coverage"
        })
public final class AbsentBench extends Subcommand {
    @SuppressWarnings("UnusedVariable") // whatever is asked of it, the answer is the same
    @Unmatched
    private List<String> asked = new ArrayList<>();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public AbsentBench(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        console()
                .report("credence: the measurements are in the module bench, which is not on the class path;"
                        + " ./credence bench in the source tree builds it and starts with it");
        return ExitCode.BAD_INPUT;
    }
}
