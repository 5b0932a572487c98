package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which interval each figure gets, and what holds where a figure is at an edge. */
class IntervalEndsTest {
    private static final double ASKED = 1.25;
    private static final OverlapReport PLENTY = overlap(1_000, 1_000);

    private static OverlapReport overlap(double fitted, double asked) {
        return new OverlapReport(2_000, new Overlap[] {of(fitted)}, new Overlap[] {of(asked)});
    }

    private static Overlap of(double ess) {
        return new Overlap(ess, 0, 2_000, false, null, Unseen.NOTHING);
    }

    private static PromptPool pool(RolloutLog log, double asked) {
        List<PromptAtoms> members = new ArrayList<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            members.add(PromptAtoms.of(new LogAtoms(log, prompt, prompt.weight(), 0), asked));
        }
        return new PromptPool(members);
    }

    private static IntervalEnds ends(RolloutLog log, OverlapReport overlap) {
        Influence influence = new Influence(Estimates.of(pool(log, ASKED), ASKED), ASKED, Influence.Extent.FIGURES);
        return IntervalEnds.of(influence, StandardErrors.of(influence), overlap);
    }

    /** A policy that is nearly a conditional; so many records of each source. */
    private static List<Logs.Row> rows(int fromPrior, int fromPolicy, double noise) {
        List<String> names = List.of("a", "b", "c", "d");
        double[] reward = {0, 1, 2, 3};
        double[] prior = {1.4, 1.1, .7, 0};
        double[] policy = new double[4];
        for (int i = 0; i < 4; i++) {
            policy[i] = prior[i] + 0.5 * reward[i] + (i % 2 == 0 ? noise : 0);
        }
        return Logs.draw(
                "q",
                Distribution.ofLogWeights(names, prior),
                Distribution.ofLogWeights(names, policy),
                reward,
                new int[] {fromPrior, fromPolicy},
                new SplittableRandom(7));
    }

    /** A number of modes has its entropy's skewness. */
    private static Figure entropyOf(Figure figure) {
        return figure == Figure.MODES_ASKED ? Figure.ENTROPY_ASKED : figure;
    }

    /** A figure were the texts that no record shows dropped. */
    private static double withRoom(Figure figure, Estimates estimates) {
        double dropped = Unseen.droppedLogMass(estimates.pool());
        double kl = estimates.get(Figure.KL_POLICY_PRIOR);
        double estimate = estimates.get(figure);
        return switch (figure) {
            case KL_POLICY_PRIOR, KL_EXPLAINED -> estimate + dropped;
            case KL_PRIOR_POLICY -> estimate + dropped + Math.log(100) * (1 - Math.exp(-dropped));
            case BAYES_FRACTION -> 1 - (1 - estimate) * kl / (kl + dropped);
            default -> Double.NEGATIVE_INFINITY;
        };
    }

    @Test
    void headlineFiguresHaveTheJackknifesAndOthersTheFirstOrder() {
        RolloutLog log = Logs.of(rows(40, 50, .4));
        Influence influence = new Influence(Estimates.of(pool(log, ASKED), ASKED), ASKED, Influence.Extent.FIGURES);
        StandardErrors errors = StandardErrors.of(influence);
        IntervalEnds ends = IntervalEnds.of(influence, errors, overlap(80, 80));
        List<Figure> headline = List.of(Reweighting.FIGURES);
        Jackknife.Interval[] jackknife = new Jackknife(influence, errors).intervals();
        Estimates estimates = influence.estimates();
        PromptPool pool = estimates.pool();
        double[] leverage = influence.estimates().nuisances().leverageFactors(pool);
        double[] slopes = SlopeLeverage.factors(pool, influence.estimates().slopes());
        RecallEdge edge = RecallEdge.of(pool);
        assertThat(leverage[0]).isGreaterThan(1);
        assertThat(slopes).doesNotContain(1);
        double leans = estimates.get(Figure.KL_POLICY_PRIOR)
                - jackknife[Reweighting.KL].corrected()
                + estimates.get(Figure.LOG_Z)
                - jackknife[Reweighting.LOG_Z].corrected();
        assertThat(leans).isNotZero();
        double bias = 0;
        for (Figure figure : Figure.values()) {
            IntervalEnds.End end = ends.of(figure);
            if (headline.contains(figure)) {
                Jackknife.Interval own = jackknife[headline.indexOf(figure)];
                assertThat(end.lower()).isEqualTo(own.lower());
                assertThat(end.upper()).isEqualTo(Math.max(own.upper(), withRoom(figure, estimates)));
                assertThat(end.method()).isEqualTo("influence+jackknife");
                assertThat(end.note() == null).isEqualTo(end.upper() == own.upper());
                bias = Math.max(bias, own.bias());
            } else if (figure == Figure.KL_ASKED_POLICY) {
                AskedJackknife own = java.util.Objects.requireNonNull(AskedJackknife.of(pool, errors));
                Intervals.Limits both = Intervals.of(
                        figure.scale(),
                        estimates.get(figure) - own.bias(),
                        StudentT.quantile(own.freedom()) * own.error());
                assertThat(end).isEqualTo(new IntervalEnds.End(both.lower(), both.upper(), "influence+jackknife"));
            } else if (figure != Figure.NUISANCE_REWARD_SQUARED) { // four outcomes leave it no column
                double half = StudentT.quantile(errors.freedom()[figure.ordinal()])
                        * errors.of(figure)
                        * switch (figure) {
                            case NUISANCE_LOG_PRIOR -> leverage[0];
                            case PRIOR_SLOPE -> slopes[0];
                            case POLICY_SLOPE -> slopes[1];
                            case MIXTURE_SLOPE -> slopes[2];
                            default -> 1;
                        };
                assertThat(half).as(figure.id()).isPositive();
                boolean modes = figure.id().startsWith("modes.");
                double at = influence.estimates().get(figure);
                // a mode's interval is its entropy's, so the entropy's plain half-width on the logarithm
                Intervals.Limits plain = Intervals.of(figure.scale(), at, half);
                double[] expected = {plain.lower(), plain.upper()};
                if (List.of(Figure.KL_ASKED_PRIOR, Figure.REWARD_ASKED, Figure.ENTROPY_ASKED, Figure.MODES_ASKED)
                        .contains(figure)) { // with the asked weights' skewness on its side
                    double room = errors.skewness()[entropyOf(figure).ordinal()]
                            * (1 + 2 * Intervals.Z * Intervals.Z)
                            * errors.of(figure);
                    expected[0] = Intervals.of(figure.scale(), at, half + Math.max(0, -room))
                            .lower();
                    expected[1] = Intervals.of(figure.scale(), at, half + Math.max(0, room))
                            .upper();
                }
                expected[1] = Math.max(expected[1], withRoom(figure, estimates));
                if (figure == Figure.RECALL) { // with its step
                    expected[0] = Math.max(0, at - Math.hypot(at - expected[0], edge.loss()));
                    expected[1] = Math.min(1, at + Math.hypot(expected[1] - at, edge.gain()));
                }
                if (figure == Figure.KL_POLICY_ASKED
                        || figure == Figure.GAP_OBJECTIVE) { // with what the divergences lean
                    double unit = figure == Figure.KL_POLICY_ASKED ? 1 : 1 / ASKED;
                    expected[0] -= unit * Math.max(0, leans);
                    expected[1] -= unit * Math.min(0, leans);
                }
                assertThat(end.lower()).as(figure.id()).isCloseTo(expected[0], within(1e-9 * Math.abs(expected[0])));
                assertThat(end.upper()).as(figure.id()).isCloseTo(expected[1], within(1e-9 * Math.abs(expected[1])));
                assertThat(end.method()).isEqualTo("influence");
                assertThat(modes).isEqualTo(figure.scale() == Figure.Scale.LOG);
            }
        }
        assertThat(ends.worstBias()).isEqualTo(bias).isPositive();
        for (String side : List.of("prior", "policy", "asked")) {
            Figure entropy = Figure.valueOf("ENTROPY_" + side.toUpperCase(java.util.Locale.ROOT));
            Figure modes = Figure.valueOf("MODES_" + side.toUpperCase(java.util.Locale.ROOT));
            assertThat(ends.of(modes).lower())
                    .isEqualTo(Math.exp(ends.of(entropy).lower()));
            assertThat(ends.of(modes).upper())
                    .isEqualTo(Math.exp(ends.of(entropy).upper()));
        }
    }

    /** The jackknife's corrections are left out only where every stratum and every effective size is large. */
    @ParameterizedTest
    @CsvSource({
        "500, 500, 100, 100, false",
        "500, 500, 100, NaN, false",
        "499, 500, 100, 100, true",
        "500, 499, 100, 100, true",
        "500, 500, 99, 100, true",
        "500, 500, 100, 99, true",
    })
    void largeLogsNeedNoJackknife(int fromPrior, int fromPolicy, double fitted, double asked, boolean needed) {
        IntervalEnds ends = ends(Logs.of(rows(fromPrior, fromPolicy, .4)), overlap(fitted, asked));
        for (Figure figure : Reweighting.FIGURES) {
            assertThat(ends.of(figure).method()).isEqualTo(needed ? "influence+jackknife" : "influence");
        }
        assertThat(ends.worstBias() > 0).isEqualTo(needed);
    }

    @Test
    void aSourceWithoutRecordsIsNoSmallStratum() {
        List<Logs.Row> rows = rows(10_000, 10_000, .4);
        RolloutLog log = Logs.of(rows, List.of("prior", "policy", "checkpoint"), new double[rows.size()]);
        assertThat(ends(log, PLENTY).of(Figure.KL_EXPLAINED).method()).isEqualTo("influence");
    }

    @Test
    void anExactMemberHasNoDeparture() {
        IntervalEnds ends = ends(Logs.of(rows(40, 50, 0)), overlap(80, 80));
        assertThat(ends.of(Figure.KL_DEPARTURE)).isEqualTo(new IntervalEnds.End(0, 0, "influence"));
        assertThat(ends.of(Figure.BAYES_FRACTION)).isEqualTo(new IntervalEnds.End(1, 1, "influence"));
        assertThat(ends.of(Figure.KL_EXPLAINED).lower()).isPositive();
        IntervalEnds departed = ends(Logs.of(rows(40, 50, .01)), overlap(80, 80));
        assertThat(departed.of(Figure.KL_DEPARTURE).upper()).isPositive();
        assertThat(departed.of(Figure.BAYES_FRACTION).lower()).isLessThan(1);
    }

    /** Prior ¼ each, policy .3, .3, .2, .2 with rewards 0, 1, 0, 1: it moves, and not along the reward. */
    private static RolloutLog still(double... reward) {
        double[] policy = {.3, .3, .2, .2};
        int[] counts = {11, 11, 9, 9}; // 40 times the mean of the two
        List<Logs.Row> rows = new ArrayList<>();
        for (int x = 0; x < 4; x++) {
            for (int k = 0; k < counts[x]; k++) {
                rows.add(new Logs.Row(
                        "q", rows.size() % 2, reward[x], Math.log(.25), Math.log(policy[x]), -1, false, x));
            }
        }
        return Logs.of(rows);
    }

    @Test
    void whereNothingIsExplainedTheEndsComeFromThoseOfTheCopies() {
        RolloutLog log = still(0, 1, 0, 1);
        IntervalEnds ends = ends(log, overlap(40, 40));
        IntervalEnds.End copies = ends.of(Figure.MOMENT_MATCH);
        assertThat(copies.lower()).isNegative();
        assertThat(copies.upper()).isPositive();
        double most = Math.max(-copies.lower(), copies.upper());
        double upper = 0.25 * most * most / 2; // a Bernoulli's variance at ½, to second order in λ
        assertThat(ends.of(Figure.KL_EXPLAINED).lower()).isZero();
        assertThat(ends.of(Figure.KL_EXPLAINED).upper()).isCloseTo(upper, within(1e-9));
        double kl = .6 * Math.log(1.2) + .4 * Math.log(.8);
        assertThat(ends.of(Figure.BAYES_FRACTION).lower()).isZero();
        assertThat(ends.of(Figure.BAYES_FRACTION).upper()).isCloseTo(Math.min(1, upper / kl), within(1e-7));
        IntervalEnds wide = ends(Logs.of(many(log, 30)), overlap(40, 40)); // more records: the share's end is below one
        double narrow = wide.of(Figure.KL_EXPLAINED).upper() / kl;
        assertThat(narrow).isLessThan(1);
        assertThat(wide.of(Figure.BAYES_FRACTION).upper()).isCloseTo(narrow, within(1e-7));
    }

    private static List<Logs.Row> many(RolloutLog log, int times) {
        List<Logs.Row> rows = new ArrayList<>();
        for (int k = 0; k < times; k++) {
            for (int i = 0; i < log.size(); i++) {
                rows.add(new Logs.Row(
                        "q",
                        log.columns().source()[i],
                        log.columns().rewards()[0][i],
                        log.columns().logPrior()[i],
                        log.columns().logPolicy()[i],
                        -1,
                        false,
                        java.util.Objects.requireNonNull(log.columns().text())[i]));
            }
        }
        return rows;
    }

    @Test
    void aConstantRewardExplainsNothingForCertain() {
        IntervalEnds ends = ends(still(2, 2, 2, 2), overlap(40, 40));
        assertThat(ends.of(Figure.KL_EXPLAINED)).isEqualTo(new IntervalEnds.End(0, 0, "influence"));
        assertThat(ends.of(Figure.BAYES_FRACTION)).isEqualTo(new IntervalEnds.End(0, 0, "influence"));
        assertThat(ends.allPolicyRecordsAtMax()).isFalse();
        assertThat(ends.of(Figure.MOMENT_MATCH).upper()).isNaN();
    }

    /** Records of the prior with rewards 0 and 1, and of the policy with 1 only but for so many. */
    private static RolloutLog nearlyBest(int below) {
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int r = i % 2;
            rows.add(new Logs.Row("q", 0, r, -1 - i / 50.0, r == 1 ? -0.3 - i / 50.0 : -5 - i / 60.0));
            int own = i < below ? 0 : 1;
            rows.add(new Logs.Row("q", 1, own, -1, own == 1 ? -0.35 - i / 50.0 : -5));
        }
        return Logs.of(rows);
    }

    @Test
    void policyRecordsThatAreAllAtTheLargestRewardSetNoUpperEnd() {
        IntervalEnds best = ends(nearlyBest(0), overlap(20, 20));
        assertThat(best.allPolicyRecordsAtMax()).isTrue();
        assertThat(best.of(Figure.MOMENT_MATCH).upper()).isInfinite();
        assertThat(best.of(Figure.MOMENT_MATCH).lower()).isFinite();
        IntervalEnds nearly = ends(nearlyBest(1), overlap(20, 20));
        assertThat(nearly.allPolicyRecordsAtMax()).isFalse();
        assertThat(nearly.of(Figure.MOMENT_MATCH).upper()).isFinite();
    }

    /** At 50 copies nothing of the policy is left below its best level: λ has no derivative there, and no upper end. */
    @Test
    void aPolicyOfTheBestLevelAloneHasTheCopiesThatItsRecordsDoNotRuleOut() {
        List<Logs.Row> rows = new ArrayList<>();
        double[] prior = {.4, .3, .2, .1};
        for (int i = 0; i < 200; i++) {
            int r = i % 10 < 4 ? 0 : i % 10 < 7 ? 1 : i % 10 < 9 ? 2 : 3;
            double logPolicy = Math.log(prior[r] / prior[3]) + 50 * (r - 3);
            rows.add(new Logs.Row("q", 0, r, Math.log(prior[r]), logPolicy));
            rows.add(new Logs.Row("q", 1, 3, Math.log(prior[3]), 0));
        }
        IntervalEnds ends = ends(Logs.of(rows), overlap(200, 200));
        IntervalEnds.End copies = ends.of(Figure.MOMENT_MATCH);
        double lower = Math.log(
                2 * (200 / Math.log(40) - 1)); // .2 e^-λ of the second level beside .1, within 1/40 of 200 draws
        assertThat(copies.lower()).isCloseTo(lower, within(.05));
        assertThat(copies.upper()).isInfinite();
        assertThat(ends.of(Figure.PER_SIGMA).lower())
                .isCloseTo(copies.lower(), within(.05)); // the prior's deviation is 1
        assertThat(ends.of(Figure.PER_SIGMA).upper()).isInfinite();
        assertThat(ends.worstBias()).isZero();
        assertThat(ends.of(Figure.KL_EXPLAINED).lower()).isBetween(2.1, Math.log(10));
    }

    /** Prompts with so many prior records at 1 of 30; the policy has nothing but ones. */
    private static RolloutLog argmax(int[] best, int[] fromPolicy) {
        RandomGenerator random = new SplittableRandom(1);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < best.length; c++) {
            for (int i = 0; i < 30; i++) {
                boolean top = i < best[c];
                rows.add(new Logs.Row(
                        "p" + c, 0, top ? 1 : 0, -2 - random.nextDouble(), top ? -1 : Double.NEGATIVE_INFINITY));
            }
            for (int i = 0; i < fromPolicy[c]; i++) {
                rows.add(new Logs.Row("p" + c, 1, 1, -2 - random.nextDouble(), -1 - random.nextDouble()));
            }
        }
        return Logs.of(rows);
    }

    @ParameterizedTest
    @CsvSource({"3, 8, 20, 30", "15, 15, 5, 90", "29, 1, 1, 1", "29, 29, 2, 1", "1, 1, 2000, 2000"})
    void infinitelyManyCopiesHaveALeastNumber(int best0, int best1, int policy0, int policy1) {
        RolloutLog log = argmax(new int[] {best0, best1}, new int[] {policy0, policy1});
        Estimates estimates = Estimates.of(pool(log, ASKED), ASKED);
        assertThat(estimates.lambda()).isEqualTo(Double.POSITIVE_INFINITY);
        IntervalEnds.End end = ends(log, overlap(20, 20)).of(Figure.MOMENT_MATCH);
        assertThat(end.upper()).isInfinite();
        assertThat(end.method()).isEqualTo("rule of three");
        double logProbability = 0; // of every policy record at 1, at that λ
        int[] drawn = {policy0, policy1};
        for (int c = 0; c < 2; c++) {
            double[] p = new double[1]; // prior mass of reward 1
            estimates.pool().members().get(c).atoms().forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    p[0] += block.reward[i] == 1 ? block.u[i] : 0;
                }
            });
            logProbability -= drawn[c] * Math.log1p((1 - p[0]) / p[0] * Math.exp(-end.lower()));
        }
        double surprise = -Math.log(40);
        double atZero = 0;
        assertThat(end.lower()).isGreaterThanOrEqualTo(atZero);
        if (end.lower() > 1e-9) {
            assertThat(logProbability).isCloseTo(surprise, within(1e-9));
        } else {
            assertThat(logProbability).isGreaterThan(surprise); // even the prior would do that
        }
    }

    @Test
    void heldOutPromptsHaveTheErrorsOfBothSplits() {
        List<Logs.Row> rows = new ArrayList<>(rows(60, 70, .3));
        RolloutLog trainedLog = Logs.of(rows);
        List<Logs.Row> other = rows(80, 50, -.6).stream()
                .map(r -> new Logs.Row("held", r.source(), r.reward(), r.logPrior(), r.logPolicy() - .1 * r.reward()))
                .toList();
        Evaluation trained = Evaluator.evaluate(pool(trainedLog, ASKED), ASKED, Influence.Extent.VERDICTS);
        double lambda = trained.estimates().lambda();
        PromptPool heldOut = pool(Logs.of(other), lambda);
        Map<String, Finding> found = HeldOut.of(trained, heldOut);
        assertThat(found).containsOnlyKeys("kl.departure.heldout", "bayes_fraction.heldout");

        double h = 1e-5;
        Estimates at = Estimates.of(heldOut.map(m -> m.asking(lambda)), lambda);
        double own = at.get(Figure.KL_POLICY_ASKED);
        double kl = at.get(Figure.KL_POLICY_PRIOR);
        double slope = (Estimates.of(heldOut.map(m -> m.asking(lambda + h)), lambda + h)
                                .get(Figure.KL_POLICY_ASKED)
                        - Estimates.of(heldOut.map(m -> m.asking(lambda - h)), lambda - h)
                                .get(Figure.KL_POLICY_ASKED))
                / (2 * h);
        Finding copies = trained.get(Figure.MOMENT_MATCH);
        double through = slope * (copies.upper() - copies.lower()) / 2;
        StandardErrors errors = StandardErrors.of(new Influence(at, lambda, Influence.Extent.VERDICTS));
        int asked = Figure.KL_POLICY_ASKED.ordinal();
        double half = Math.hypot(StudentT.quantile(errors.freedom()[asked]) * errors.errors()[asked], through);
        Intervals.Limits ends = Intervals.of(Figure.Scale.LOG, own, half);
        Finding departure = found.get("kl.departure.heldout");
        assertThat(departure.estimate()).isCloseTo(own, within(1e-12));
        assertThat(departure.lower()).isCloseTo(ends.lower(), within(1e-7));
        assertThat(departure.upper()).isCloseTo(ends.upper(), within(1e-7));
        assertThat(departure.interval()).isEqualTo("influence");
        assertThat(Math.abs(through)).as("λ's own error counts").isGreaterThan(0.05 * half);
        int column = Influence.ASKED_FRACTION;
        double fractionHalf =
                Math.hypot(StudentT.quantile(errors.freedom()[column]) * errors.errors()[column], through / kl);
        Finding fraction = found.get("bayes_fraction.heldout");
        assertThat(fraction.estimate()).isCloseTo(1 - own / kl, within(1e-12));
        assertThat(fraction.lower()).isCloseTo(1 - own / kl - fractionHalf, within(1e-7));
        assertThat(fraction.upper()).isCloseTo(Math.min(1, 1 - own / kl + fractionHalf), within(1e-7));
    }

    /** The held-out prompts are scored at the fitted copies, whatever was asked of them, if anything was. */
    @Test
    void heldOutPromptsDoNotDependOnWhatWasAsked() {
        Evaluation trained = Evaluator.evaluate(pool(Logs.of(rows(60, 70, .3)), 4), 4, Influence.Extent.VERDICTS);
        RolloutLog log = Logs.of(rows(80, 50, -.6));
        Map<String, Finding> fitted =
                HeldOut.of(trained, pool(log, trained.estimates().lambda()));
        assertThat(HeldOut.of(trained, pool(log, 4))).isEqualTo(fitted);
        assertThat(HeldOut.of(trained, pool(log, Double.NaN))).isEqualTo(fitted);
    }

    @Test
    void withoutALimitOnTheCopiesOnlyTheHeldOutErrorCounts() {
        Evaluation trained = Evaluator.evaluate(pool(nearlyBest(0), ASKED), ASKED, Influence.Extent.VERDICTS);
        assertThat(trained.get(Figure.MOMENT_MATCH).upper()).isInfinite();
        Finding departure =
                HeldOut.of(trained, pool(Logs.of(rows(80, 50, .3)), ASKED)).get("kl.departure.heldout");
        assertThat(departure.upper()).isFinite();
    }

    @Test
    void tablesAreHeldOutWithoutError() {
        double[] prior = {.4, .3, .2, .1};
        double[] reward = {0, 1, 2, 3};
        Evaluation trained = Evaluator.evaluate(
                Pools.table(prior, new double[] {.05, .10, .60, .25}, reward, 1), 1, Influence.Extent.VERDICTS);
        PromptPool heldOut = Pools.table(prior, new double[] {.2, .2, .3, .3}, reward, 1);
        Map<String, Finding> found = HeldOut.of(trained, heldOut);
        Finding fraction = found.get("bayes_fraction.heldout");
        assertThat(fraction.lower()).isEqualTo(fraction.estimate()).isEqualTo(fraction.upper());
        assertThat(fraction.interval()).isNull();
        Finding departure = found.get("kl.departure.heldout");
        double expected = Estimates.of(
                        heldOut.map(m -> m.asking(trained.estimates().lambda())), 1)
                .get(Figure.KL_POLICY_ASKED);
        assertThat(departure.lower()).isEqualTo(departure.upper()).isCloseTo(expected, within(1e-15));
        assertThat(HeldOut.of(trained, new PromptPool(List.of()))).isEmpty();
        Evaluation flat = Evaluator.evaluate(
                Pools.table(prior, new double[] {.05, .10, .60, .25}, new double[] {1, 1, 1, 1}, 1),
                1,
                Influence.Extent.VERDICTS);
        assertThat(HeldOut.of(flat, heldOut)).isEmpty();
    }

    /** Of one prompt the regression without a record is known without fitting it again; here it is fitted again. */
    @Test
    void slopesLeaveEachRecordOutOfTheirOwnFit() {
        RolloutLog log = Logs.of(rows(7, 6, .9));
        PromptPool pool = pool(log, Double.NaN);
        Slopes slopes = Estimates.of(pool, Double.NaN).slopes();
        List<double[]> records = new ArrayList<>(); // u, v, r, ℓ
        pool.members().get(0).atoms().sum(1, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                records.add(new double[] {block.u[i], block.v[i], block.reward[i], block.logRatio[i]});
            }
        });
        double[] factors = SlopeLeverage.factors(pool, slopes);
        assertThat(factors[0]).isCloseTo(leftOut(records, 0, slopes.prior()), within(1e-9));
        assertThat(factors[1]).isCloseTo(leftOut(records, 1, slopes.policy()), within(1e-9));
        assertThat(factors[2]).isGreaterThan(1);
    }

    private static double leftOut(List<double[]> records, int mass, double slope) {
        double[] all = fit(records, mass, -1);
        assertThat(all[0]).isCloseTo(slope, within(1e-9));
        double plain = 0;
        double out = 0;
        for (int i = 0; i < records.size(); i++) {
            double[] record = records.get(i);
            double distance = record[2] - all[1];
            double influence = record[mass] * distance * (record[3] - all[2] - slope * distance) / all[3];
            plain += influence * influence;
            out += Math.pow(slope - fit(records, mass, i)[0], 2);
        }
        return Math.sqrt(out / plain);
    }

    /** Slope, mean reward, mean log-ratio and variance of the reward, without one of the records. */
    private static double[] fit(List<double[]> records, int mass, int without) {
        double[] sums = new double[5];
        for (int i = 0; i < records.size(); i++) {
            double[] x = records.get(i);
            double m = i == without ? 0 : x[mass];
            double[] terms = {m, m * x[2], m * x[3], m * x[2] * x[2], m * x[2] * x[3]};
            for (int k = 0; k < terms.length; k++) {
                sums[k] += terms[k];
            }
        }
        double reward = sums[1] / sums[0];
        double logRatio = sums[2] / sums[0];
        double variance = sums[3] / sums[0] - reward * reward;
        return new double[] {(sums[4] / sums[0] - reward * logRatio) / variance, reward, logRatio, variance};
    }
}
