package dev.credence.app.options;

import dev.credence.app.console.Console;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where JSON goes: nowhere, alone to standard output, or into a file beside the text.
 *
 * @param file null, {@code -}, or a file
 */
public record JsonTarget(@Nullable String file) {
    /** Stands for standard output. */
    public static final String STANDARD_OUTPUT = "-";

    /** Endings of inputs: {@code --json a.jsonl b.jsonl} was meant as two inputs. */
    private static final List<String> INPUTS =
            List.of(".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet", ".csv", ".yaml", ".yml");

    /** {@return whether standard output belongs to the JSON, so that no text may go there} */
    public boolean takesStandardOutput() {
        return STANDARD_OUTPUT.equals(file);
    }

    /**
     * Refuses, before any work, a file that cannot be the target.
     *
     * @param inputs what the command reads
     * @throws InputException if the file is one of the inputs, looks like an input, or has no folder
     */
    public void check(Collection<String> inputs) {
        if (file != null && !takesStandardOutput()) {
            OutputFile.check("json", file, inputs);
            String name = file.toLowerCase(Locale.ROOT);
            if (Files.exists(Path.of(file)) && INPUTS.stream().anyMatch(name::endsWith)) {
                throw InputException.ofSetting(
                        "json", file, "an existing log or world is not overwritten; put --json behind the inputs");
            }
        }
    }

    /**
     * Refuses standard output where something else writes to it.
     *
     * @param isShared whether several processes are asked for, whose message layer says there whom it has met
     * @throws InputException if the JSON is to go there as well
     */
    public void refuseStandardOutput(boolean isShared) {
        if (isShared && takesStandardOutput()) {
            throw InputException.ofSetting(
                    "json", STANDARD_OUTPUT, "with several processes the message layer writes there too; name a file");
        }
    }

    /**
     * Writes the JSON where it was asked for.
     *
     * @param console whose standard output is meant
     * @param content writes the JSON
     * @throws IOException if writing fails; an older file then stays
     */
    public void write(Console console, AtomicFile.Writer content) throws IOException {
        if (file == null) {
            return;
        }
        if (takesStandardOutput()) {
            content.write(console.out());
            console.out().flush();
        } else {
            OutputFile.write(Path.of(file), content);
        }
    }
}
