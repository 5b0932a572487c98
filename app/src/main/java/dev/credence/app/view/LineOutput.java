package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.options.JsonTarget;
import dev.credence.app.options.OutputFile;
import dev.credence.data.json.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a command's JSON Lines go: standard output, a file, or, where JSON takes standard output, into that document. */
public final class LineOutput {
    private final Console console;
    private final JsonTarget json;
    private final @Nullable String file;

    /**
     * Where lines go.
     *
     * @param console whose standard output is meant
     * @param json where JSON was asked for
     * @param file where lines were asked for, or null
     */
    public LineOutput(Console console, JsonTarget json, @Nullable String file) {
        this.console = console;
        this.json = json;
        this.file = file;
    }

    /** Takes records one after the other. */
    public interface Lines {
        /**
         * Takes one.
         *
         * @param record the next one
         * @throws IOException if writing fails
         */
        void add(Map<String, @Nullable Object> record) throws IOException;
    }

    /** Makes the records. */
    public interface Source {
        /**
         * Hands them over.
         *
         * @param lines takes them
         * @throws IOException if reading or writing fails
         */
        void writeTo(Lines lines) throws IOException;
    }

    /**
     * Writes all records.
     *
     * @param source makes them
     * @return the records where a document wants them too, else none
     * @throws IOException if reading or writing fails
     */
    public List<Object> write(Source source) throws IOException {
        List<Object> kept = new ArrayList<>();
        if (file != null) {
            OutputFile.write(Path.of(file), out -> source.writeTo(lines(out, kept)));
        } else if (json.takesStandardOutput()) {
            source.writeTo(kept::add);
        } else {
            OutputStream out = new BufferedOutputStream(console.out(), 1 << 16);
            source.writeTo(lines(out, kept));
            out.flush();
        }
        return kept;
    }

    private Lines lines(OutputStream out, List<Object> kept) {
        return record -> {
            Json.writeLine(record, out);
            if (json.file() != null) {
                kept.add(record);
            }
        };
    }
}
