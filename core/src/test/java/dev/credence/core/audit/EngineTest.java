package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The influence functions against finite differences, the closed-form jackknife against solving again, sums against oracles. */
class EngineTest {
    private static final double ASKED = 1.7;

    /** Atoms whose records count more or less than once. */
    static final class Reweighted extends Atoms {
        private final LogAtoms original;
        private final double[] multiplicity;

        Reweighted(LogAtoms original, double[] multiplicity) {
            super(original.prompt(), original.weight());
            this.original = original;
            this.multiplicity = multiplicity;
            normalise();
        }

        @Override
        int size() {
            return original.size();
        }

        @Override
        int strata() {
            return original.strata();
        }

        @Override
        int records(int stratum) {
            return original.records(stratum);
        }

        @Override
        double reward(int position) {
            return original.reward(position);
        }

        @Override
        boolean hasTokens() {
            return original.hasTokens();
        }

        @Override
        double massOutsidePrior() {
            return 0;
        }

        @Override
        boolean hasUnits() {
            return original.hasUnits();
        }

        @Override
        boolean startsUnit(int position) {
            return original.startsUnit(position);
        }

        @Override
        void loadRaw(int from, AtomBlock block) {
            original.loadRaw(from, block);
            for (int i = 0; i < block.count; i++) {
                block.u[i] *= multiplicity[from + i];
                block.v[i] *= multiplicity[from + i];
            }
        }
    }

