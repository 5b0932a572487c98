package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.FileStamp;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** One input as its stored bytes: hashed and counted while read, and unpacked if its first bytes say it is packed. */
final class LogInput implements AutoCloseable {
    /** What an input's first bytes say it is. */
    enum Kind {
        /** JSON Lines, unpacked while read where they are packed. */
        LINES,
        /** A Parquet file. */
        PARQUET
    }

    private static final int MAGIC = 4;

    private final String name;
    private final Hashed stored;
    private final PushbackInputStream start;
    private final InputStream lines;
    private final Kind kind;
    private final @Nullable FileStamp stamp;

    /** A file, which must stay as it is until {@link #provenance} or {@link #check}. */
    LogInput(String name, Path file) throws IOException {
        this(name, FileStamp.of(name, file), Files.newInputStream(file));
    }

    /** Standard input. */
    LogInput(String name, InputStream in) throws IOException {
        this(name, null, in);
    }

    private LogInput(String name, @Nullable FileStamp stamp, InputStream in) throws IOException {
        this.name = name;
        this.stamp = stamp;
        this.stored = new Hashed(in, sha256());
        this.start = new PushbackInputStream(stored, MAGIC);
        byte[] magic = start.readNBytes(MAGIC);
        start.unread(magic);
        this.kind = starts(magic, 'P', 'A', 'R', '1') ? Kind.PARQUET : Kind.LINES;
        if (kind == Kind.LINES && name.endsWith(".parquet") && !isText(magic)) {
            start.close();
            throw new InputException(
                    name,
                    0,
                    "",
                    "no Parquet: it does not begin with PAR1",
                    "the file must be what its name says, and whole");
        }
        this.lines = unpacked(magic);
    }

    /** Whether a line of JSON may begin so, or a file is empty; what its name says is no matter then. */
    private static boolean isText(byte[] magic) {
        return magic.length == 0
                || magic[0] == '{'
                || Character.isWhitespace(magic[0])
                || starts(magic, 0xef, 0xbb, 0xbf)
                || starts(magic, 0x1f, 0x8b)
                || starts(magic, 0x28, 0xb5, 0x2f, 0xfd)
                || isSkippableFrame(magic);
    }

    private InputStream unpacked(byte[] magic) throws IOException {
        if (starts(magic, 0x1f, 0x8b)) {
            return new GzipMembers(start);
        }
        boolean frame = starts(magic, 0x28, 0xb5, 0x2f, 0xfd);
        return frame || isSkippableFrame(magic) ? new ZstdFrames(start) : start;
    }

    /** What writers that work in parallel put before their frames. */
    private static boolean isSkippableFrame(byte[] magic) {
        return magic.length == MAGIC
                && (magic[0] & 0xf0) == 0x50
                && magic[1] == 0x2a
                && magic[2] == 0x4d
                && magic[3] == 0x18;
    }

    private static boolean starts(byte[] magic, int... expected) {
        if (magic.length < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if ((magic[i] & 0xff) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    Kind kind() {
        return kind;
    }

    /** The unpacked bytes; of a Parquet file the stored ones. */
    InputStream bytes() {
        return lines;
    }

    /** Name, size and hash, once all has been read; what the unpacking left is read for it. */
    Provenance.Input provenance() throws IOException {
        start.transferTo(OutputStream.nullOutputStream());
        check();
        return new Provenance.Input(name, stored.count, HexFormat.of().formatHex(stored.digest.digest()));
    }

    /**
     * Refuses a file that was changed since it was opened.
     *
     * @throws InputException if it was
     */
    void check() {
        if (stamp != null) {
            stamp.check();
        }
    }

    /** What broke a rule: the file, or whoever wrote it while it was read. */
    InputException cause(InputException failure) {
        return stamp == null ? failure : stamp.cause(failure);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException("this Java has no SHA-256", e));
        }
    }

    private static final class Hashed extends FilterInputStream {
        private final MessageDigest digest;
        private long count;

        Hashed(InputStream in, MessageDigest digest) {
            super(in);
            this.digest = digest;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = super.read(into, from, length);
            if (read > 0) {
                digest.update(into, from, read);
                count += read;
            }
            return read;
        }
    }
}
