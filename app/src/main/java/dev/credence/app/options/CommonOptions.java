package dev.credence.app.options;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command takes. */
public final class CommonOptions {
    @Option(
            names = "--json",
            arity = "0..1",
            fallbackValue = JsonTarget.STANDARD_OUTPUT,
            paramLabel = "FILE",
            description = "The same facts for programs: into FILE, or to standard output alone where none is given.")
    private @Nullable String json;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of all randomness (default 1).")
    private long seed = 1; // also where a command takes the standard away, as there are two

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress and no warnings.")
    private boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            description = "All figures and prompts; the stack trace where something fails.")
    private boolean verbose;

    @SuppressWarnings("UnusedVariable") // that it is there is all that picocli needs
    @Mixin
    private HelpOption help = new HelpOption();

    /** For the parser, which fills the fields. */
    public CommonOptions() {}

    /** {@return where JSON was asked for} */
    public JsonTarget json() {
        return new JsonTarget(json);
    }

    /**
     * Takes where JSON went when a run began, unless it was said where it goes now.
     *
     * @param kept a file, {@code -}, or null
     */
    public void jsonUnlessTyped(@Nullable String kept) {
        if (json == null) {
            json = kept;
        }
    }

    /** {@return the seed} */
    public long seed() {
        return seed;
    }

    /** {@return whether progress and warnings are unwanted} */
    public boolean quiet() {
        return quiet;
    }

    /** {@return whether everything is wanted} */
    public boolean verbose() {
        return verbose;
    }
}
