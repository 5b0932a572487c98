package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.diagnostics.Diversity;
import dev.credence.core.diagnostics.ParetoTail;
import dev.credence.core.diagnostics.SamplesToSeparate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an audit finds beside the ledger, each by its plain definition on a small random log. */
class LogFiguresTest {
    /** Two prompts of weights ¼ and ¾ with unequal sources; groups of two or three where asked for. */
    private static RolloutLog log(boolean grouped) {
        RandomGenerator random = new SplittableRandom(17);
        List<Logs.Row> rows = new ArrayList<>();
        int[][] counts = {{30, 20}, {16, 28}};
        for (int c = 0; c < 2; c++) {
            for (int s = 0; s < 2; s++) {
                for (int i = 0; i < counts[c][s]; i++) {
                    double reward = random.nextInt(4) / 2.0;
                    double logPrior = -5 - random.nextDouble();
                    double logPolicy = logPrior + 0.6 * reward - 0.4 + 0.3 * random.nextGaussian();
                    rows.add(new Logs.Row("p" + c, s, reward, logPrior, logPolicy, grouped ? i / (2 + s) : -1, false));
                }
            }
        }
        RolloutLog log = Logs.of(rows);
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < 2; c++) {
            RolloutLog.Prompt p = log.prompts().get(c);
            prompts.add(new RolloutLog.Prompt(
                    p.text(), c == 0 ? .25 : .75, p.from(), p.to(), false, 0, List.of(), List.of()));
        }
        return new RolloutLog(log.rewardNames(), log.sources(), prompts, log.columns());
    }

    private static PromptPool pool(RolloutLog log, double asked) {
        List<PromptAtoms> members = new ArrayList<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            members.add(PromptAtoms.of(new LogAtoms(log, prompt, prompt.weight(), 0), asked));
        }
        return new PromptPool(members);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void normalisationIsTheMeanOfTheWeightsWithAStratifiedError(boolean grouped) {
        RolloutLog log = log(grouped);
        double[] mean = new double[2];
        double[] variance = new double[2];
        double[] largest =
                new double[2]; // what one unit can add: each weight is at most n over its own source's records
        for (RolloutLog.Prompt prompt : log.prompts()) {
            double w = prompt.weight();
            double[] count = new double[2];
            for (int i = prompt.from(); i < prompt.to(); i++) {
                count[log.columns().source()[i]]++;
            }
            double n = count[0] + count[1];
            for (int k = 0; k < 2; k++) {
                for (int s = 0; s < 2; s++) {
                    double[] totals = totals(log, prompt, s, k, count);
                    double units = totals.length;
                    double sum = Arrays.stream(totals).sum();
                    double squares = Arrays.stream(totals)
                            .map(x -> (x - sum / units) * (x - sum / units))
                            .sum();
                    mean[k] += w * sum / n;
                    variance[k] += w * w * units / (units - 1) * squares / (n * n);
                    largest[k] = Math.max(largest[k], w * largestUnit(log, prompt, s) / count[k]);
                }
            }
        }
        Normalisation found = Normalisation.of(pool(log, 1));
        assertThat(found.priorMean()).isCloseTo(mean[0], within(1e-12));
        assertThat(found.policyMean()).isCloseTo(mean[1], within(1e-12));
        double[] allowance = new double[2];
        for (int k = 0; k < 2; k++) {
            allowance[k] = 4 * Math.sqrt(variance[k]) + 7.0 / 3 * Math.log(2 / 6.3e-5) * largest[k];
        }
        assertThat(found.priorAllowance()).isCloseTo(allowance[0], within(1e-8));
        assertThat(found.policyAllowance()).isCloseTo(allowance[1], within(1e-8));
        assertThat(found.deviation())
                .isCloseTo(
                        4 * Math.max(Math.abs(mean[0] - 1) / allowance[0], Math.abs(mean[1] - 1) / allowance[1]),
                        within(1e-6));
    }

    /** How many records the largest unit of a source has. */
    private static double largestUnit(RolloutLog log, RolloutLog.Prompt prompt, int source) {
        Map<Integer, Integer> counts = new java.util.TreeMap<>();
        int[] group = log.columns().group();
        for (int i = prompt.from(); i < prompt.to(); i++) {
            if (log.columns().source()[i] == source) {
                counts.merge(group == null || group[i] < 0 ? -1 - i : group[i], 1, Integer::sum);
            }
        }
        return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** Σ of π0/q (k = 0) or π/q over each unit of a source, with q the records' own mixture. */
    private static double[] totals(RolloutLog log, RolloutLog.Prompt prompt, int source, int k, double[] count) {
        Map<Integer, Double> totals = new java.util.TreeMap<>();
        int[] group = log.columns().group();
        for (int i = prompt.from(); i < prompt.to(); i++) {
            if (log.columns().source()[i] == source) {
                double prior = Math.exp(log.columns().logPrior()[i]);
                double policy = Math.exp(log.columns().logPolicy()[i]);
                double q = (count[0] * prior + count[1] * policy) / (count[0] + count[1]);
                totals.merge(group == null ? -1 - i : group[i], (k == 0 ? prior : policy) / q, Double::sum);
            }
        }
        return totals.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Test
    void weightsThatMeanOneDoNotDeviate() {
        assertThat(new Normalisation(1 + 9e-10, 1e-9, 1, 1e-9).deviation()).isLessThan(4);
        assertThat(new Normalisation(1, .4, 1.3, .4).deviation()).isCloseTo(3, within(1e-9));
        assertThat(new Normalisation(.5, .4, 1.3, .4).deviation()).isCloseTo(5, within(1e-9));
    }

    @Test
    void theSampledKlIsThePlainMeanOverThePolicysRecords() {
        RolloutLog log = log(false);
        double expected = 0;
        double variance = 0;
        double ofVariance = 0;
        double third = 0;
        for (RolloutLog.Prompt prompt : log.prompts()) {
            List<Double> ratios = new ArrayList<>();
            for (int i = prompt.from(); i < prompt.to(); i++) {
                if (log.columns().source()[i] == RolloutLog.POLICY) {
                    ratios.add(log.columns().logPolicy()[i] - log.columns().logPrior()[i]);
                }
            }
            double n = ratios.size();
            double mean = ratios.stream().mapToDouble(x -> x).sum() / n;
            double squares =
                    ratios.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
            expected += prompt.weight() * mean;
            double part = prompt.weight() * prompt.weight() * squares / (n - 1) / n;
            double fourths =
                    ratios.stream().mapToDouble(x -> Math.pow(x - mean, 4)).sum();
            double cubes =
                    ratios.stream().mapToDouble(x -> Math.pow(x - mean, 3)).sum();
            variance += part;
            ofVariance += part * part * Math.max(2 / (n - 1), (n * fourths / (squares * squares) - 1) / n);
            third += Math.pow(prompt.weight() / n, 3) * cubes;
        }
        Finding finding = Audit.of(log, Logs.options(1.0)).findings().get("kl.policy_prior.sampled");
        double student = StudentT.quantile(2 * variance * variance / ofVariance);
        double skewness = third / (6 * Math.pow(variance, 1.5)) * (1 + 2 * Math.pow(1.959963984540054, 2));
        double below = Math.sqrt(variance) * (student + Math.max(0, -skewness));
        double above = Math.sqrt(variance) * (student + Math.max(0, skewness));
        assertThat(finding.estimate()).isCloseTo(expected, within(1e-12));
        assertThat(finding.lower()).isCloseTo(expected - below, within(1e-9));
        assertThat(finding.upper()).isCloseTo(expected + above, within(1e-9));
        assertThat(finding.interval()).isEqualTo("mean");
    }

    @Test
    void overlapIsOfTheWeightsOfEachPrompt() {
        RolloutLog log = log(false);
        PromptPool pool = pool(log, 1.5);
        Estimates estimates = Estimates.of(pool, 1.5);
        OverlapReport report = OverlapReport.of(pool, estimates);
        double[] ess = {1e9, 1e9, 1e9};
        double[] khat = {-1e9, -1e9};
        for (PromptAtoms member : pool.members()) {
            double[] lambdas = {0, estimates.lambda(), 1.5};
            for (int k = 0; k < 3; k++) {
                double[] logWeight = logWeights(member.atoms(), lambdas[k]);
                double total = Arrays.stream(logWeight).map(Math::exp).sum();
                double squares =
                        Arrays.stream(logWeight).map(x -> Math.exp(2 * x)).sum();
                ess[k] = Math.min(ess[k], total * total / squares);
                if (k > 0) {
                    ParetoTail tail = ParetoTail.of(logWeight, 0, logWeight.length);
                    khat[k - 1] = Math.max(khat[k - 1], tail.shape());
                }
            }
        }
        assertThat(report.essPrior()).isCloseTo(ess[0], within(1e-9));
        assertThat(OverlapReport.ess(report.fitted())).isCloseTo(ess[1], within(1e-9));
        assertThat(OverlapReport.ess(report.asked())).isCloseTo(ess[2], within(1e-9));
        assertThat(OverlapReport.khat(report.fitted())).isCloseTo(khat[0], within(1e-9));
        assertThat(OverlapReport.khat(report.asked())).isCloseTo(khat[1], within(1e-9));
        StepAudit audit = Audit.of(log, Logs.options(1 / 1.5));
        assertThat(estimates(audit, "ess.prior", "ess.mm", "ess.asked", "khat.mm", "khat.asked"))
                .containsExactly(new double[] {ess[0], ess[1], ess[2], khat[0], khat[1]}, within(1e-9));
        StepAudit free = Audit.of(log, Logs.options(null));
        for (String id : List.of("ess.asked", "khat.asked", "log_z", "recall", "gap.objective", "reward.asked")) {
            assertThat(free.findings().get(id).reason()).as(id).isEqualTo("no beta was given");
            assertThat(free.findings().get(id).estimate()).as(id).isNaN();
        }
        assertThat(free.findings().get("ess.mm").stands()).isTrue();
        assertThat(free.findings().get("bayes_fraction").stands()).isTrue();
    }

    private static double[] logWeights(Atoms atoms, double lambda) {
        List<Double> logs = new ArrayList<>();
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                logs.add(Math.log(block.u[i]) + lambda * block.reward[i]);
            }
        });
        return logs.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] estimates(StepAudit audit, String... ids) {
        return Arrays.stream(ids)
                .mapToDouble(id -> audit.findings().get(id).estimate())
                .toArray();
    }

    @Test
    void fewerThanTwentyFiveRecordsHaveNoTail() {
        List<Logs.Row> rows = new ArrayList<>();
        RandomGenerator random = new SplittableRandom(2);
        for (int i = 0; i < 24; i++) {
            rows.add(new Logs.Row("q", i % 2, random.nextDouble(), -3, -3 + 0.2 * random.nextGaussian()));
        }
        StepAudit few = Audit.of(Logs.of(rows), Logs.options(1.0));
        assertThat(few.findings().get("khat.mm").reason()).isEqualTo("fewer than 25 records");
        assertThat(few.findings().get("khat.mm").stands()).isFalse();
        rows.add(new Logs.Row("q", 0, .5, -3, -3.1));
        assertThat(Audit.of(Logs.of(rows), Logs.options(1.0))
                        .findings()
                        .get("khat.mm")
                        .stands())
                .isTrue();
    }

    @Test
    void theAskedTargetIsHeldAgainstThePolicyAtomByAtom() {
        RolloutLog log = log(false);
        PromptPool pool = pool(log, 1.5);
        double[] expected = new double[7];
        for (int c = 0; c < 2; c++) {
            double weight = pool.weight(c);
            Atoms atoms = pool.members().get(c).atoms();
            double z = Arrays.stream(logWeights(atoms, 1.5)).map(Math::exp).sum();
            expected[0] += weight * Math.log(z);
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    double w = block.u[i] * Math.exp(1.5 * block.reward[i]) / z;
                    double v = block.v[i];
                    double u = block.u[i];
                    expected[1] += weight * w * block.reward[i];
                    expected[2] += weight * w * Math.log(w / u);
                    expected[3] += weight * v * Math.log(v / w);
                    expected[4] += weight * w * Math.log(w / v);
                    expected[5] -= weight * w * (block.logPrior[i] + Math.log(w / u));
                    expected[6] += weight * (v >= w / 2 ? w : 0);
                }
            });
        }
        StepAudit audit = Audit.of(log, Logs.options(1 / 1.5));
        assertThat(estimates(
                        audit,
                        "log_z",
                        "reward.asked",
                        "kl.asked_prior",
                        "kl.policy_asked",
                        "kl.asked_policy",
                        "entropy.asked",
                        "recall"))
                .containsExactly(expected, within(1e-10));
        assertThat(estimates(audit, "gap.objective")[0]).isCloseTo(expected[3] / 1.5, within(1e-10));
        assertThat(estimates(audit, "modes.asked")[0]).isCloseTo(Math.exp(expected[5]), within(1e-7));
    }

    @Test
    void candidatesAreRankedByWhatTheyLeave() {
        Candidate far = new Candidate("far", 1, .5, .2, 0);
        Candidate near = new Candidate("near", 2, .1, .9, 0);
        Candidate tied = new Candidate("tied", 3, .1, .9, 0);
        Candidate middle = new Candidate("middle", 3, .3, .5, 0);
        List<Candidate> ranked = Ranking.rank(List.of(far, near, middle, tied));
        assertThat(ranked).extracting(Candidate::name).containsExactly("near", "tied", "middle", "far");
        assertThat(ranked)
                .extracting(Candidate::samplesToSeparate)
                .containsExactly(
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        SamplesToSeparate.planned(.3, .1),
                        SamplesToSeparate.planned(.5, .1));
        assertThat(ranked).extracting(Candidate::bayesFraction).containsExactly(.9, .9, .5, .2);
        assertThat(Ranking.rank(List.of())).isEmpty();
    }

    @Test
    void diversityOfWhatWasKeptByItsRewardIsNotThatOfTheModel() {
        List<String> texts = List.of("a b", "c d");
        RolloutLog.Prompt thinned =
                new RolloutLog.Prompt("p", 1, 0, 4, false, 0, texts, texts, new RolloutLog.Draws(1_000, Double.NaN));
        Map<String, Finding> found = TextDiversity.of(List.of(new ListedPrompt(thinned, 2, 2, true, 0)), null);
        assertThat(found)
                .hasSize(8)
                .allSatisfy((id, finding) -> assertThat(finding.stands()).as(id).isEqualTo(id.endsWith(".policy")));
        assertThat(found.get("diversity.vendi.prior").reason()).contains("no fair sample");
    }

    @Test
    void diversityIsTheMeanOverPromptsByWeight() {
        List<String> one = List.of("a b a", "a b c d");
        List<String> other = List.of("x y", "x y", "z w v");
        List<RolloutLog.Prompt> prompts = List.of(
                new RolloutLog.Prompt("p", .25, 0, 2, false, 0, one, List.of("a")),
                new RolloutLog.Prompt("q", .5, 2, 5, false, 0, other, List.of()));
        List<ListedPrompt> listed = prompts.stream()
                .map(prompt -> new ListedPrompt(prompt, 1, 1, true, 0))
                .toList();
        Map<String, Finding> found = TextDiversity.of(listed, null);
        assertThat(found.keySet())
                .containsExactly(
                        "diversity.distinct_1.prior",
                        "diversity.distinct_2.prior",
                        "diversity.self_bleu.prior",
                        "diversity.vendi.prior");
        Diversity first = Diversity.of(one);
        Diversity second = Diversity.of(other);
        assertThat(found.values().stream().mapToDouble(Finding::estimate).toArray())
                .containsExactly(
                        new double[] {
                            (first.distinct1() + 2 * second.distinct1()) / 3,
                            (first.distinct2() + 2 * second.distinct2()) / 3,
                            (first.selfBleu() + 2 * second.selfBleu()) / 3,
                            (first.vendi() + 2 * second.vendi()) / 3
                        },
                        within(1e-12));
        assertThat(found.values()).extracting(Finding::unit).containsExactly("share", "share", "share", "texts");
    }

    @Test
    void findingsCarryTheFiguresWords() {
        Map<String, Finding> findings = Audit.of(log(false), Logs.options(1.0)).findings();
        assertThat(findings.get("kl.departure").unit()).isEqualTo("nats");
        assertThat(findings.get("kl.departure").question())
                .isEqualTo("How much of the move is departure from every such conditional?");
        assertThat(findings.get("ess.mm").question())
                .isEqualTo(
                        "How many equal records do the weights of the posterior at the fitted copies amount to (smallest prompt)?");
        assertThat(findings.get("ess.mm").unit()).isEqualTo("records");
    }

    @Test
    void reasonsOfWithdrawalsAddUp() {
        Finding plain = new Finding("log_z", "?", 0, 1, 2, Grade.ESTIMATED, "nats", "influence", "a remark");
        Finding once = plain.withdrawn("first");
        assertThat(once.reason()).isEqualTo("first");
        assertThat(once.withdrawn("second").reason()).isEqualTo("first; second");
        assertThat(once.withdrawn("first").reason()).isEqualTo("first");
        Finding bare = new Finding("log_z", "?", 0, 1, 2, Grade.WITHDRAWN, "nats", null, null);
        assertThat(bare.withdrawn("first").reason()).isEqualTo("first");
    }

    @Test
    void columnsOfAnExactPromptAreChecked() {
        double[] two = {-1, -1};
        int[] lengths = {1, 2};
        double[][] rewards = {{0, 1}};
        assertThatThrownBy(() -> new ExactPrompt("q", 1, new double[0], new double[0], new double[0][], new int[0]))
                .hasMessageContaining("at least one");
        assertThatThrownBy(() -> new ExactPrompt("q", 1, two, two, rewards, new int[1]))
                .hasMessageContaining("logPolicy 2, tokens 1");
        assertThatThrownBy(() -> new ExactPrompt("q", 1, two, two, new double[][] {{0, 1}, {1}}, lengths))
                .hasMessage("rewards has 1 completions, logPrior 2; they must be the same");
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> new ExactPrompt("q", 1, new double[] {-1, bad}, two, rewards, lengths))
                    .hasMessage("logPrior of completion 1 is " + bad + "; it must be finite");
            assertThatThrownBy(() -> new ExactPrompt("q", 1, two, two, new double[][] {{0, bad}}, lengths))
                    .hasMessage("reward of completion 1 is " + bad + "; it must be finite");
        }
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new ExactPrompt("q", 1, two, new double[] {bad, -1}, rewards, lengths))
                    .hasMessage("logPolicy of completion 0 is " + bad + "; it must be below infinity");
        }
        double[] nothing = {-1, Double.NEGATIVE_INFINITY};
        assertThat(new ExactPrompt("q", 1, two, nothing, rewards, lengths).logPolicy())
                .isEqualTo(nothing);
    }

    @Test
    void aConstantRewardExplainsNothingOfALogEither() {
        List<Logs.Row> rows = new ArrayList<>();
        for (String prompt : List.of("p", "q")) {
            rows.addAll(Logs.draw(
                    prompt,
                    TestWorlds.distribution(.4, .3, .2, .1),
                    TestWorlds.distribution(.1, .2, .3, .4),
                    new double[] {1, 1, 1, 1},
                    new int[] {300, 300},
                    new SplittableRandom(4)));
        }
        StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1.0));
        for (String id : List.of("kl.explained", "bayes_fraction", "kl.asked_prior")) {
            Finding finding = audit.findings().get(id);
            assertThat(new double[] {finding.lower(), finding.estimate(), finding.upper()})
                    .as(id)
                    .containsExactly(0, 0, 0);
        }
        assertThat(audit.verdict().text())
                .contains(" nats, 0 % is Bayesian conditioning")
                .contains("explains. This takes for granted");
    }
}
