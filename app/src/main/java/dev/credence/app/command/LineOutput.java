package dev.credence.app.command;

import dev.credence.app.console.Console;
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
final class LineOutput {
    private final Console console;
    private final JsonTarget json;
    private final @Nullable String file;

    LineOutput(Console console, JsonTarget json, @Nullable String file) {
        this.console = console;
        this.json = json;
        this.file = file;
    }

    /** Takes records one after the other. */
    interface Lines {
        void add(Map<String, @Nullable Object> record) throws IOException;
    }

    /** Makes the records. */
    interface Source {
        void writeTo(Lines lines) throws IOException;
    }

    /**
     * Writes all records.
     *
     * @param source makes them
     * @return the records where a document wants them too, else none
     */
    List<Object> write(Source source) throws IOException {
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
