package dev.credence.data.rollouts;

import java.io.IOException;
import java.io.InputStream;

/** Stored bytes of packed data, with their position; reading blocks until there is something or the data ends. */
final class PackedSource {
    private static final int SIZE = 1 << 16;

    private final InputStream in;
    private long read;
    final byte[] bytes = new byte[SIZE];

    /** What is buffered: from {@code from} to {@code to}. */
    int from;

    int to;
    private int part;
    private long partFrom;

    PackedSource(InputStream in) {
        this.in = in;
    }

    /** Whether there is at least one more byte; the buffer is filled where it was empty. */
    boolean hasMore() throws IOException {
        while (from == to) {
            int count = in.read(bytes, 0, SIZE);
            if (count < 0) {
                return false;
            }
            from = 0;
            to = count;
            read += count;
        }
        return true;
    }

    /** The next byte, which must be there. */
    int next() throws IOException {
        if (!hasMore()) {
            throw broken("it ends too early");
        }
        return bytes[from++] & 0xff;
    }

    /** The next bytes as a number, the lowest first. */
    long little(int count) throws IOException {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (long) next() << (8 * i);
        }
        return value;
    }

    /** Position in the stored data. */
    long position() {
        return read - (to - from);
    }

    /** Another member or frame begins here. */
    void beginPart() {
        part++;
        partFrom = position();
    }

    /** How many members or frames have begun. */
    int parts() {
        return part;
    }

    PackedDataException broken(String cause) {
        return new PackedDataException(position(), part, partFrom, cause);
    }

    void close() throws IOException {
        in.close();
    }
}
