package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextReservoirTest {
    private static void offer(TextReservoir reservoir, long line) {
        long key = TextReservoir.key(TextReservoir.fileKey(9, 0), line);
        if (reservoir.wants(key)) {
            reservoir.add(key, Long.toString(line));
        }
    }

    @Test
    void theTextsWithTheLowestKeysStayWhoeverReadThem() {
        TextReservoir whole = new TextReservoir();
        List<Long> lines = new ArrayList<>();
        for (long line = 1; line <= 5_000; line++) {
            offer(whole, line);
            lines.add(line);
        }
        List<String> expected = lines.stream()
                .sorted((a, b) -> Long.compare(
                        TextReservoir.key(TextReservoir.fileKey(9, 0), a),
                        TextReservoir.key(TextReservoir.fileKey(9, 0), b)))
                .limit(TextReservoir.CAPACITY)
                .map(String::valueOf)
                .toList();
        assertThat(whole.texts()).isEqualTo(expected);
        TextReservoir merged = new TextReservoir();
        IntStream.rangeClosed(1, 2_500).forEach(line -> offer(merged, line));
        TextReservoir rest = new TextReservoir();
        IntStream.rangeClosed(2_501, 5_000).forEach(line -> offer(rest, line));
        merged.addAll(rest);
        assertThat(merged.texts()).isEqualTo(expected);
    }

    @Test
    void everyLineIsAsLikely() {
        int[] tenths = new int[10];
        for (int seed = 0; seed < 200; seed++) {
            long file = TextReservoir.fileKey(seed, 0);
            TextReservoir reservoir = new TextReservoir();
            for (int line = 0; line < 1_000; line++) {
                long key = TextReservoir.key(file, line);
                if (reservoir.wants(key)) {
                    reservoir.add(key, Integer.toString(line));
                }
            }
            reservoir.texts().forEach(text -> tenths[Integer.parseInt(text) / 100]++);
        }
        // 200·200 draws, 4,000 expected in each tenth with sd about 57
        assertThat(Arrays.stream(tenths).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(3_750, 4_250));
    }

    @Test
    void aShortStreamIsKeptWhole() {
        TextReservoir reservoir = new TextReservoir();
        IntStream.range(0, 7).forEach(line -> offer(reservoir, line));
        assertThat(reservoir.texts()).containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5", "6");
    }
}
