package dev.credence.app.console;

import java.io.PrintStream;
import java.io.Writer;

/** Writes characters to a print stream, in that stream's own encoding. */
public final class StreamWriter extends Writer {
    private final PrintStream stream;

    /**
     * A writer.
     *
     * @param stream where to; closing the writer leaves it open
     */
    public StreamWriter(PrintStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(char[] text, int from, int length) {
        stream.print(new String(text, from, length));
    }

    @Override
    public void flush() {
        stream.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
