package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An audit of a log that several processes hold is that of one process, to the last digit. */
class SpreadAuditTest {
    private static void isTheSame(RolloutLog log, AuditOptions options, int... processes) throws Exception {
        StepAudit one = Audit.ofTellingPrompts(log, options);
        for (int n : processes) {
            for (StepAudit each : SpreadLog.audits(log, options, n)) {
                assertThat(each).isEqualTo(one);
            }
        }
    }

    private static AuditOptions options(@Nullable Double beta) {
        return Logs.options(beta);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void soundLogsOfAllKinds(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        RolloutLog log = Logs.of(MadeLogs.sound(random));
        isTheSame(log, options(seed % 3 == 0 ? null : 0.02 + random.nextDouble()), 1, 2 + (int) (seed % 3));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void logsThatCannotBe(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 5; c++) {
            MadeLogs.World world = MadeLogs.random(random);
            rows.addAll(MadeLogs.draw("p" + c, world, world.sampledAt(0.6, 40), new int[] {300, 200}, random));
        }
        isTheSame(Logs.of(rows), options(0.5), 2);
    }

    /** Groups, prompts held out, prompts of few records and of one side only, and a rival reward. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void groupsHeldOutPromptsThinOnesAndRivals(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 9; c++) {
            MadeLogs.World world = MadeLogs.random(random);
            int[] counts = c == 3 ? new int[] {12, 0} : c == 4 ? new int[] {3, 2} : new int[] {80, 64};
            int prompt = c;
            int[] at = {0};
            for (Logs.Row row : MadeLogs.draw("p" + c, world, world, counts, random)) {
                int group = row.source() == RolloutLog.POLICY && seed % 2 == 0 ? at[0]++ / 4 : -1;
                rows.add(new Logs.Row(
                        row.prompt(),
                        row.source(),
                        row.reward(),
                        row.logPrior(),
                        row.logPolicy(),
                        group,
                        prompt == 6 || prompt == 8,
                        row.text()));
            }
        }
        RolloutLog log = Logs.of(rows);
        RolloutLog rivals =
                Logs.withReward(log, "rival", random.doubles(rows.size()).toArray());
        AuditOptions rival = new AuditOptions(0.3, "reward", RewardType.SCORE, List.of("reward", "rival"), null, seed);
        isTheSame(rivals, rival.droppingThin(true), 2, 4);
        isTheSame(rivals, rival.within(new AuditOptions.Range(-50, 50)), 3);
    }

    @Test
    void groupsThatNoFieldNamesAndSumsOfNextTokenDivergences() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            for (int b = 0; b < 20; b++) {
                double[] raw = random.doubles(8).toArray();
                double mean =
                        IntStream.range(0, 8).mapToDouble(i -> raw[i]).average().orElseThrow();
                double square = IntStream.range(0, 8)
                        .mapToDouble(i -> (raw[i] - mean) * (raw[i] - mean))
                        .sum();
                double own = random.nextDouble();
                for (double x : raw) {
                    double reward = (x - mean) / Math.sqrt(square / 7);
                    rows.add(new Logs.Row("p" + c, 1, reward, -3 - own, -3 - own + 0.1 * reward));
                    rows.add(new Logs.Row("p" + c, 0, random.nextGaussian(), -3 + own, -3.1 + own));
                }
            }
        }
        RolloutLog log = Logs.of(rows);
        double[] divergences = random.doubles(log.size()).toArray();
        RolloutLog withKl = new RolloutLog(
                log.rewardNames(), log.sources(), log.prompts(), log.columns().withTokenKl(divergences));
        assertThat(Audit.of(withKl, options(1.0)).gates())
                .anyMatch(gate -> gate.reason().contains("blocks of 8 records"));
        isTheSame(withKl, options(1.0), 3);
    }

    @Test
    void morePromptsThanAnAuditHolds() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < OmittedPrompts.MOST + 5; c++) {
            for (int i = 0; i < 6; i++) {
                double reward = random.nextInt(3);
                rows.add(new Logs.Row("p" + c, i % 2, reward, -2 + random.nextDouble(), -2 + random.nextDouble()));
            }
        }
        isTheSame(Logs.of(rows), options(1.0), 2);
    }

    @Test
    void aTargetThatLearnsFromTheRecords() throws Exception {
        SplittableRandom random = new SplittableRandom(6);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 3; c++) {
            MadeLogs.World world = MadeLogs.random(random);
            rows.addAll(MadeLogs.draw("p" + c, world, world, new int[] {200, 150}, random));
        }
        Aim aim = new Aim("the best of 4", "none", RewardLikelihood.beats(4), null, null, null);
        AuditOptions best = new AuditOptions(null, "reward", RewardType.SCORE, List.of("reward"), aim, 1);
        isTheSame(Logs.of(rows), best, 2);
    }

    @Test
    void aProcessWithoutPromptsAndWhatFailsInOneFailsInAll() throws Exception {
        List<Logs.Row> rows = new ArrayList<>(MadeLogs.sound(new SplittableRandom(2)));
        isTheSame(
                Logs.of(rows),
                options(1.0),
                (int) rows.stream().map(Logs.Row::prompt).distinct().count() + 2);
        List<Logs.Row> bad = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            bad.add(new Logs.Row("far", i % 2, i, -1000, -1));
            bad.add(new Logs.Row("far too", i % 2, i, -1, -1000));
        }
        RolloutLog log = Logs.of(
                bad.stream().sorted((a, b) -> a.prompt().compareTo(b.prompt())).toList());
        assertThatThrownBy(() -> SpreadLog.audits(log, options(1.0), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no record with a mass");
    }

    @Test
    void otherSourcesAreRefused() {
        List<Logs.Row> rows = MadeLogs.sound(new SplittableRandom(2));
        RolloutLog log = Logs.of(rows, List.of("prior", "policy", "bridge"), new double[rows.size()]);
        assertThatThrownBy(() -> SpreadLog.audits(log, options(1.0), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other sources");
    }
}
