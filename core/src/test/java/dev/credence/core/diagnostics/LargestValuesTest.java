package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargestValuesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 50, 999, 1000, 3000})
    void agreesWithSorting(int count) {
        for (int seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int levels = seed % 2 == 0 ? 1_000_000 : 7;
            int slope = seed % 5 - 2;
            double[] values = new double[1000];
            Arrays.setAll(values, i -> random.nextInt(levels) - (double) i * slope);
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            assertThat(LargestValues.of(values, 0, 1000, count))
                    .containsExactly(Arrays.copyOfRange(sorted, Math.max(0, 1000 - count), 1000));
        }
    }
}
