package dev.credence.data.rollouts;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * All members of a gzip file, one after the other (RFC 1952). Java's own stream takes the end of what has arrived for the end
 * of the file when a pipe pauses between members, and passes over damage behind the first.
 */
final class GzipMembers extends InputStream {
    private static final int HEADER_CHECK = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final PackedSource source;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 check = new CRC32();
    private boolean ended;
    private boolean inside;

    GzipMembers(InputStream in) {
        this.source = new PackedSource(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inside) {
                begin();
                continue;
            }
            int count = inflate(into, from, length);
            if (count > 0) {
                return count;
            }
        }
        return -1;
    }

    /** Begins the next member, if there is one. */
    private void begin() throws IOException {
        if (!source.hasMore() || (source.parts() > 0 && onlyZeros())) {
            ended = true;
            return;
        }
        source.beginPart();
        header();
        inflater.reset();
        check.reset();
        inside = true;
    }

    /** Tapes and disks fill the last block with zeros. */
    private boolean onlyZeros() throws IOException {
        if (source.bytes[source.from] != 0) {
            return false;
        }
        while (source.hasMore()) {
            if (source.bytes[source.from] != 0) {
                throw source.broken("neither a member nor zeros follow");
            }
            source.from++;
        }
        return true;
    }

    private void header() throws IOException {
        if (source.next() != 0x1f || source.next() != 0x8b || source.next() != 8) {
            throw source.broken("no gzip member begins here");
        }
        int flags = source.next();
        source.little(6); // time, level, system
        if ((flags & EXTRA) != 0) {
            for (long left = source.little(2); left > 0; left--) {
                source.next();
            }
        }
        for (int text = Integer.bitCount(flags & (NAME | COMMENT)); text > 0; text--) {
            int letter = source.next();
            while (letter != 0) {
                letter = source.next();
            }
        }
        if ((flags & HEADER_CHECK) != 0) {
            source.little(2);
        }
    }

    private int inflate(byte[] into, int from, int length) throws IOException {
        if (inflater.needsInput()) {
            if (!source.hasMore()) {
                throw source.broken("it ends inside a member");
            }
            inflater.setInput(source.bytes, source.from, source.to - source.from);
            source.from = source.to;
        }
        int count;
        try {
            count = inflater.inflate(into, from, length);
        } catch (DataFormatException e) {
            source.from -= inflater.getRemaining();
            throw source.broken(e.getMessage() == null ? "no deflated data" : e.getMessage());
        }
        check.update(into, from, count);
        if (inflater.finished()) {
            source.from -= inflater.getRemaining();
            trailer();
        } else if (inflater.needsDictionary()) {
            throw source.broken("a preset dictionary is needed");
        }
        return count;
    }

    private void trailer() throws IOException {
        long written = inflater.getBytesWritten() & 0xffffffffL;
        long crc = source.little(4);
        long size = source.little(4);
        if (crc != check.getValue() || size != written) {
            throw source.broken("the member's checksum or length is wrong");
        }
        inside = false;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        source.close();
    }
}