    /** A log of three prompts, the third of another size on each side; not a member of the family. */
    private static RolloutLog log(long seed, boolean continuous) {
        RandomGenerator random = new SplittableRandom(seed);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 3; c++) {
            int n = 7;
            double[] reward = new double[n];
            double[] prior = new double[n];
            double[] policy = new double[n];
            List<String> names = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                reward[i] = continuous ? random.nextGaussian() : random.nextInt(3) / 2.0;
                prior[i] = random.nextGaussian();
                policy[i] = prior[i] + 1.2 * reward[i] + 0.4 * random.nextGaussian();
                names.add("x" + i);
            }
            int[] counts = {c == 2 ? 11 : 17, c == 2 ? 19 : 14};
            rows.addAll(Logs.draw(
                    "p" + c,
                    Distribution.ofLogWeights(names, prior),
                    Distribution.ofLogWeights(names, policy),
                    reward,
                    counts,
                    random));
        }
        return Logs.of(rows);
    }

    private static PromptPool pool(RolloutLog log, int reweighted, double[] multiplicity) {
        List<PromptAtoms> members = new ArrayList<>();
        for (int c = 0; c < log.prompts().size(); c++) {
            LogAtoms own = new LogAtoms(log, log.prompts().get(c), 0.2 + 0.1 * c, 0);
            members.add(PromptAtoms.of(c == reweighted ? new Reweighted(own, multiplicity) : own, ASKED));
        }
        return new PromptPool(members);
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyInfluenceIsTheDerivativeByARecordsWeight(boolean continuous) {
        RolloutLog log = log(5, continuous);
        Influence influence =
                new Influence(Estimates.of(pool(log, -1, new double[0]), ASKED), ASKED, Influence.Extent.FIGURES);
        double[] largest = new double[Figure.values().length];
        double[] worst = new double[Figure.values().length];
        for (int c = 0; c < 3; c++) {
            int n = log.prompts().get(c).size();
            AtomBlock block = new AtomBlock(n);
            block.count = n;
            influence.estimates().pool().members().get(c).atoms().forEachBlock(b -> copy(b, block));
            double[][] influences = influences(influence, c, block);
            for (int i = 0; i < n; i++) {
                double step = 1e-4;
                double[] up = ones(n);
                up[i] += step;
                double[] down = ones(n);
                down[i] -= step;
                Estimates more = Estimates.of(pool(log, c, up), ASKED);
                Estimates less = Estimates.of(pool(log, c, down), ASKED);
                for (Figure figure : Figure.values()) {
                    double difference = (more.get(figure) - less.get(figure)) / (2 * step);
                    int k = figure.ordinal();
                    largest[k] = Math.max(largest[k], Math.abs(difference));
                    worst[k] = Math.max(worst[k], Math.abs(difference - influences[k][i]));
                }
            }
        }
        for (Figure figure : Figure.values()) {
            assertThat(largest[figure.ordinal()])
                    .as(figure.id() + " depends on the records")
                    .isPositive();
            assertThat(worst[figure.ordinal()])
                    .as(figure.id())
                    .isLessThan(2e-6 * Math.max(largest[figure.ordinal()], 1e-3));
        }
    }

    /** By figure and record. */
    private static double[][] influences(Influence influence, int member, AtomBlock block) {
        double[][] fitted = new double[influence.fittedWidth()][block.count];
        influence.new OfMember(member).fill(block, fitted);
        double[][] ofPrompt = new double[PromptInfluence.FIGURES.length][block.count];
        PromptPool pool = influence.estimates().pool();
        new PromptInfluence(pool.members().get(member)).fill(block, ofPrompt);
        InfluenceColumn[] columns = influence.columns();
        double[][] influences = new double[columns.length][block.count];
        for (int k = 0; k < columns.length; k++) {
            double factor = columns[k].fitted() ? columns[k].factor() : pool.weight(member) * columns[k].factor();
            for (int i = 0; i < block.count; i++) {
                influences[k][i] = factor * (columns[k].fitted() ? fitted : ofPrompt)[columns[k].index()][i];
            }
        }
        return influences;
    }

    private static void copy(AtomBlock from, AtomBlock to) {
        System.arraycopy(from.u, 0, to.u, 0, from.count);
        System.arraycopy(from.v, 0, to.v, 0, from.count);
        System.arraycopy(from.logRatio, 0, to.logRatio, 0, from.count);
        System.arraycopy(from.reward, 0, to.reward, 0, from.count);
        System.arraycopy(from.logPrior, 0, to.logPrior, 0, from.count);
        System.arraycopy(from.logPolicy, 0, to.logPolicy, 0, from.count);
        System.arraycopy(from.tokens, 0, to.tokens, 0, from.count);
        System.arraycopy(from.stratum, 0, to.stratum, 0, from.count);
        System.arraycopy(from.level, 0, to.level, 0, from.count);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7})
    void leavingARecordOutInClosedFormIsSolvingAgain(long seed) {
        RolloutLog log = log(seed, false);
        Estimates all = Estimates.of(pool(log, -1, new double[0]), ASKED);
        Reweighting reweighting = new Reweighting(all);
        for (int c = 0; c < 3; c++) {
            LogAtoms atoms = new LogAtoms(log, log.prompts().get(c), 1, 0);
            int n = atoms.size();
            double[][] fields = new double[Reweighting.FIELDS][n];
            int[] stratum = new int[n];
            Reweighting.Fields ofMember = reweighting.new Fields(c);
            double[][] columns = new double[Reweighting.FIELDS][AtomBlock.SIZE];
            all.pool().members().get(c).atoms().forEachBlock(b -> {
                ofMember.fill(b, columns);
                for (int a = 0; a < columns.length; a++) {
                    System.arraycopy(columns[a], 0, fields[a], b.start, b.count);
                }
                for (int i = 0; i < b.count; i++) {
                    stratum[b.start + i] = b.stratum[i];
                }
            });
            for (int out = 0; out < n; out++) {
                double size = atoms.records(stratum[out]);
                double[] multiplicity = ones(n);
                double[] shift = new double[Reweighting.FIELDS];
                for (int i = 0; i < n; i++) {
                    if (stratum[i] == stratum[out]) {
                        multiplicity[i] = i == out ? 0 : size / (size - 1);
                        for (int a = 0; a < shift.length; a++) {
                            shift[a] += (multiplicity[i] - 1) * fields[a][i];
                        }
                    }
                }
                Estimates solved = Estimates.of(pool(log, c, multiplicity), ASKED);
                Reweighting.Change change = new Reweighting.Change();
                reweighting.add(c, shift, 0, change);
                double[] closed = new double[Reweighting.COUNT];
                reweighting.figures(change, closed);
                for (int k = 0; k < Reweighting.COUNT; k++) {
                    double expected = solved.get(Reweighting.FIGURES[k]);
                    double moved = Math.abs(expected - all.get(Reweighting.FIGURES[k]));
                    assertThat(Reweighting.unscaled(k, closed[k], closed[k]).lower())
                            .as(Reweighting.FIGURES[k].id() + " without record " + out)
                            .isCloseTo(expected, within(1e-3 * moved + 1e-9));
                }
            }
        }
    }

    @Test
    void rewardLevelsGiveTheSumsOfTheRecords() {
        RolloutLog log = log(9, false);
        LogAtoms atoms = new LogAtoms(log, log.prompts().get(0), 1, 0);
        AtomMoments moments = AtomMoments.of(atoms);
        assertThat(moments.levels()).isNotNull();
        AtomMoments byRecord = new AtomMoments(
                moments.prior(),
                moments.policy(),
                moments.mixture(),
                moments.klPolicyPrior(),
                moments.klPriorPolicy(),
                moments.entropyPrior(),
                moments.entropyPolicy(),
                moments.essPrior(),
                moments.minReward(),
                moments.maxReward(),
                moments.lostMass(),
                moments.gapToMax(),
                moments.gapToMin(),
                moments.policyRecordsBelowMax(),
                null);
        for (double lambda : new double[] {-3, 0, 0.7, 40}) {
            TiltSums levels = TiltSums.of(atoms, moments, lambda);
            TiltSums records = TiltSums.of(atoms, byRecord, lambda);
            assertThat(levels.mean()).isCloseTo(records.mean(), within(1e-14));
            assertThat(levels.variance()).isCloseTo(records.variance(), within(1e-14));
            assertThat(levels.covariance()).isCloseTo(records.covariance(), within(1e-13));
            assertThat(levels.thirdMixed()).isCloseTo(records.thirdMixed(), within(1e-13));
            assertThat(levels.thirdMoment()).isCloseTo(records.thirdMoment(), within(1e-13));
        }
    }

    @Test
    void largeRatiosDoNotOverflow() {
        RolloutLog log = Logs.of(List.of(
                new Logs.Row("", 0, 0, -10, -2000),
                new Logs.Row("", 0, 1, -12, -1500),
                new Logs.Row("", 1, 1, -3000, -5),
                new Logs.Row("", 1, 0, -2500, -6)));
        StepAudit audit = Audit.of(log, Logs.options(1.0));
        double kl = audit.findings().get("kl.policy_prior").estimate();
        assertThat(kl).isBetween(2000.0, 3000.0);
        assertThat(audit.findings().get("kl.prior_policy").estimate()).isBetween(1400.0, 2000.0);
    }

    @Test
    void aLogInTheProportionsOfATableGivesTheTable() {
        // T3: q = (π0 + π)/2, 20 records a side: 9, 8, 16 and 7 of the four outcomes
        double[] prior = {.4, .3, .2, .1};
        double[] policy = {.05, .10, .60, .25};
        int[] counts = {9, 8, 16, 7};
        List<Logs.Row> rows = new ArrayList<>();
        int drawn = 0;
        for (int x = 0; x < 4; x++) {
            for (int k = 0; k < counts[x]; k++) {
                rows.add(new Logs.Row("", drawn++ % 2, x, Math.log(prior[x]), Math.log(policy[x])));
            }
        }
        StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1.0));
        assertThat(audit.findings().get("kl.departure").estimate()).isCloseTo(.17176332, within(5e-9));
        assertThat(audit.findings().get("copies.self_consistent").estimate()).isCloseTo(.97760696, within(5e-9));
        assertThat(audit.findings().get("copies.mixture_slope").estimate()).isCloseTo(1.21416705, within(5e-9));
        assertThat(audit.findings().get("log_z").estimate()).isCloseTo(1.54795593, within(5e-9));
    }

    @Test
    void groupsAreUnits() {
        RolloutLog single = log(11, false);
        List<Logs.Row> doubled = new ArrayList<>();
        RolloutLog.Columns columns = single.columns();
        int group = 0;
        for (RolloutLog.Prompt prompt : single.prompts()) {
            for (int i = prompt.from(); i < prompt.to(); i++, group++) {
                for (int copy = 0; copy < 2; copy++) {
                    doubled.add(new Logs.Row(
                            prompt.text(),
                            columns.source()[i],
                            columns.rewards()[0][i],
                            columns.logPrior()[i],
                            columns.logPolicy()[i],
                            group,
                            false));
                }
            }
        }
        StepAudit once = Audit.of(single, Logs.options(0.5));
        StepAudit twice = Audit.of(Logs.of(doubled), Logs.options(0.5));
        for (Figure figure : Figure.values()) {
            if (figure == Figure.NUISANCE_REWARD_SQUARED) {
                continue;
            }
            Finding a = once.findings().get(figure.id());
            Finding b = twice.findings().get(figure.id());
            assertThat(b.estimate()).as(figure.id()).isCloseTo(a.estimate(), within(1e-9 * Math.abs(a.estimate())));
            double width = a.upper() - a.lower();
            assertThat(b.upper() - b.lower()).as(figure.id()).isCloseTo(width, within(1e-6 * width));
        }
        Finding a = once.findings().get("kl.policy_prior.sampled");
        Finding b = twice.findings().get("kl.policy_prior.sampled");
        assertThat(b.estimate()).isCloseTo(a.estimate(), within(1e-12));
        assertThat(b.upper()).as("upper end of " + b.id()).isCloseTo(a.upper(), within(1e-9));
    }

    /** Log-ratios .1 and .5, .3, .3 and .8 in groups of one, three and one, mean .4: their excesses are −.3, −.1, .4. */
    @Test
    void sampledKlTakesGroupsOfAnySizeForUnits() {
        double[] logRatio = {.1, .5, .3, .3, .8};
        int[] group = {0, 1, 1, 1, 2};
        List<Logs.Row> rows = new ArrayList<>(List.of(new Logs.Row("", 0, 1, -2, Double.NEGATIVE_INFINITY, 9, false)));
        for (int i = 0; i < 5; i++) {
            rows.add(new Logs.Row("", 1, i, -2, logRatio[i] - 2, group[i], false));
        }
        RolloutLog log = Logs.of(rows);
        SampledKl sampled = SampledKl.of(new LogAtoms(log, log.prompts().get(0), 1, 0));
        assertThat(sampled.mean()).isCloseTo(.4, within(1e-12));
        assertThat(sampled.error()).isCloseTo(Math.sqrt(1.5 * (.09 + .01 + .16)) / 5, within(1e-12));
    }

    @Test
    void sumsDoNotDependOnTheNumberOfThreads() throws Exception {
        List<Logs.Row> rows = new ArrayList<>();
        RandomGenerator random = new SplittableRandom(3);
        Distribution prior = Distribution.ofLogWeights(List.of("a", "b", "c"), new double[] {0, .3, -.5});
        Distribution policy = Distribution.ofLogWeights(List.of("a", "b", "c"), new double[] {0, .9, .5});
        rows.addAll(Logs.draw("", prior, policy, new double[] {0, .5, 1}, new int[] {90_000, 90_000}, random));
        RolloutLog log = Logs.of(rows);
        StepAudit here = Audit.of(log, Logs.options(1.0));
        java.util.concurrent.ForkJoinPool one = new java.util.concurrent.ForkJoinPool(1);
        try {
            StepAudit alone = one.submit(() -> Audit.of(log, Logs.options(1.0))).get();
            assertThat(alone.findings()).isEqualTo(here.findings());
        } finally {
            one.shutdown();
        }
    }
}
