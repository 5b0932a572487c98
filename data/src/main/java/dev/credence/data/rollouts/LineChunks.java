package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Cuts a stream of bytes into chunks of whole lines. Handed out in order; safe for several threads. */
final class LineChunks {
    /** Bytes of a chunk, more only for a longer line: small enough for a core's own cache. */
    private static final int SIZE = 1 << 20;

    private static final int LONGEST = 1 << 30;

    /** Some whole lines. */
    static final class Chunk {
        byte[] bytes = new byte[SIZE];

        /** Start of the first line. */
        int from;

        /** End of the last line, its newline included if it has one. */
        int to;

        /** Whether all bytes are ASCII. */
        boolean ascii;

        /** Number of the first line, from 1. */
        long firstLine;

        /** Number of the chunk in its file, from 0. */
        int index;
    }

    private final String file;
    private final InputStream in;
    private byte[] rest = {};
    private boolean ended;
    private boolean stopped;
    private long line = 1;
    private int index;

    LineChunks(String file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /** No further chunks are handed out. */
    synchronized void stop() {
        stopped = true;
    }

    /**
     * Fills a chunk with the next lines.
     *
     * @param chunk a used one
     * @return whether there were any
     */
    synchronized boolean next(Chunk chunk) throws IOException {
        if (ended || stopped) {
            return false;
        }
        int filled = fill(chunk, begin(chunk));
        int cut = filled;
        if (!ended) {
            cut = lastLine(chunk.bytes, filled);
            while (cut == 0 && !ended) {
                chunk.bytes = Arrays.copyOf(chunk.bytes, longer(chunk.bytes.length));
                filled = fill(chunk, filled);
                cut = ended ? filled : lastLine(chunk.bytes, filled);
            }
        }
        rest = Arrays.copyOfRange(chunk.bytes, cut, filled);
        Arrays.fill(chunk.bytes, filled, filled + JsonBytes.PADDING, (byte) 0);
        chunk.to = cut;
        chunk.from = 0;
        chunk.firstLine = line;
        chunk.index = index++;
        int survey = JsonBytes.survey(chunk.bytes, chunk.from, cut);
        chunk.ascii = (survey & 1) == 1;
        line += survey >> 1;
        return cut > 0;
    }

    private int begin(Chunk chunk) {
        if (chunk.bytes.length < rest.length + SIZE / 2) {
            chunk.bytes = new byte[rest.length + SIZE];
        }
        System.arraycopy(rest, 0, chunk.bytes, 0, rest.length);
        return rest.length;
    }

    /** Reads until the chunk is full or the stream ends. */
    private int fill(Chunk chunk, int from) throws IOException {
        int filled = from;
        int capacity = chunk.bytes.length - JsonBytes.PADDING;
        while (filled < capacity && !ended) {
            int read = read(chunk.bytes, filled, capacity - filled);
            ended = read < 0;
            filled += Math.max(read, 0);
        }
        return filled;
    }

    private int read(byte[] into, int from, int length) throws IOException {
        boolean read = false;
        try {
            int count = in.read(into, from, length);
            read = true;
            return count;
        } catch (PackedDataException e) {
            throw e.refusal(file, line);
        } finally {
            stopped |= !read; // a stream that failed must not be read on by another worker
        }
    }

    private int longer(int length) {
        if (length >= Math.min(LONGEST, Runtime.getRuntime().maxMemory() / 4)) {
            String value = "a line of more than " + (length >> 20) + " MiB";
            throw new InputException(
                    file, line, "", value, "a line holds one record, in a quarter of Java's memory, 1 GiB at most");
        }
        return length * 2;
    }

    /** Behind the last newline, or 0 if there is none. */
    private static int lastLine(byte[] bytes, int to) {
        int p = to;
        while (p > 0 && bytes[p - 1] != '\n') {
            p--;
        }
        return p;
    }
}
