package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.Progress;
import dev.credence.app.options.CommonOptions;
import dev.credence.app.options.ConfigFile;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands have in common. */
public abstract class Subcommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Spec
    private @Nullable CommandSpec spec;

    private final Console console;

    /**
     * A command.
     *
     * @param console where it reads and prints
     */
    protected Subcommand(Console console) {
        this.console = console;
    }

    @Override
    public final Integer call() throws IOException {
        return run();
    }

    /**
     * Does the work.
     *
     * @return an exit code
     * @throws IOException if reading or writing fails
     */
    protected abstract int run() throws IOException;

    /** {@return where it reads and prints} */
    protected Console console() {
        return console;
    }

    /** {@return the options that every command takes} */
    protected CommonOptions common() {
        return common;
    }

    /** {@return whether text is wanted: it is not where JSON takes standard output} */
    protected boolean printsText() {
        return !common.json().takesStandardOutput();
    }

    /**
     * Reports progress or a warning, unless that is unwanted.
     *
     * @param text one line
     */
    protected void report(String text) {
        if (!common.quiet()) {
            console.report(text);
        }
    }

    /**
     * Shows that long work goes on, where a person looks on and wants to know.
     *
     * @param task a few words
     * @return to be closed when it is done
     */
    protected Progress working(String task) {
        return common.quiet() ? Progress.none() : Progress.of(console, task);
    }

    /**
     * Where this command's result comes from.
     *
     * @param settings option to value
     * @param inputs the files read
     * @return the provenance
     */
    protected Provenance provenance(Map<String, String> settings, List<Provenance.Input> inputs) {
        return new Provenance(Version.current(), commandLine(), common.seed(), settings, inputs);
    }

    /**
     * What was read for a result, the file of options included. A run's record leaves that out: what it said is in the record, and the
     * run goes on without it.
     *
     * @param inputs the other files
     * @return all of them
     */
    protected List<Provenance.Input> withConfig(List<Provenance.Input> inputs) {
        List<Provenance.Input> read = new ArrayList<>(inputs);
        String config = config();
        if (config != null) {
            read.add(Inputs.of(Path.of(config)));
        }
        return read;
    }

    /** {@return the file of options that was named, or null; what it says is as if it were typed} */
    protected @Nullable String config() {
        return spec == null ? null : ConfigFile.of(spec);
    }

    private String commandLine() {
        if (spec == null) {
            return "credence";
        }
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        StringBuilder line = new StringBuilder("credence");
        for (String argument : arguments) {
            line.append(' ').append(ShellWord.of(argument));
        }
        return line.toString();
    }
}
