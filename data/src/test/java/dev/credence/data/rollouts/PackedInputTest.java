package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.credence.core.provenance.InputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packed logs in several members or frames, whole, cut and damaged, by generated inputs. */
class PackedInputTest {
    /** How bytes are packed. */
    enum Packing {
        GZIP {
            @Override
            byte[] pack(byte[] plain) throws IOException {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (OutputStream out = new GZIPOutputStream(bytes)) {
                    out.write(plain);
                }
                return bytes.toByteArray();
            }
        },
        ZSTD {
            @Override
            byte[] pack(byte[] plain) {
                return checked(plain);
            }
        };

        abstract byte[] pack(byte[] plain) throws IOException;

        private static byte[] checked(byte[] plain) {
            try (var context = new com.github.luben.zstd.ZstdCompressCtx().setChecksum(true)) {
                return context.compress(plain);
            }
        }
    }

    /** Gives at most a few bytes at a time and says that no more are there, as a slow pipe does. */
    private static final class SlowStream extends InputStream {
        private final ByteArrayInputStream in;

        SlowStream(byte[] bytes) {
            this.in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] into, int from, int length) {
            return in.read(into, from, Math.min(length, 37));
        }

        @Override
        public int available() {
            return 0;
        }
    }

    private static final int MEMBERS = 5;

    private static String lines(int count, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((i % 2 == 0 ? Logs.PRIOR : Logs.POLICY).replace("\"a\"", "\"" + random.nextInt() + "\""))
                    .append('\n');
        }
        return text.toString();
    }

    private static byte[] packed(Packing packing, SplittableRandom random) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int member = 0; member < MEMBERS; member++) {
            all.write(packing.pack(lines(40, random).getBytes(StandardCharsets.UTF_8)));
        }
        return all.toByteArray();
    }

    private static LogRead read(byte[] bytes) {
        return new RolloutLogReader(Logs.options(), new SlowStream(bytes)).read(List.of("-"));
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void allPartsAreReadHoweverSlowlyTheyCome(Packing packing) throws IOException {
        byte[] bytes = packed(packing, new SplittableRandom(1));
        LogRead read = read(bytes);
        assertThat(read.records()).isEqualTo(40 * MEMBERS);
        assertThat(read.inputs().get(0).bytes()).isEqualTo(bytes.length);
    }

    /** No cut is taken for the end, but those between two parts; what is read there is what had been written. */
    @ParameterizedTest
    @EnumSource(Packing.class)
    void aCutIsAnErrorWithItsPlace(Packing packing) throws IOException {
        byte[] bytes = packed(packing, new SplittableRandom(2));
        int whole = 0;
        for (int length = 5; length < bytes.length; length += 3) {
            byte[] cut = Arrays.copyOf(bytes, length);
            try {
                assertThat(read(cut).records() % 40).as("cut at %d", length).isZero();
                whole++;
            } catch (InputException e) {
                assertThat(e).hasMessageContaining("compressed data broken or cut at byte " + length);
            }
        }
        assertThat(whole).isLessThan(MEMBERS);
    }

    /** Every change of a byte is an error, or changes nothing but what no reader looks at (a time, a name of a system). */
    @ParameterizedTest
    @EnumSource(Packing.class)
    void damageIsNeverReadAsSomethingElse(Packing packing) throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        byte[] bytes = packed(packing, random);
        List<String> texts = read(bytes).steps().get(0).log().prompts().get(0).priorTexts();
        int refused = 0;
        for (int trial = 0; trial < 600; trial++) {
            byte[] damaged = bytes.clone();
            damaged[4 + random.nextInt(bytes.length - 4)] ^= (byte) (1 << random.nextInt(8));
            try {
                LogRead read = read(damaged);
                assertThat(read.records()).isEqualTo(40 * MEMBERS);
                assertThat(read.steps().get(0).log().prompts().get(0).priorTexts())
                        .isEqualTo(texts);
            } catch (InputException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    @Test
    void framesToBeSkippedAreSkipped() throws IOException {
        byte[] frame = Zstd.compress(lines(4, new SplittableRandom(4)).getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(new byte[] {0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9});
        all.write(frame);
        all.write(new byte[] {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0});
        all.write(frame);
        assertThat(read(all.toByteArray()).records()).isEqualTo(8);
    }

    @Test
    void gzipHeadersMayHaveAllParts() throws IOException {
        byte[] plain = Packing.GZIP.pack(lines(4, new SplittableRandom(4)).getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3});
        all.write(new byte[] {2, 0, 7, 7}); // extra
        all.write("name\0comment\0".getBytes(StandardCharsets.US_ASCII));
        all.write(new byte[] {1, 2}); // the header's own check
        all.write(plain, 10, plain.length - 10);
        assertThat(read(all.toByteArray()).records()).isEqualTo(4);
    }
}
