package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupPatternTest {
    /** Policy rewards of {@code blocks} groups of k: standardised with this divisor's offset, or as they are. */
    private static List<Logs.Row> rows(int k, int blocks, int offset, boolean standardised, int group) {
        SplittableRandom random = new SplittableRandom(k);
        List<Logs.Row> rows = new ArrayList<>();
        for (int b = 0; b < blocks; b++) {
            double[] raw = random.doubles(k).map(x -> Math.floor(4 * x)).toArray();
            double mean = java.util.Arrays.stream(raw).average().orElseThrow();
            double square = java.util.Arrays.stream(raw)
                    .map(x -> (x - mean) * (x - mean))
                    .sum();
            double sd = Math.sqrt(square / (k - offset)) + 1e-4;
            for (double x : raw) {
                double reward = standardised ? (x - mean) / sd : x;
                rows.add(new Logs.Row("q" + b % 3, 1, reward, -2, -1.9, group < 0 ? -1 : b, false));
            }
        }
        for (int i = 0; i < 90; i++) {
            rows.add(new Logs.Row("q" + i % 3, 0, random.nextGaussian(), -1.9, -2));
        }
        return rows;
    }

    private static Gate gate(List<Logs.Row> rows) {
        List<Gate> gates = GroupPattern.of(MadeLogs.pool(Logs.of(rows)));
        assertThat(gates).hasSize(1);
        return gates.get(0);
    }

    @ParameterizedTest
    @CsvSource({"4, 30, 0", "8, 24, 1", "16, 60, 1", "64, 30, 0"})
    void firesOnRewardsThatAreStandardisedInBlocks(int k, int blocks, int offset) {
        Gate gate = gate(rows(k, blocks, offset, true, -1));
        assertThat(gate.status()).isEqualTo(Status.WARN);
        assertThat(gate.figure()).isEqualTo(k);
        assertThat(gate.reason()).contains("blocks of " + k + " records in a row", "in the field group");
        assertThat(gate.withdraws()).isEmpty();
    }

    @Test
    void passesRawRewardsFewBlocksAndMarkedGroups() {
        assertThat(gate(rows(8, 24, 1, false, -1)).status()).isEqualTo(Status.PASS);
        assertThat(gate(rows(8, 18, 1, true, -1)).status()).isEqualTo(Status.PASS);
        Gate marked = gate(rows(8, 24, 1, true, 0));
        assertThat(marked.status()).isEqualTo(Status.PASS);
        assertThat(marked.reason()).contains("are marked");
    }

    @Test
    void passesRewardsOfOneAndMinusOne() {
        SplittableRandom random = new SplittableRandom(1);
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            rows.add(new Logs.Row("q", i % 2, random.nextBoolean() ? 1 : -1, -1, -1.1));
        }
        assertThat(gate(rows).status()).isEqualTo(Status.PASS);
    }
}
