package dev.credence.data.rollouts;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.credence.data.files.ZstdLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** All frames of a zstd file, one after the other, those to be skipped included; what is wrong is named with its place. */
final class ZstdFrames extends InputStream {
    private static final int SIZE = 1 << 17;

    private final PackedSource source;
    private final ZstdDecompressCtx context;
    private final ByteBuffer packed = ByteBuffer.allocateDirect(1 << 16).flip();
    private final ByteBuffer plain = ByteBuffer.allocateDirect(SIZE).flip();
    private boolean inside;
    private boolean ended;

    ZstdFrames(InputStream in) {
        ZstdLibrary.load();
        this.source = new PackedSource(in);
        this.context = new ZstdDecompressCtx();
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
        while (!plain.hasRemaining()) {
            if (ended) {
                return -1;
            }
            unpack();
        }
        int count = Math.min(length, plain.remaining());
        plain.get(into, from, count);
        return count;
    }

    private void unpack() throws IOException {
        if (!inside) {
            if (!source.hasMore()) {
                ended = true;
                return;
            }
            source.beginPart();
            inside = true;
        }
        boolean more = source.hasMore();
        packed.clear();
        packed.put(source.bytes, source.from, source.to - source.from).flip();
        plain.clear();
        boolean complete;
        try {
            complete = context.decompressDirectByteBufferStream(plain, packed);
        } catch (ZstdException e) {
            source.from += packed.position();
            throw source.broken(e.getMessage() == null ? "no zstd data" : e.getMessage());
        }
        source.from += packed.position();
        plain.flip();
        if (complete) {
            inside = false;
        } else if (!more && !plain.hasRemaining()) {
            throw source.broken("it ends inside a frame");
        }
    }

    @Override
    public void close() throws IOException {
        context.close();
        source.close();
    }
}
