package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmplificationTest {
    private static Map<String, Finding> run(Map<String, String> settings) {
        Amplification experiment = new Amplification();
        return experiment
                .run(ExperimentSettings.of(experiment, settings), line -> {})
                .findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    @Test
    void theStandardSettingsGiveTheKnownNumbers() {
        Map<String, Finding> f = run(Map.of());
        assertVector(new double[] {estimate(f, "cycle.a"), estimate(f, "cycle.b")}, "D.cycle", "fix");
        assertThat(estimate(f, "cycle.error")).isCloseTo(.00052083, within(1e-8));
        assertThat(estimate(f, "cycle.error")).isCloseTo(estimate(f, "cycle.bound"), within(1e-15));
        assertThat(estimate(f, "strict.spread")).isZero();
        assertVector(estimate(f, "deferral.weight"), "T15.deferral_delta.1", "10");
        assertVector(majorities(f, .6), "T15.majority3_from.6");
        assertThat(estimate(f, "majority.limit")).isEqualTo(1);
        double[] iterates = Vectors.numbers("T15.perform_mean", "iter");
        for (int i = 1; i < iterates.length; i++) {
            assertThat(estimate(f, "performative." + i)).isEqualTo(iterates[i]);
        }
        assertVector(estimate(f, "performative.limit"), "T15.perform_mean", "theta_PS");
        assertThat(estimate(f, "contamination.threshold")).isCloseTo(.8, within(1e-15));
        assertVector(estimate(f, "contamination.limit"), "T16.b2_tau.4_eps.01", "limit");
        assertVector(estimate(f, "contamination.size"), "T16.subcrit_mean_size_b2_t.4");
        assertVector(estimate(f, "selffulfilling.high"), "T15.tanh_J1.5", "p_hi");
        assertVector(estimate(f, "selffulfilling.low"), "T15.tanh_J1.5", "p_lo");
        assertVector(estimate(f, "selffulfilling.field"), "T15.tanh_J1.5", "h_c");
        assertVector(estimate(f, "selffulfilling.entropy"), "D.entropy_fixed", "H_hi");
        assertThat(estimate(f, "selffulfilling.unstable")).isEqualTo(.5);
        assertThat(estimate(f, "selffulfilling.unique")).isZero();
        assertThat(estimate(f, "chosen.prior")).isEqualTo(estimate(f, "selffulfilling.high"));
        assertThat(estimate(f, "chosen.predictable")).isEqualTo(estimate(f, "selffulfilling.high"));
        assertThat(estimate(f, "chosen.malign")).isEqualTo(estimate(f, "selffulfilling.low"));
        assertThat(estimate(f, "predict_end.moved")).isLessThan(1e-12);
        assertThat(estimate(f, "predict_end.rounds_saved")).isGreaterThan(10);
    }

    private static double[] majorities(Map<String, Finding> findings, double start) {
        double[] path = new double[7];
        path[0] = start;
        for (int round = 1; round < path.length; round++) {
            path[round] = estimate(findings, "majority." + round);
        }
        return path;
    }

    @Test
    void theEarlyGuessDecidesAMajority() {
        Map<String, Finding> f = run(Map.of("majority.start", ".4"));
        assertVector(majorities(f, .4), "T15.majority3_from.4");
        assertThat(estimate(f, "majority.limit")).isZero();
    }

    @Test
    void contaminationBelowTheThresholdStaysSmall() {
        double[] depths = Vectors.numbers("T16.b2_tau.4_eps.01", "depths");
        for (int depth = 1; depth < depths.length; depth++) {
            Map<String, Finding> f = run(Map.of("depth", Integer.toString(depth)));
            assertThat(estimate(f, "contamination.depth")).isCloseTo(depths[depth], within(Vectors.TOLERANCE));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 10, 15, 20, 25, 30})
    void contaminationAboveTheThresholdWakesLate(int depth) {
        Map<String, Finding> f = run(Map.of("transmission", ".8", "own", "1e-4", "depth", Integer.toString(depth)));
        assertVector(estimate(f, "contamination.depth"), "T16.b2_tau.8_eps1e-4_depths", Integer.toString(depth));
        assertVector(estimate(f, "contamination.limit"), "T16.b2_tau.8_eps->0", "eps1e4");
        assertVector(estimate(f, "contamination.onset"), "T16.b2_tau.8_eps->0", "limit");
        assertVector(estimate(f, "contamination.extinction"), "T16.extinction_b2_t.8");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 69, 100, 300})
    void roundsThatMayGoBadAddUp(int rounds) {
        Map<String, Finding> f = run(Map.of("depth", Integer.toString(rounds)));
        assertVector(estimate(f, "contamination.ever"), "T16.any_iter", "eps.01_T" + rounds);
    }

    /** Of 40 intervals at 95 % four misses or fewer are to be expected. */
    @Test
    void simulatedTreesAgreeWithTheFormula() {
        int missed = 0;
        for (int seed = 1; seed <= 40; seed++) {
            Map<String, Finding> f = run(Map.of(
                    "transmission",
                    seed % 2 == 0 ? ".3" : ".7",
                    "branching",
                    Integer.toString(1 + seed % 4),
                    "depth",
                    "6",
                    "own",
                    ".02",
                    "seed",
                    Integer.toString(seed)));
            Finding simulated = f.get("contamination.simulated");
            double exact = estimate(f, "contamination.depth");
            missed += simulated.lower() <= exact && exact <= simulated.upper() ? 0 : 1;
        }
        assertThat(missed).isLessThanOrEqualTo(6);
    }

    /** The control: without coupling past 1 there is one prediction that comes true, whoever predicts. */
    @ParameterizedTest
    @ValueSource(strings = {"0", ".5", ".9", "1"})
    void weakCouplingLeavesOneFixedPoint(String coupling) {
        Map<String, Finding> f = run(Map.of("coupling", coupling));
        assertThat(estimate(f, "selffulfilling.unique")).isEqualTo(1);
        assertThat(estimate(f, "selffulfilling.field")).isZero();
        assertThat(f.get("selffulfilling.unstable").stands()).isFalse();
        assertThat(estimate(f, "chosen.malign")).isEqualTo(estimate(f, "chosen.prior"));
    }

    @ParameterizedTest
    @CsvSource({"1.5, .2, 0", "1.5, .21, 1", "3, .5, 0", "3, 5, 1", "2, -.6, 1", "100, 0, 0"})
    void aStrongPullLeavesOneToo(String coupling, String field, int unique) {
        Map<String, Finding> f = run(Map.of("coupling", coupling, "field", field));
        assertThat(estimate(f, "selffulfilling.unique")).isEqualTo(unique);
        for (String id : new String[] {"selffulfilling.high", "selffulfilling.low", "chosen.prior"}) {
            double m = 2 * estimate(f, id) - 1;
            assertThat(Math.tanh(Double.parseDouble(coupling) * m + Double.parseDouble(field)))
                    .as(id)
                    .isCloseTo(m, within(1e-9));
        }
    }

    /** Two points have met there: what is called unstable is that pair, never the stable end. */
    @ParameterizedTest
    @CsvSource({"2, .532839975353552", "10, 7.668386521273072", "100, 96.50552086453561"})
    void atTheCriticalFieldTwoPointsHaveMet(String coupling, String field) {
        Map<String, Finding> up = run(Map.of("coupling", coupling, "field", field));
        assertThat(estimate(up, "selffulfilling.unstable")).isEqualTo(estimate(up, "selffulfilling.low"));
        Map<String, Finding> down = run(Map.of("coupling", coupling, "field", "-" + field));
        assertThat(estimate(down, "selffulfilling.unstable")).isEqualTo(estimate(down, "selffulfilling.high"));
        double critical = Double.parseDouble(field);
        assertThat(new SelfFulfilling(Double.parseDouble(coupling), critical).words())
                .contains(" is stable and ")
                .contains("from one side alone");
    }

    /** A level of simulated answers in which none may be bad says nothing of what a few of them grow into. */
    @Test
    void aSimulationThatMayMissEveryBadAnswerIsWithdrawn() {
        Map<String, Finding> f = run(Map.of("own", "1e-6", "branching", "50", "transmission", "1", "depth", "4"));
        assertThat(estimate(f, "contamination.depth")).isGreaterThan(.99);
        assertThat(f.get("contamination.simulated").stands()).isFalse();
        assertThat(run(Map.of()).get("contamination.simulated").stands()).isTrue();
        assertThat(run(Map.of("own", "0")).get("contamination.simulated").stands())
                .isTrue();
    }

    @Test
    void whatNoneMakesIsMadeByNone() {
        Map<String, Finding> f = run(Map.of("transmission", "0"));
        assertThat(estimate(f, "repaired.r0")).isZero();
        assertThat(estimate(f, "repaired.endemic")).isZero();
    }

    /** 14 million rounds and more: counted, not walked. */
    @Test
    void slowRoundsAreCountedToTheirEnd() {
        Map<String, Finding> f = run(Map.of("cycle.slope", ".999999", "depth", "1"));
        double first = estimate(f, "cycle.bound") / .999999;
        assertThat(estimate(f, "predict_end.rounds_saved"))
                .isEqualTo(Math.ceil(Math.log(1e-6 / first) / Math.log(.999999)) - 2);
        assertThat(estimate(run(Map.of("cycle.slope", "0")), "predict_end.rounds_saved"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-.5", ".99"})
    void roundingIsNoErrorAboveTheBound(String slope) {
        Map<String, Finding> f = run(Map.of("cycle.slope", slope, "depth", "1000"));
        assertThat(estimate(f, "cycle.error")).isLessThanOrEqualTo(estimate(f, "cycle.bound") * (1 + 1e-9));
    }

    @Test
    void repairIsAnEpidemicsThreshold() {
        Map<String, Finding> f = run(Map.of("transmission", ".8", "repair", ".4"));
        assertVector(estimate(f, "repaired.r0"), "T16.SIS", "R0");
        assertVector(estimate(f, "repaired.endemic"), "T16.SIS", "endemic");
        assertThat(estimate(run(Map.of("repair", "2")), "repaired.endemic")).isZero();
        assertThat(estimate(run(Map.of()), "repaired.endemic")).isEqualTo(1);
    }

    @Test
    void aNegativeSlopeIsAContractionToo() {
        Map<String, Finding> f = run(Map.of("cycle.slope", "-.8", "cycle.offsets", "2,-1", "depth", "7"));
        double a = estimate(f, "cycle.a");
        double b = estimate(f, "cycle.b");
        assertThat(a).isCloseTo(-.8 * b + 2, within(1e-12));
        assertThat(b).isCloseTo(-.8 * a - 1, within(1e-12));
        assertThat(estimate(f, "cycle.error")).isLessThanOrEqualTo(estimate(f, "cycle.bound") * (1 + 1e-12));
    }

    @Test
    void refusesWhatIsNoSetting() {
        assertThatThrownBy(() -> run(Map.of("cycle.slope", "1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cycle.slope is 1; it must be a number from");
        assertThatThrownBy(() -> run(Map.of("cycle.offsets", "1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("two questions have two numbers");
        assertThatThrownBy(() -> run(Map.of("branching", "2.5"))).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> run(Map.of("cuopling", "2")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("did you mean 'coupling'?");
    }

    @Test
    void atTheCriticalPullTheOnePredictionIsExact() {
        Amplification experiment = new Amplification();
        ExperimentResult result =
                experiment.run(ExperimentSettings.of(experiment, Map.of("coupling", "1")), line -> {});
        assertThat(result.findings().get("selffulfilling.high").estimate()).isEqualTo(0.5);
    }

    /** Rank by rank: a step is right with .97, asked at once a question is with .65; of three copies the majority counts. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void distilledAnswersSettleRankByRank(int copies) {
        Map<String, Finding> f = run(Map.of("distil.copies", Integer.toString(copies), "distil.rounds", "3"));
        double[] right = {.65, vote(.65 * .97 + .35 * .03, copies), 0, 0};
        double pair = vote(.97, copies);
        right[2] = vote(pair * .97 + (1 - pair) * .03, copies);
        right[3] = right[2];
        for (int round = 0; round <= 3; round++) {
            double ofPairs = round == 0 ? pair - .65 : 0;
            assertThat(estimate(f, "distilled." + round + ".right"))
                    .as("round " + round)
                    .isCloseTo(right[round], within(1e-12));
            assertThat(estimate(f, "distilled." + round + ".error"))
                    .as("round " + round)
                    .isCloseTo((ofPairs + right[3] - right[round]) / 2, within(1e-12));
        }
        assertThat(estimate(f, "distilled.limit")).isCloseTo(right[3], within(1e-12));
        Finding counted = f.get("distilled.3.counted.error");
        assertThat(counted.lower()).isGreaterThan(0).isLessThan(counted.estimate());
        assertThat(counted.upper()).isLessThan(.1);
    }

    private static double vote(double p, int copies) {
        return copies == 1 ? p : p * p * (3 - 2 * p);
    }

    /** The control: ever more answers leave nothing of the error that counting makes. */
    @Test
    void moreAnswersLeaveLessError() {
        Map<String, Finding> few = run(Map.of("distil.answers", "300"));
        Map<String, Finding> many = run(Map.of("distil.answers", "30000"));
        assertThat(estimate(many, "distilled.4.counted.error"))
                .isLessThan(estimate(few, "distilled.4.counted.error") / 5);
        assertThatThrownBy(() -> run(Map.of("distil.copies", "2")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be odd");
    }

    @Test
    void transformersAreDistilledRoundByRound() {
        Map<String, String> tiny = Map.of(
                "transformer", "yes",
                "transformer.seeds", "2",
                "transformer.steps", "40",
                "distil.rounds", "2");
        Map<String, Finding> f = run(tiny);
        run(Map.of("distil.rounds", "2"))
                .forEach((id, finding) -> assertThat(f.get(id)).as(id).isEqualTo(finding));
        for (int round = 0; round <= 2; round++) {
            for (String of : new String[] {".right", ".error"}) {
                Finding finding = f.get("transformer." + round + of);
                assertThat(finding.lower()).isBetween(0.0, finding.estimate());
                assertThat(finding.upper()).isBetween(finding.estimate(), 1.0);
            }
        }
        assertThat(run(tiny)).isEqualTo(f);
    }
}
