package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RepeatedLogTest {
    private static final double[] PRIOR = {.4, .3, .2, .1};
    private static final double[] POLICY = {.1, .2, .3, .4};
    private static final AuditOptions OPTIONS = AuditOptions.atBeta("r", 1);

    /** The same estimates; log Z and the move, first order, twice as narrow. */
    @Test
    void fourTimesTheRecordsHaveTheSameEstimatesAndHalfTheWidth() {
        RolloutLog log = log(400, null, null);
        var once = Audit.of(log, OPTIONS).findings();
        var four = Audit.of(RepeatedLog.ofRecords(log, 4), OPTIONS).findings();
        for (String id : List.of("kl.policy_prior", "kl.prior_policy", "copies.moment_match")) {
            Finding first = finding(once.get(id));
            Finding more = finding(four.get(id));
            assertThat(more.estimate()).as(id).isCloseTo(first.estimate(), within(.02 * first.estimate()));
            assertThat((more.upper() - more.lower()) / (first.upper() - first.lower()))
                    .as(id)
                    .isCloseTo(.5, within(.02));
        }
    }

    /** Groups of another time are other units: with them as with records of their own the width halves. */
    @Test
    void unitsBecomeMore() {
        int[] group = new int[2 * 2 * 400];
        Arrays.setAll(group, i -> i / 8);
        RolloutLog log = log(400, group, null);
        RolloutLog three = RepeatedLog.ofRecords(log, 3);
        int[] units = java.util.Objects.requireNonNull(three.columns().group());
        assertThat(Arrays.stream(units).distinct().count())
                .isEqualTo(3 * Arrays.stream(group).distinct().count());
        double once = width(Audit.of(log, OPTIONS), "kl.policy_prior");
        double four = width(Audit.of(RepeatedLog.ofRecords(log, 4), OPTIONS), "kl.policy_prior");
        assertThat(four / once).isCloseTo(.5, within(.03));
    }

    /** What was drawn and not kept becomes more as well; everything that a record holds goes along. */
    @Test
    void thinnedDrawsAndAllColumnsAreTakenAlong() {
        double[] kept = new double[2 * 2 * 100];
        Arrays.fill(kept, .5);
        RolloutLog log = log(100, null, new RolloutLog.Kept(kept, kept));
        RolloutLog twice = RepeatedLog.ofRecords(log, 2);
        RolloutLog.Columns columns = twice.columns();
        for (int p = 0; p < 2; p++) {
            RolloutLog.Prompt before = log.prompts().get(p);
            RolloutLog.Prompt after = twice.prompts().get(p);
            assertThat(after.size()).isEqualTo(2 * before.size());
            assertThat(after.cut()).isEqualTo(2 * before.cut());
            assertThat(after.draws().prior()).isEqualTo(2 * before.draws().prior());
            for (int i = 0; i < after.size(); i++) {
                int own = before.from() + i % before.size();
                int here = after.from() + i;
                assertThat(columns.logPrior()[here]).isEqualTo(log.columns().logPrior()[own]);
                assertThat(columns.logPolicy()[here]).isEqualTo(log.columns().logPolicy()[own]);
                assertThat(columns.rewards()[0][here]).isEqualTo(log.columns().rewards()[0][own]);
                assertThat(columns.source()[here]).isEqualTo(log.columns().source()[own]);
                assertThat(columns.text()[here]).isEqualTo(log.columns().text()[own]);
                assertThat(columns.tokens()[here]).isEqualTo(log.columns().tokens()[own]);
            }
        }
    }

    /** Four times the prompts: an interval for the population they come from is half as wide, and a little narrower for Student's t of two. */
    @Test
    void morePromptsNarrowWhatIsSaidOfTheirPopulation() {
        RolloutLog log = RepeatedLog.ofPrompts(log(400, null, null), 4);
        RolloutLog more = RepeatedLog.ofPrompts(log, 8);
        assertThat(more.prompts()).extracting(RolloutLog.Prompt::text).doesNotHaveDuplicates();
        assertThat(more.prompts().stream()
                        .mapToDouble(RolloutLog.Prompt::weight)
                        .sum())
                .isCloseTo(1, within(1e-12));
        Finding once = finding(Audit.of(log, OPTIONS).findings().get("copies.moment_match.population"));
        Finding eight = finding(Audit.of(more, OPTIONS).findings().get("copies.moment_match.population"));
        assertThat(eight.estimate()).isCloseTo(once.estimate(), within(1e-9));
        assertThat(eight.upper() - eight.lower()).isLessThan((once.upper() - once.lower()) / Math.sqrt(8));
    }

    @Test
    void refusesNoTimesAtAll() {
        assertThatThrownBy(() -> RepeatedLog.ofRecords(log(4, null, null), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("times is 0; it must be at least 1");
        assertThatThrownBy(() -> RepeatedLog.ofPrompts(log(4, null, null), 0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> RepeatedLog.ofRecords(log(400, null, null), Integer.MAX_VALUE))
                .hasMessageContaining("more than an array holds");
    }

    private static double width(StepAudit audit, String id) {
        Finding finding = finding(audit.findings().get(id));
        return finding.upper() - finding.lower();
    }

    private static Finding finding(@org.jspecify.annotations.Nullable Finding finding) {
        return java.util.Objects.requireNonNull(finding);
    }

    /** Two prompts, so many records of each source: prior and policy of four texts with rewards 0 to 3. */
    private static RolloutLog log(
            int each,
            int @org.jspecify.annotations.Nullable [] group,
            RolloutLog.@org.jspecify.annotations.Nullable Kept kept) {
        int n = 2 * 2 * each;
        SplittableRandom random = new SplittableRandom(5);
        double[] reward = new double[n];
        double[] prior = new double[n];
        double[] policy = new double[n];
        byte[] source = new byte[n];
        int[] tokens = new int[n];
        long[] text = new long[n];
        for (int i = 0; i < n; i++) {
            source[i] = (byte) (i / each % 2);
            double[] law = source[i] == RolloutLog.PRIOR ? PRIOR : POLICY;
            double u = random.nextDouble();
            int outcome = 0;
            while (outcome < 3 && (u -= law[outcome]) > 0) {
                outcome++;
            }
            reward[i] = outcome;
            prior[i] = Math.log(PRIOR[outcome]);
            policy[i] = Math.log(POLICY[outcome]);
            tokens[i] = 1 + outcome;
            text[i] = outcome;
        }
        RolloutLog.Draws draws =
                kept == null ? RolloutLog.Draws.ALL_KEPT : new RolloutLog.Draws(2 * each, 2 * each, false, false);
        List<RolloutLog.Prompt> prompts = List.of(
                new RolloutLog.Prompt("a", .5, 0, n / 2, false, 1, List.of(), List.of(), draws),
                new RolloutLog.Prompt("b", .5, n / 2, n, false, 0, List.of(), List.of(), draws));
        RolloutLog.Columns columns = new RolloutLog.Columns(
                new double[][] {reward}, prior, policy, source, null, tokens, group, null, kept, text);
        return new RolloutLog(List.of("r"), List.of("prior", "policy"), prompts, columns);
    }
}
