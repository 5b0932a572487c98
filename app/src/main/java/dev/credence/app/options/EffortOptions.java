package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.experiments.Effort;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of experiments is run, and where their files go. */
public final class EffortOptions {
    @Option(names = "--quick", description = "Smaller grids and trainings.")
    private boolean quick;

    @Option(names = "--full", description = "Larger grids and trainings.")
    private boolean full;

    @Option(
            names = "--transformer",
            description =
                    "Also on a language model, where the experiment has such a part: the one that ships, or --model's.")
    private boolean transformer;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "The folder for the files, new or empty (default: a new one in runs).")
    private @Nullable String output;

    @Option(names = "--run", paramLabel = "NAME", description = "Name of the folder below runs/.")
    private @Nullable String run;

    /** For the parser, which fills the fields. */
    public EffortOptions() {}

    /** Refuses to be both quick and full. */
    public void check() {
        if (quick && full) {
            throw InputException.ofSetting("full", "given with --quick", "it is the one or the other");
        }
    }

    /**
     * How much is run.
     *
     * @param namesModel whether a language model of the user's own is named
     * @return the effort
     */
    public Effort effort(boolean namesModel) {
        Effort.Size size = quick ? Effort.Size.QUICK : full ? Effort.Size.FULL : Effort.Size.STANDARD;
        return new Effort(size, transformer || namesModel);
    }

    /** {@return the name that the user gave the run, or null} */
    public @Nullable String run() {
        return run;
    }

    /**
     * The folder, made where it is a run's; one that was named may be there or not.
     *
     * @param otherwise the run's name where the user gave none, with or without the ending of a settings file
     * @return the folder
     * @throws IOException if it cannot be made
     */
    public Path folder(String otherwise) throws IOException {
        if (output != null) {
            return Path.of(output);
        }
        String base = String.valueOf(Path.of(otherwise).getFileName());
        return RunFolder.make(run, base.replaceFirst("\\.ya?ml$", ""));
    }
}
