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

    private static StepAudit audit(List<Logs.Row> rows) {
        SplittableRandom random = new SplittableRandom(5);
        List<Logs.Row> scored = rows.stream() // a policy that is not the prior, with some noise
                .map(r -> new Logs.Row(
                        r.prompt(),
                        r.source(),
                        r.reward(),
                        -2,
                        -2 + .2 * r.reward() + .1 * random.nextGaussian(),
                        r.group(),
                        false))
                .toList();
        return Audit.of(Logs.of(scored), Logs.options(1.0));
    }

    @Test
    void recognisedGroupsAreTheUnitsAsIfTheyWereMarked() {
        List<Logs.Row> rows = rows(8, 24, 1, true, -1);
        StepAudit recognised = audit(rows);
        StepAudit marked = audit(rows(8, 24, 1, true, 0));
        assertThat(recognised.findings()).isEqualTo(marked.findings());
        assertThat(gate(recognised).status()).isEqualTo(Status.WARN);
        assertThat(gate(recognised).figure()).isEqualTo(8);
        assertThat(gate(recognised).reason()).contains("taken for groups that were drawn together");
        assertThat(gate(marked).status()).isEqualTo(Status.PASS);
    }

    /** Prior records in blocks of eight: each block's log-ratios about a value of their own, or all about one. */
    private static RolloutLog withPrior(boolean together) {
        SplittableRandom random = new SplittableRandom(9);
        List<Logs.Row> rows = new ArrayList<>(rows(8, 24, 1, true, -1));
        rows.removeIf(row -> row.source() == RolloutLog.PRIOR);
        for (int b = 0; b < 24; b++) {
            double own = together ? random.nextGaussian() : 0;
            for (int i = 0; i < 8; i++) {
                rows.add(new Logs.Row(
                        "q" + b % 3, 0, random.nextGaussian(), -2, -2 + .3 * own + .3 * random.nextGaussian()));
            }
        }
        return Logs.of(rows);
    }

    @Test
    void recordsOfThePriorAreBlocksWhereTheirLogRatiosAreAlike() {
        int[] alike = marked(withPrior(true));
        int[] independent = marked(withPrior(false));
        assertThat(units(alike)).isEqualTo(48);
        assertThat(units(independent)).isEqualTo(24);
    }

    private static long units(int[] groups) {
        return java.util.Arrays.stream(groups).filter(g -> g >= 0).distinct().count();
    }

    @Test
    void aPromptWithFewGroupsKeepsItsRecordsForUnits() {
        List<Logs.Row> rows = rows(24, 9, 1, true, -1);
        rows.addAll(rows(24, 24, 1, true, -1).stream()
                .filter(r -> r.source() == 1)
                .map(r -> new Logs.Row("q0", 1, r.reward(), r.logPrior(), r.logPolicy()))
                .toList());
        Gate few = gate(audit(rows));
        assertThat(few.status()).isEqualTo(Status.WARN);
        assertThat(few.reason()).contains("intervals are too narrow");
    }

    private static Gate gate(StepAudit audit) {
        return audit.gates().stream()
                .filter(g -> g.id().equals("groups"))
                .findFirst()
                .orElseThrow();
    }

    private static int[] marked(RolloutLog log) {
        return GroupPattern.marked(log, ListedPrompt.of(log), null, 8).columns().group();
    }
}
