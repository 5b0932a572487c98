package dev.credence.data.files;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** How lines are packed in a file, as the end of its name says. */
public enum LinePacking {
    /** Not at all: {@code .jsonl}. */
    NONE,
    /** By gzip: {@code .jsonl.gz}. */
    GZIP,
    /** By zstd: {@code .jsonl.zst}. */
    ZSTD;

    private static final int BUFFER = 1 << 16;

    /**
     * The packing of JSON Lines.
     *
     * @param file a name
     * @return how they are packed, or null if it is no name of JSON Lines
     */
    public static @Nullable LinePacking ofLines(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return name.endsWith(".jsonl")
                ? NONE
                : name.endsWith(".jsonl.gz") ? GZIP : name.endsWith(".jsonl.zst") ? ZSTD : null;
    }

    /**
     * Packs what is written.
     *
     * @param out takes what is packed; stays open
     * @return takes what is to be packed; to be closed, which ends the packed data
     * @throws IOException if that cannot begin
     */
    public OutputStream over(OutputStream out) throws IOException {
        OutputStream kept = new Kept(out);
        return switch (this) {
            case NONE -> kept;
            case GZIP -> new BufferedOutputStream(new GZIPOutputStream(kept, BUFFER), BUFFER);
            case ZSTD -> {
                ZstdLibrary.load();
                yield new BufferedOutputStream(new ZstdOutputStreamNoFinalizer(kept).setChecksum(true), BUFFER);
            }
        };
    }

    /** The word by which DuckDB knows it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static final class Kept extends OutputStream {
        private final OutputStream out;

        Kept(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
