package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextHashTest {
    private static final String HALVES = "\\ud83d \\ude00";

    @TempDir
    private Path folder = Path.of("");

    private static long[] text(LogRead read) {
        return Objects.requireNonNull(read.steps().get(0).log().columns().text());
    }

    private static String of(String completion) {
        return Logs.PRIOR.replace("\"a\"", '"' + completion + '"');
    }

    @Test
    void spellingsOfATextAreOneText() {
        long[] hashes = text(Logs.read(
                of("é😀\\n/ x"),
                of("\\u00e9\\ud83d\\ude00\\u000a\\/ x"),
                of("é\\uD83D\\uDE00\\n/ \\u0078"),
                of("é😀\\n/ y"),
                of("é😀\\n/  x")));
        assertThat(hashes[1]).isEqualTo(hashes[0]);
        assertThat(hashes[2]).isEqualTo(hashes[0]);
        assertThat(new HashSet<>(List.of(hashes[0], hashes[3], hashes[4]))).hasSize(3);
    }

    @Test
    void bothParsersGiveTheSame() {
        String array = ",\"x\":[1]}"; // arrays are read by Jackson
        for (String text : List.of("", "a", "1234567", "12345678", "123456789", "é\\n", HALVES, "\\ud83d\\ude00")) {
            String fast = of(text);
            String slow = fast.substring(0, fast.length() - 1) + array;
            long[] hashes = text(Logs.read(of("other"), fast, fast, slow));
            assertThat(hashes[2]).as(text).isEqualTo(hashes[1]);
            assertThat(hashes[3]).as(text).isEqualTo(hashes[1]);
            assertThat(hashes[0]).isNotEqualTo(hashes[1]);
        }
    }

    @Test
    void halvesOfSurrogatePairsDiffer() {
        long[] hashes = text(Logs.read(of("\\ud83d"), of("\\ud835"), of("\\ud83d\\ud83d"), of("?"), of("\\ufffd")));
        Set<Long> distinct = new HashSet<>();
        for (long hash : hashes) {
            distinct.add(hash);
        }
        assertThat(distinct).hasSize(5);
    }

    @Test
    void idsDecide() {
        String line = of("ab");
        String open = line.substring(0, line.length() - 1);
        long[] hashes = text(Logs.read(
                open + ",\"ids\":[1,2]}", open + ",\"ids\":[12]}", of("ba").replace("}", ",\"ids\":[1,2]}"), line));
        assertThat(hashes[2]).isEqualTo(hashes[0]);
        assertThat(new HashSet<>(List.of(hashes[0], hashes[1], hashes[3]))).hasSize(3);
    }

    @Test
    void textsThatWereLeftOutAreNone() {
        assertThat(Logs.read(of(""), of("")).steps().get(0).log().columns().text())
                .isNull();
    }

    @Test
    void parquetGivesTheSame() throws Exception {
        List<DrawnRecord> records = List.of(drawn("é😀\n", new int[] {5, 0}), drawn("", new int[] {0}));
        Path lines = folder.resolve("a.jsonl");
        Path parquet = folder.resolve("a.parquet");
        RolloutLogWriter.write(lines, records);
        RolloutLogWriter.write(parquet, records);
        assertThat(text(read(parquet))).isEqualTo(text(read(lines)));
    }

    private static DrawnRecord drawn(String text, int[] ids) {
        return new DrawnRecord("p", text, ids, true, "prior", Map.of("r", 1.0), -1, -1, Double.NaN, 1);
    }

    private static LogRead read(Path file) {
        return new RolloutLogReader(Logs.options(), InputStream.nullInputStream()).read(List.of(file.toString()));
    }

    /** Many short similar texts: none of 300,000 collide (expected 2e-9), and every bit is set half of the time. */
    @Test
    void similarTextsScatter() {
        SplittableRandom random = new SplittableRandom(3);
        TextHash hashes = new TextHash();
        Map<Long, String> seen = new HashMap<>();
        int[] ones = new int[64];
        for (int i = 0; i < 300_000; i++) {
            RolloutRecord record = new RolloutRecord(0);
            String text = "x".repeat(random.nextInt(20)) + i + "y".repeat(random.nextInt(3));
            record.completion = text;
            long hash = hashes.of(record);
            String before = seen.put(hash, text);
            assertThat(before == null || before.equals(text)).isTrue();
            for (int bit = 0; bit < 64; bit++) {
                ones[bit] += (int) (hash >>> bit & 1);
            }
        }
        for (int count : ones) {
            assertThat(count).isBetween(148_000, 152_000);
        }
    }
}
