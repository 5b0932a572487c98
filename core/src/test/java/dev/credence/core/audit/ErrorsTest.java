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
import org.junit.jupiter.params.provider.CsvSource;

/** Standard errors and the jackknife's intervals against leaving units out one by one. */
class ErrorsTest {
    private static final double ASKED = 1.7;

    /** How a log is drawn: policy = prior tilted by {@code slope}, with noise that no reward explains. */
    private record World(double slope, double noise, boolean grouped) {}

    /** Prompts of unequal strata; with groups, each source has groups of one to three under the same numbers. */
    private static RolloutLog log(long seed, World world) {
        RandomGenerator random = new SplittableRandom(seed);
        List<Logs.Row> rows = new ArrayList<>();
        int[][] counts = {{13, 9}, {8, 12}, {7, 6}};
        for (int c = 0; c < counts.length; c++) {
            int n = 9;
            double[] reward = new double[n];
            double[] prior = new double[n];
            double[] policy = new double[n];
            List<String> names = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                reward[i] = random.nextInt(5) / 2.0;
                prior[i] = random.nextGaussian();
                policy[i] = prior[i] + world.slope * reward[i] + world.noise * random.nextGaussian();
                names.add("x" + i);
            }
            List<Logs.Row> drawn = Logs.draw(
                    "p" + c,
                    Distribution.ofLogWeights(names, prior),
                    Distribution.ofLogWeights(names, policy),
                    reward,
                    counts[c],
                    random);
            for (Logs.Row row : drawn) {
                int group = world.grouped && random.nextInt(4) > 0 ? random.nextInt(5) : -1;
                rows.add(new Logs.Row(
                        row.prompt(), row.source(), row.reward(), row.logPrior(), row.logPolicy(), group, false));
            }
        }
        return Logs.of(rows);
    }

    /** Prompts of weights .2, .3 and .4, their records counted so many times. */
    private static PromptPool pool(RolloutLog log, double[][] multiplicity) {
        List<PromptAtoms> members = new ArrayList<>();
        for (int c = 0; c < log.prompts().size(); c++) {
            LogAtoms atoms = new LogAtoms(log, log.prompts().get(c), 0.2 + 0.1 * c, 0);
            members.add(PromptAtoms.of(
                    multiplicity.length == 0 ? atoms : new EngineTest.Reweighted(atoms, multiplicity[c]), ASKED));
        }
        return new PromptPool(members);
    }

    private static Influence influence(RolloutLog log, Influence.Extent extent) {
        return new Influence(Estimates.of(pool(log, new double[0][]), ASKED), ASKED, extent);
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, true"})
    void standardErrorsAreThoseOfTheCentredInfluencesOfUnits(long seed, boolean grouped) {
        RolloutLog log = log(seed, new World(1.2, 0.5, grouped));
        Influence influence = influence(log, Influence.Extent.VERDICTS);
        StandardErrors errors = StandardErrors.of(influence);
        NaiveErrors naive = new NaiveErrors(log, influence);
        for (int k = 0; k < naive.errors.length; k++) {
            assertThat(naive.errors[k]).as("error of column " + k).isPositive();
            assertClose(errors.errors()[k], naive.errors[k], "error of column " + k);
            assertClose(errors.freedom()[k], naive.freedom[k], "freedom of column " + k);
            assertThat(errors.skewness()[k]).as("skewness of column " + k).isCloseTo(naive.skewness[k], within(1e-9));
            assertClose(errors.spread()[k], naive.spread[k], "spread of column " + k);
            assertClose(errors.reach()[k], naive.reach[k], "reach of column " + k);
        }
        for (int c = 0; c < 3; c++) {
            for (int s = 0; s < 2; s++) {
                List<NaiveErrors.Unit> stratum = naive.units.get(c).get(s);
                assertThat(errors.units()[c][s]).isEqualTo(stratum.size());
                assertThat(errors.mean(c, s, Reweighting.LOG_Z))
                        .isCloseTo(
                                stratum.stream()
                                        .mapToDouble(u -> u.influence()[Figure.LOG_Z.ordinal()])
                                        .average()
                                        .orElseThrow(),
                                within(1e-12));
            }
        }
        assertThat(errors.isThin()).isFalse();
    }

    private static void assertClose(double actual, double expected, String what) {
        assertThat(actual).as(what).isCloseTo(expected, within(1e-8 * Math.abs(expected)));
    }

    /** What the verdicts compare, put together from the figures' own influences. */
    @Test
    void differencesAndTheAskedFractionAreMadeOfTheFigures() {
        RolloutLog log = log(5, new World(1.2, 0.5, false));
        Influence influence = influence(log, Influence.Extent.VERDICTS);
        InfluenceColumn[] columns = influence.columns();
        assertThat(columns).hasSize(Figure.values().length + 11);
        double kl = influence.estimates().get(Figure.KL_POLICY_PRIOR);
        double asked = influence.estimates().get(Figure.KL_POLICY_ASKED);
        for (int c = 0; c < 3; c++) {
            int n = log.prompts().get(c).size();
            double[][] psi = NaiveErrors.influences(influence, c, columns, n);
            for (int i = 0; i < n; i++) {
                double ofKl = psi[Figure.KL_POLICY_PRIOR.ordinal()][i];
                double ofAsked = psi[Figure.KL_POLICY_ASKED.ordinal()][i];
                // 1 − A/K has the derivative −A'/K + A K'/K²
                assertThat(psi[Influence.ASKED_FRACTION][i])
                        .isCloseTo(asked * ofKl / (kl * kl) - ofAsked / kl, within(1e-12));
                int column = Influence.DIFFERENCES;
                for (int a = 0; a < 5; a++) {
                    for (int b = a + 1; b < 5; b++, column++) {
                        assertThat(psi[column][i])
                                .isCloseTo(
                                        psi[Influence.SLOPES[a].ordinal()][i] - psi[Influence.SLOPES[b].ordinal()][i],
                                        within(1e-15));
                    }
                }
                assertThat(column).isEqualTo(columns.length);
            }
        }
    }

    @Test
    void withoutAStatedTargetNothingAskedHasAnError() {
        RolloutLog log = log(5, new World(1.2, 0.5, false));
        List<PromptAtoms> members = new ArrayList<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            members.add(PromptAtoms.of(new LogAtoms(log, prompt, 1, 0), Double.NaN));
        }
        Influence influence =
                new Influence(Estimates.of(new PromptPool(members), Double.NaN), Double.NaN, Influence.Extent.VERDICTS);
        StandardErrors errors = StandardErrors.of(influence);
        for (Figure figure : List.of(
                Figure.LOG_Z, Figure.KL_POLICY_ASKED, Figure.RECALL, Figure.GAP_OBJECTIVE, Figure.MODES_ASKED)) {
            assertThat(errors.of(figure)).as(figure.id()).isZero();
        }
        assertThat(errors.errors()[Influence.ASKED_FRACTION]).isZero();
        assertThat(errors.of(Figure.KL_POLICY_PRIOR)).isPositive();
        Jackknife.Interval logZ = new Jackknife(influence, errors).intervals()[Reweighting.LOG_Z];
        assertThat(logZ.bias()).isZero();
    }

    @Test
    void aStratumOfOneUnitIsThinAndAddsNoVariance() {
        RolloutLog log = log(4, new World(1.2, 0.5, true));
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < log.size(); i++) {
            RolloutLog.Columns columns = log.columns();
            String prompt = i < 22 ? "p0" : i < 42 ? "p1" : "p2";
            int group =
                    prompt.equals("p2") && columns.source()[i] == RolloutLog.PRIOR ? 3 : -1; // seven records, one group
            rows.add(new Logs.Row(
                    prompt,
                    columns.source()[i],
                    columns.rewards()[0][i],
                    columns.logPrior()[i],
                    columns.logPolicy()[i],
                    group,
                    false));
        }
        RolloutLog thin = Logs.of(rows);
        Influence influence = influence(thin, Influence.Extent.FIGURES);
        StandardErrors errors = StandardErrors.of(influence);
        assertThat(errors.isThin()).isTrue();
        assertThat(errors.units()[2][RolloutLog.PRIOR]).isEqualTo(1);
        NaiveErrors naive = new NaiveErrors(thin, influence);
        for (int k = 0; k < naive.errors.length; k++) {
            assertClose(errors.errors()[k], naive.errors[k], "error of column " + k);
            assertClose(errors.freedom()[k], naive.freedom[k], "freedom of column " + k);
        }
        assertIntervals(influence, errors, naive, 1e-7);
    }

    /**
     * With the closed form of a change of weights, whose own agreement with solving again is another test, every digit
     * must be there: it is the same sum in another order. The worlds without departure, or without an update, are those
     * in which the second-order terms would be rounding.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 1.2, .5, false, 1e-6",
        "2, 1.2, .5, true, 1e-6",
        "3, -.7, .8, true, 1e-6",
        "4, 3, 1, false, 1e-6",
        "5, 1.2, 1e-4, true, 1e-4", // departure below rounding, and intervals so narrow that second differences lose
        // digits
        "6, 1e-4, .3, false, 1e-6", // nearly nothing explained
    })
    void jackknifeIntervalsAreThoseOfLeavingUnitsOut(
            long seed, double slope, double noise, boolean grouped, double tolerance) {
        RolloutLog log = log(seed, new World(slope, noise, grouped));
        Influence influence = influence(log, Influence.Extent.FIGURES);
        StandardErrors errors = StandardErrors.of(influence);
        assertIntervals(influence, errors, new NaiveErrors(log, influence), tolerance);
    }

    private static void assertIntervals(
            Influence influence, StandardErrors errors, NaiveErrors naive, double tolerance) {
        Reweighting reweighting = new Reweighting(influence.estimates());
        Jackknife.Interval[] expected = new NaiveJackknife(
                        influence.estimates(), naive, multiplicity -> closedForm(reweighting, influence, multiplicity))
                .intervals();
        assertIntervals(new Jackknife(influence, errors).intervals(), expected, tolerance);
    }

    private static double[] closedForm(Reweighting reweighting, Influence influence, double[][] multiplicity) {
        Reweighting.Change change = new Reweighting.Change();
        for (int c = 0; c < multiplicity.length; c++) {
            int member = c;
            double[] shift = new double[Reweighting.FIELDS];
            Reweighting.Fields ofMember = reweighting.new Fields(c);
            double[][] fields = new double[Reweighting.FIELDS][AtomBlock.SIZE];
            influence.estimates().pool().members().get(c).atoms().forEachBlock(block -> {
                ofMember.fill(block, fields);
                for (int i = 0; i < block.count; i++) {
                    for (int a = 0; a < shift.length; a++) {
                        shift[a] += (multiplicity[member][block.start + i] - 1) * fields[a][i];
                    }
                }
            });
            reweighting.add(c, shift, 0, change);
        }
        double[] figures = new double[Reweighting.COUNT];
        reweighting.figures(change, figures);
        return figures;
    }

    private static void assertIntervals(Jackknife.Interval[] actual, Jackknife.Interval[] expected, double tolerance) {
        for (int k = 0; k < expected.length; k++) {
            String id = Reweighting.FIGURES[k].id();
            double width = expected[k].upper() - expected[k].lower();
            assertThat(width).as("width of " + id).isPositive();
            assertThat(actual[k].lower())
                    .as("lower end of " + id)
                    .isCloseTo(expected[k].lower(), within(tolerance * width));
            assertThat(actual[k].upper())
                    .as("upper end of " + id)
                    .isCloseTo(expected[k].upper(), within(tolerance * width));
            assertThat(actual[k].bias()).as("bias of " + id).isCloseTo(expected[k].bias(), within(10 * tolerance));
        }
    }

    /** The same with every figure solved again: the closed form's third-order error is all that may differ. */
    @ParameterizedTest
    @CsvSource({"1, false", "2, true"})
    void jackknifeIntervalsAreNearlyThoseOfSolvingAgain(long seed, boolean grouped) {
        RolloutLog log = log(seed, new World(1.2, 0.5, grouped));
        Influence influence = influence(log, Influence.Extent.FIGURES);
        NaiveJackknife.Figures solved = multiplicity -> {
            Estimates estimates = Estimates.of(pool(log, multiplicity), ASKED);
            double[] figures = new double[Reweighting.COUNT];
            Arrays.setAll(figures, k -> NaiveJackknife.scaled(k, estimates.get(Reweighting.FIGURES[k])));
            return figures;
        };
        Jackknife.Interval[] expected =
                new NaiveJackknife(influence.estimates(), new NaiveErrors(log, influence), solved).intervals();
        assertIntervals(new Jackknife(influence, StandardErrors.of(influence)).intervals(), expected, 0.01);
    }

    /** Blocks are of 512 records: units and powers must not notice where one ends. */
    @Test
    void strataOfManyBlocksAreAddedUpAsOne() {
        RandomGenerator random = new SplittableRandom(12);
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 1801; i++) {
            double reward = random.nextGaussian();
            int group = random.nextInt(3) == 0 ? -1 : random.nextInt(400);
            rows.add(new Logs.Row(
                    "q",
                    i % 3 == 0 ? 0 : 1,
                    reward,
                    -9,
                    -9 + 0.4 * reward - 0.08 + 0.1 * random.nextGaussian(),
                    group,
                    false));
        }
        RolloutLog log = Logs.of(rows);
        Influence influence = influence(log, Influence.Extent.FIGURES);
        StandardErrors errors = StandardErrors.of(influence);
        NaiveErrors naive = new NaiveErrors(log, influence);
        for (Figure figure : Figure.values()) {
            if (naive.errors[figure.ordinal()] > 1e-12) {
                assertClose(errors.of(figure), naive.errors[figure.ordinal()], figure.id());
                assertClose(errors.freedom()[figure.ordinal()], naive.freedom[figure.ordinal()], figure.id());
            }
        }
    }
}
