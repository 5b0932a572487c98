package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import dev.credence.core.diagnostics.RunningMean;
import dev.credence.core.evidence.RewardType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Logs of two coin tosses, the second one's bias depending on the first (T5), with the divergences of their steps. */
class TokenKlTest {
    private static final double[] FIRST = {0.5, 0.8}; // prior, policy: probability of a one
    private static final double[][] SECOND = {{0.3, 0.6}, {0.4, 0.9}}; // prior, policy; after a zero, after a one

    private final List<Double> logRatios = new ArrayList<>();
    private final List<Double> sums = new ArrayList<>();

    private static double bernoulli(double p, double q) {
        return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }

    private static double log(double p, int outcome) {
        return Math.log(outcome == 1 ? p : 1 - p);
    }

    /** So many records of each, the policy's with their sums but for the last {@code lacking}. */
    private RolloutLog log(int n, int lacking) {
        SplittableRandom random = new SplittableRandom(5);
        List<Logs.Row> rows = new ArrayList<>();
        double[] kl = new double[2 * n];
        for (int i = 0; i < 2 * n; i++) {
            int source = i < n ? 0 : 1;
            int first = random.nextDouble() < FIRST[source] ? 1 : 0;
            int second = random.nextDouble() < SECOND[source][first] ? 1 : 0;
            double[] logp = new double[2];
            for (int m = 0; m < 2; m++) {
                logp[m] = log(FIRST[m], first) + log(SECOND[m][first], second);
            }
            rows.add(new Logs.Row("p", source, first + second, logp[0], logp[1]));
            kl[i] = bernoulli(FIRST[1], FIRST[0]) + bernoulli(SECOND[1][first], SECOND[0][first]);
            if (source == 1) {
                logRatios.add(logp[1] - logp[0]);
                sums.add(kl[i]);
            }
            if (source == 0 || i >= 2 * n - lacking) {
                kl[i] = Double.NaN;
            }
        }
        RolloutLog plain = Logs.of(rows);
        return new RolloutLog(
                plain.rewardNames(),
                plain.sources(),
                plain.prompts(),
                plain.columns().withTokenKl(kl));
    }

    private static Map<String, Finding> audit(RolloutLog log) {
        return Audit.of(log, new AuditOptions(1.0, "reward", RewardType.SCORE, List.of("reward"), null, 1))
                .findings();
    }

    private static RunningMean mean(List<Double> values) {
        RunningMean mean = new RunningMean();
        values.forEach(mean::add);
        return mean;
    }

    @Test
    void isTheMeanOfTheSumsWithLessScatterThanTheLogRatio() {
        Map<String, Finding> findings = audit(log(20_000, 0));
        Finding found = findings.get("kl.policy_prior.rao_blackwell");
        double truth = Vectors.number("T5.RB", "mean");
        assertThat(found.estimate()).isCloseTo(mean(sums).result().mean(), within(1e-12));
        assertThat(found.upper() - found.estimate())
                .isCloseTo(1.959963984540054 * mean(sums).result().standardError(), within(1e-12));
        assertThat(found.estimate()).isCloseTo(truth, within(found.upper() - found.lower())); // about 4 standard errors
        assertThat(findings.get("kl.policy_prior.variance.rb").estimate())
                .isCloseTo(Vectors.number("T5.RB", "var"), within(3e-4));
        double sampled = findings.get("kl.policy_prior.variance.k1").estimate();
        assertThat(sampled).isCloseTo(mean(logRatios).result().variance(), within(1e-9));
        assertThat(sampled).isCloseTo(Vectors.number("T5.k1seq", "var"), within(2e-2));
        assertThat(findings.get("kl.policy_prior.variance.ratio").estimate()).isBetween(90.0, 105.0); // 97.15
    }

    @Test
    void isWithdrawnWhereARecordHasNoneAndAbsentWhereNoneHas() {
        Finding withdrawn = audit(log(500, 1)).get("kl.policy_prior.rao_blackwell");
        assertThat(withdrawn.stands()).isFalse();
        assertThat(withdrawn.reason()).startsWith("a policy record has no kl_tokens");
        assertThat(audit(log(500, 0)).get("kl.policy_prior.rao_blackwell").stands())
                .isTrue();
        RolloutLog none = Logs.of(List.of(
                new Logs.Row("p", 0, 0, -1, -2), new Logs.Row("p", 1, 1, -2, -1), new Logs.Row("p", 1, 0, -1, -2)));
        assertThat(audit(none)).doesNotContainKeys("kl.policy_prior.rao_blackwell", "kl.policy_prior.variance.ratio");
    }

    @Test
    void groupsAreItsUnits() {
        RolloutLog once = log(300, 0);
        int n = once.size();
        RolloutLog.Columns c = once.columns();
        List<Logs.Row> rows = new ArrayList<>();
        double[] kl = new double[4 * n];
        for (int i = 0; i < 4 * n; i++) { // each record four times, as one group
            int k = i / 4;
            rows.add(new Logs.Row("p", c.source()[k], c.rewards()[0][k], c.logPrior()[k], c.logPolicy()[k], k, false));
            kl[i] = java.util.Objects.requireNonNull(c.tokenKl())[k];
        }
        RolloutLog fourfold = Logs.of(rows);
        Map<String, Finding> grouped = audit(new RolloutLog(
                fourfold.rewardNames(),
                fourfold.sources(),
                fourfold.prompts(),
                fourfold.columns().withTokenKl(kl)));
        Map<String, Finding> single = audit(once);
        Finding found = grouped.get("kl.policy_prior.rao_blackwell");
        Finding plain = single.get("kl.policy_prior.rao_blackwell");
        assertThat(found.estimate()).isCloseTo(plain.estimate(), within(1e-12));
        assertThat(found.upper()).isCloseTo(plain.upper(), within(1e-12));
        assertThat(found.lower()).isCloseTo(plain.lower(), within(1e-12));
        for (String id : List.of("kl.policy_prior.variance.rb", "kl.policy_prior.variance.k1")) {
            assertThat(grouped.get(id).estimate())
                    .as(id)
                    .isCloseTo(4 * single.get(id).estimate(), within(1e-9)); // with the design effect of the groups
        }
        assertThat(grouped.get("kl.policy_prior.variance.ratio").estimate())
                .isCloseTo(single.get("kl.policy_prior.variance.ratio").estimate(), within(1e-6));
    }
}
