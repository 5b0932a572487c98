package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/**
 * The lines of JSON Lines as texts. A line ends in a line feed, as it does for {@link LineChunks}: a carriage return before it, and any
 * other character at which a reader of prose begins a new line, is a part of the line, so that both count the same lines.
 */
final class TextLines implements Closeable {
    private static final int MOST = 1 << 29; // characters of a line

    private final String file;
    private final Reader in;
    private final char[] buffer = new char[1 << 16];
    private int from;
    private int to;
    private long line;

    TextLines(String file, Reader in) {
        this.file = file;
        this.in = in;
    }

    /**
     * The next line, without its line feed.
     *
     * @return null at the end
     * @throws InputException if it is longer than memory has room for
     */
    @Nullable
    String next() throws IOException {
        StringBuilder begun = null;
        line++;
        while (true) {
            if (from == to && !fill()) {
                return begun == null ? null : begun.toString();
            }
            int end = from;
            while (end < to && buffer[end] != '\n') {
                end++;
            }
            if (end < to && begun == null) {
                String whole = new String(buffer, from, end - from);
                from = end + 1;
                return whole;
            }
            begun = begun == null ? new StringBuilder() : begun;
            begun.append(buffer, from, end - from);
            from = Math.min(to, end + 1);
            if (end < to) {
                return begun.toString();
            }
            if (begun.length() > Math.min(MOST, Runtime.getRuntime().maxMemory() / 8)) {
                throw new InputException(
                        file,
                        line,
                        "",
                        "a line of more than " + (begun.length() >> 20) + " Mi characters",
                        "a line holds one record, in a quarter of Java's memory, 1 GiB at most");
            }
        }
    }

    private boolean fill() throws IOException {
        from = 0;
        to = Math.max(0, in.read(buffer, 0, buffer.length));
        return to > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
