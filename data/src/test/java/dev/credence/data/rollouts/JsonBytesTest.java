package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JsonBytesTest {
    private final SplittableRandom random = new SplittableRandom(5);

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void utf8IsToldAsTheJdkTellsIt() {
        int[] leads = {
            0x41, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 0x90, 0x9f,
            0xa0, 0x8f
        };
        int valid = 0;
        for (int trial = 0; trial < 60_000; trial++) {
            byte[] bytes = new byte[random.nextInt(1, 6)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) leads[random.nextInt(leads.length)];
            }
            boolean expected = isUtf8(bytes);
            valid += expected ? 1 : 0;
            byte[] padded = Arrays.copyOf(bytes, bytes.length + JsonBytes.PADDING);
            assertThat(JsonBytes.invalidUtf8(padded, 0, bytes.length) < 0)
                    .as(Arrays.toString(bytes))
                    .isEqualTo(expected);
        }
        assertThat(valid).isBetween(600, 58_000);
    }

    @Test
    void specialBytesNewlinesAndSurveysAreThoseOfAPlainLoop() {
        byte[] alphabet = {
            'a',
            '"',
            '\\',
            '\n',
            ' ',
            '!',
            '#',
            '[',
            ']',
            0x1f,
            0x20,
            0x7f,
            (byte) 0x80,
            (byte) 0xff,
            (byte) 0x8a,
            (byte) 0xa2,
            'z',
            'z',
            'z',
            'z'
        };
        for (int trial = 0; trial < 50_000; trial++) {
            int size = random.nextInt(40);
            byte[] b = new byte[size + JsonBytes.PADDING];
            for (int i = 0; i < size; i++) {
                b[i] = alphabet[random.nextInt(alphabet.length)];
            }
            int special = 0;
            while (special < size
                    && b[special] != '"'
                    && b[special] != '\\'
                    && (b[special] < 0 || b[special] >= 0x20)) {
                special++;
            }
            assertThat(JsonBytes.special(b, 0)).isEqualTo(special);
            int newline = 0;
            int count = 0;
            boolean ascii = true;
            for (int i = size - 1; i >= 0; i--) {
                count += b[i] == '\n' ? 1 : 0;
                ascii &= b[i] >= 0;
            }
            while (newline < size && b[newline] != '\n') {
                newline++;
            }
            assertThat(JsonBytes.newline(b, 0, size)).isEqualTo(newline);
            assertThat(JsonBytes.survey(b, 0, size)).isEqualTo(2 * count + (ascii ? 1 : 0));
        }
    }

    @Test
    void escapesAreDecoded() {
        byte[] b = "\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9é\\ud83d\\ude00 end".getBytes(StandardCharsets.UTF_8);
        assertThat(JsonBytes.decode(b, 0, b.length, true)).isEqualTo("\"\\/\b\f\n\r\téé😀 end");
    }
}
