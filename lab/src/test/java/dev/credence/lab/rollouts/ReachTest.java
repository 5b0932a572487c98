package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a prompt's records carry, against the audit's own figures and naive sums. */
class ReachTest {
    static final int PRIOR = 400;
    static final int POLICY = 200;

    /** A log of one prompt; prior records were kept with .1 (no reward), .4 and 1. */
    static RolloutLog log(long seed, boolean isThinned, boolean hasLevels) {
        SplittableRandom random = new SplittableRandom(seed);
        int n = PRIOR + POLICY;
        double[] reward = new double[n];
        double[] logPrior = new double[n];
        double[] logPolicy = new double[n];
        byte[] source = new byte[n];
        double[] kept = new double[n];
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        for (int i = 0; i < n; i++) {
            boolean isPrior = i < PRIOR;
            source[i] = isPrior ? RolloutLog.PRIOR : RolloutLog.POLICY;
            double level = random.nextInt(10) < (isPrior ? 7 : 2) ? 0 : random.nextInt(8) < 7 ? 0.5 : 1;
            reward[i] = hasLevels ? level : level + 0.01 * random.nextDouble();
            kept[i] = level == 0 ? 0.1 : level < 1 ? 0.4 : 1;
            logPrior[i] = -20 - 10 * random.nextDouble();
            logPolicy[i] = logPrior[i] + 3 * level - 1 + random.nextDouble();
        }
        RolloutLog.Columns columns =
                new RolloutLog.Columns(new double[][] {reward}, logPrior, logPolicy, source, null, null, null);
        RolloutLog.Draws draws = new RolloutLog.Draws(2500, Double.NaN);
        return new RolloutLog(
                List.of("r"),
                List.of("prior", "policy"),
                List.of(new RolloutLog.Prompt(
                        "p", 1, 0, n, false, 0, List.of(), List.of(), isThinned ? draws : RolloutLog.Draws.ALL_KEPT)),
                isThinned ? columns.withKept(new RolloutLog.Kept(kept, ones)) : columns);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void effectiveRecordsAreTheAudits(boolean isThinned) {
        RolloutLog log = log(1, isThinned, true);
        Reach reach = new Reach(log, log.prompts().get(0), 0);
        for (double beta : new double[] {0.05, 0.3, 2, 0}) {
            double expected = Audit.of(log, AuditOptions.atBeta("r", beta))
                    .findings()
                    .get("ess.asked")
                    .estimate();
            assertThat(reach.effective(1 / beta)).as("beta %s", beta).isCloseTo(expected, within(1e-9 * expected));
        }
    }

    @Test
    void effectiveRecordsWithABridgeAreTheAudits() {
        RolloutLog two = log(3, true, true);
        SplittableRandom random = new SplittableRandom(4);
        byte[] source = two.columns().source().clone();
        double[] bridge = new double[two.size()];
        for (int i = 0; i < bridge.length; i++) {
            bridge[i] = two.columns().logPrior()[i] + 2 * two.columns().rewards()[0][i] - 0.5 + random.nextDouble();
            source[i] = i >= PRIOR + POLICY / 2 ? DrawRound.BRIDGE : source[i];
        }
        RolloutLog.Columns columns = new RolloutLog.Columns(
                        two.columns().rewards(),
                        two.columns().logPrior(),
                        two.columns().logPolicy(),
                        source,
                        bridge,
                        null,
                        null)
                .withKept(two.columns().kept());
        RolloutLog log = new RolloutLog(List.of("r"), List.of("prior", "policy", "between"), two.prompts(), columns);
        Reach reach = new Reach(log, log.prompts().get(0), 0);
        for (double beta : new double[] {0.05, 0.3, 2}) {
            double expected = Audit.of(log, AuditOptions.atBeta("r", beta))
                    .findings()
                    .get("ess.asked")
                    .estimate();
            assertThat(reach.effective(1 / beta)).as("beta %s", beta).isCloseTo(expected, within(1e-9 * expected));
        }
    }

    @Test
    void unseenIsTheSumOverRareLevels() {
        RolloutLog log = log(1, true, true);
        RolloutLog.Columns columns = log.columns();
        columns.rewards()[0][3] = 2; // a level that one record of the prior shows
        Reach reach = new Reach(log, log.prompts().get(0), 0);
        double copies = 3;
        double mass = 0;
        double tilted = 0;
        for (int i = 0; i < log.size(); i++) {
            double prior = 2500 * columns.kept().prior()[i];
            double policy = POLICY * Math.exp(columns.logPolicy()[i] - columns.logPrior()[i]);
            double weight = 2700 / (prior + policy);
            mass += weight;
            tilted += weight * Math.exp(copies * columns.rewards()[0][i]);
        }
        double z = tilted / mass;
        double expected = 3 / (2500 * columns.kept().prior()[3]) * Math.exp(2 * copies) / z;
        assertThat(reach.unseen(copies)).isCloseTo(expected, within(1e-9 * expected));
        assertThat(reach.unseen(Double.NEGATIVE_INFINITY)).isZero();
    }

    @Test
    void continuousRewardsHaveNoLevels() {
        RolloutLog log = log(1, false, false);
        Reach reach = new Reach(log, log.prompts().get(0), 0);
        assertThat(reach.hasLevels()).isFalse();
        assertThat(reach.unseen(5)).isZero();
        RolloutLog levels = log(1, false, true);
        assertThat(new Reach(levels, levels.prompts().get(0), 0).hasLevels()).isTrue();
    }
}
