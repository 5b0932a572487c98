package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gates on overlap figures set by hand, on each side of each threshold. */
class GateThresholdsTest {
    private static final double NONE = Double.NaN;

    private static List<Gate> gates(Sources sources, OverlapReport overlap) {
        PromptPool pool = Pools.table(
                new double[] {.4, .3, .2, .1}, new double[] {.05, .10, .60, .25}, new double[] {0, 1, 2, 3}, 1);
        Evaluation exact = Evaluator.evaluate(pool, 1, Influence.Extent.FIGURES);
        Gates gates = new Gates(pool, exact.estimates(), null, null, sources, overlap);
        // a table has no sources to check the normalisation of: only a log of both has
        return gates.all(exact.findings());
    }

    private static Gate gate(OverlapReport overlap, String id) {
        return gates(Sources.PRIOR_ONLY, overlap).stream()
                .filter(g -> g.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static final Unseen OPEN = new Unseen(RewardShape.OPEN, NONE, 0, 0);
    private static final Overlap PLENTY = new Overlap(1e4, -.5, 20_000, false, null, OPEN);

    /** As many records as make the threshold of k̂ what it is without its limit of .7: k̂ − excess. */
    private static OverlapReport asked(double ess, double khat, double excess) {
        int records = (int) Math.round(Math.pow(10, 1 / (1 - Math.min(khat - excess, .7))));
        return asked(new Overlap(ess, khat, records, false, null, OPEN));
    }

    private static OverlapReport asked(Overlap overlap) {
        return new OverlapReport(1e4, new Overlap[] {PLENTY}, new Overlap[] {overlap});
    }

    @ParameterizedTest
    @CsvSource({"30, PASS", "29.9, WARN", "10, WARN", "9.99, FAIL", "1e9, PASS"})
    void essOfTheAskedPosterior(double ess, Gate.Status status) {
        Gate gate = gate(asked(ess, .1, -.5), "ess");
        assertThat(gate.status()).isEqualTo(status);
        assertThat(gate.figure()).isEqualTo(ess);
        assertThat(gate.withdraws()).isEqualTo(status == Gate.Status.FAIL ? Withdrawals.ASKED : List.of());
    }

    @Test
    void essSaysHowManyTimesTheRecordsWouldDo() {
        assertThat(gate(asked(12.34, .1, -.5), "ess").reason())
                .isEqualTo(
                        "the thinnest prompt's weights of the posterior asked for (at 1/beta) amount to 12.3 equal records (at least 10 needed, 30 wanted);"
                                + " about 3 times the records would do");
        assertThat(gate(asked(1, .1, -.5), "ess").reason()).endsWith("about 30 times the records would do");
        assertThat(gate(asked(456, .1, -.5), "ess").reason()).isEqualTo("at least 456 effective records a prompt");
    }

    @ParameterizedTest
    @CsvSource({
        ".3, -.4, PASS, the weights' tails are light enough",
        ".7, 0, FAIL, about 2155 records a prompt would do", // 10^(1/.3)
        ".5, .01, FAIL, about 100 records a prompt would do",
        ".85, .2, FAIL, about 4641589 records a prompt would do",
        ".86, .2, FAIL, no practical number of records mends it",
        "1.2, .5, FAIL, no practical number of records mends it",
    })
    void khatOfTheAskedPosterior(double khat, double excess, Gate.Status status, String words) {
        Gate gate = gate(asked(100, khat, excess), "khat");
        assertThat(gate.status()).isEqualTo(status);
        assertThat(gate.figure()).isEqualTo(khat);
        assertThat(gate.reason()).contains(words);
        assertThat(gate.withdraws()).isEqualTo(status == Gate.Status.FAIL ? Withdrawals.ASKED : List.of());
    }

    @Test
    void withoutAStatedTargetNothingAskedIsGated() {
        OverlapReport none = new OverlapReport(1e4, new Overlap[] {PLENTY}, new Overlap[0]);
        assertThat(gates(Sources.PRIOR_ONLY, none))
                .extracting(Gate::id)
                .containsExactly("support", "ess", "khat", "unseen", "blind_spot", "no_update");
        assertThat(gate(none, "khat").figure()).isNaN();
        assertThat(gates(Sources.POLICY_ONLY, asked(100, .1, -.5)))
                .extracting(Gate::id)
                .containsExactly("support", "blind_spot", "no_update");
        assertThat(gates(Sources.EXACT, asked(100, .1, -.5)))
                .extracting(Gate::id)
                .containsExactly("support", "blind_spot", "no_update");
    }

    @ParameterizedTest
    @CsvSource({".2, PASS", ".21, WARN", "2, WARN", "2.01, FAIL"})
    void unseenMassOfTheAskedPosterior(double mass, Gate.Status status) {
        Unseen unseen = new Unseen(RewardShape.LEVELS, mass, 0, 0);
        OverlapReport overlap = asked(new Overlap(100, 3, 2_000, false, null, unseen));
        Gate gate = gate(overlap, "unseen");
        assertThat(gate.status()).isEqualTo(status);
        assertThat(gate.figure()).isEqualTo(mass);
        assertThat(gate.withdraws()).isEqualTo(status == Gate.Status.FAIL ? Withdrawals.ASKED : List.of());
        if (status != Gate.Status.PASS) { // a share is said once, and a bound beyond one as what it is
            assertThat(gate.reason())
                    .startsWith(mass < 1 ? "up to 21 % of " : "all of ")
                    .matches(reason -> reason.contains("(bound 2") == mass > 1);
        }
        // a few levels: the shape of the weights' tail says nothing, however heavy it looks
        assertThat(gate(overlap, "khat").status()).isEqualTo(Gate.Status.PASS);
        assertThat(gate(overlap, "khat").reason()).startsWith("levels");
        assertThat(gate(overlap, "posterior_exists").status()).isEqualTo(Gate.Status.PASS);
    }

    @ParameterizedTest
    @CsvSource({
        // shape of all draws' weights, share of the variance that is missed, shown by others than the prior, top,
        // status
        ".69, 1, 0, 0, PASS",
        ".70, 1, .9, 0, FAIL",
        ".70, .34, .9, 0, FAIL", // more than a third is missed
        ".70, .33, .9, 0, PASS",
        ".99, .33, .29, 0, FAIL", // the prior's draws alone
        ".99, .33, .31, 2, PASS",
        ".99, .33, .31, 2.1, FAIL", // a family of the largest reward may have twice the posterior's mass
        "1.19, .33, .31, 0, PASS", // within k's error of 1: 2.19/√121 = .199
        "1.21, .33, .31, 0, FAIL",
    })
    void theTailOfAllDrawsDecides(double shape, double missed, double beyond, double top, Gate.Status status) {
        DrawTail draws = new DrawTail(shape, 50_000, 121, missed, beyond);
        Unseen open = new Unseen(RewardShape.OPEN, NONE, top, top);
        Gate gate = gate(asked(new Overlap(100, 3, 2_000, false, draws, open)), "khat");
        assertThat(gate.status()).isEqualTo(status);
        assertThat(gate.figure()).isEqualTo(3); // of the records, as ever
        assertThat(gate.reason())
                .contains(
                        status == Gate.Status.PASS
                                ? "light enough over all draws"
                                : Gates.text("(Pareto k %.2f)", shape));
    }

    @ParameterizedTest
    @CsvSource({".99, 1, PASS", "1, 1, FAIL", "1.19, .3, PASS", "1.21, .3, FAIL"})
    void aPosteriorExistsAsFarAsAllDrawsShow(double shape, double missed, Gate.Status status) {
        DrawTail draws = new DrawTail(shape, 50_000, 121, missed, .5);
        Gate gate = gate(asked(new Overlap(100, 3, 2_000, false, draws, OPEN)), "posterior_exists");
        assertThat(gate.status()).isEqualTo(status);
    }

    @Test
    void weightsThatAreNearlyAlikeHaveNoTail() {
        OverlapReport even = asked(new Overlap(599, 1.3, 600, true, null, OPEN));
        assertThat(gate(even, "khat").status()).isEqualTo(Gate.Status.PASS);
        assertThat(gate(even, "posterior_exists").status()).isEqualTo(Gate.Status.PASS);
    }

    @ParameterizedTest
    @CsvSource({".999, PASS", "1, FAIL", "1.5, FAIL"})
    void aPosteriorExistsBelowOne(double khat, Gate.Status status) {
        Gate gate = gate(asked(100, khat, -.1), "posterior_exists");
        assertThat(gate.status()).isEqualTo(status);
        assertThat(gate.figure()).isEqualTo(khat);
        assertThat(gate.withdraws()).isEqualTo(status == Gate.Status.FAIL ? Withdrawals.ASKED : List.of());
    }

    private static Gate noUpdate(Evaluation evaluation, StandardErrors errors, double lower, double estimate) {
        Evaluation moved = new Evaluations()
                .set(Figure.KL_POLICY_PRIOR, lower, estimate, 1)
                .build();
        Gates gates =
                new Gates(evaluation.estimates().pool(), evaluation.estimates(), errors, null, Sources.EXACT, null);
        return gates.all(moved.findings()).get(2);
    }

    @Test
    void anUpdateThatCannotBeToldIsNone() {
        Evaluation any = new Evaluations().error(1).build();
        StandardErrors errors = java.util.Objects.requireNonNull(any.errors());
        assertThat(noUpdate(any, errors, 1e-12, 1e-9).status()).isEqualTo(Gate.Status.PASS);
        assertThat(noUpdate(any, errors, 1e-12, 9.9e-10).status()).isEqualTo(Gate.Status.FAIL);
        Gate gate = noUpdate(any, errors, 0, .5);
        assertThat(gate.id()).isEqualTo("no_update");
        assertThat(gate.status()).isEqualTo(Gate.Status.FAIL);
        assertThat(gate.figure()).isEqualTo(.5);
        assertThat(gate.withdraws()).containsExactly("bayes_fraction");
    }

    @Test
    void theBlindSpotIsThePosteriorsMassOnRecordsThatWereDropped() {
        // prior records of reward 1 that the policy gives a thousandth of; λ follows the reward, so they are wanted
        List<Logs.Row> rows = new java.util.ArrayList<>();
        for (int i = 0; i < 40; i++) {
            boolean dropped = i % 8 == 0;
            rows.add(new Logs.Row("q", 0, dropped ? 1 : i % 2, -3, dropped ? -10 : -2.9));
            rows.add(new Logs.Row("q", 1, i % 3 == 0 ? 0 : 1, -3.1, -2.8));
        }
        RolloutLog log = Logs.of(rows);
        StepAudit asked = Audit.of(log, Logs.options(.5));
        StepAudit free = Audit.of(log, Logs.options(null));
        Gate gate = asked.gates().stream()
                .filter(g -> g.id().equals("blind_spot"))
                .findFirst()
                .orElseThrow();
        double fitted = dropped(log, free.findings().get("copies.moment_match").estimate());
        double wanted = dropped(log, 2);
        assertThat(gate.status()).isEqualTo(Gate.Status.WARN);
        assertThat(gate.figure()).isCloseTo(Math.max(fitted, wanted), within(1e-12));
        assertThat(gate.reason()).startsWith(Gates.text("%.1f %% of the posterior lies", 100 * gate.figure()));
        Gate without = free.gates().stream()
                .filter(g -> g.id().equals("blind_spot"))
                .findFirst()
                .orElseThrow();
        assertThat(without.figure()).isCloseTo(fitted, within(1e-12)).isPositive();
        assertThat(Math.abs(fitted - wanted)).isGreaterThan(1e-3);
    }

    /** Σ w̄ at λ over prior records with v̄ < w̄/100. */
    private static double dropped(RolloutLog log, double lambda) {
        double[] sums = new double[2];
        new LogAtoms(log, log.prompts().get(0), 1, 0).forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                sums[0] += block.u[i] * Math.exp(lambda * block.reward[i]);
            }
        });
        new LogAtoms(log, log.prompts().get(0), 1, 0).forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                double w = block.u[i] * Math.exp(lambda * block.reward[i]) / sums[0];
                sums[1] += block.stratum[i] == RolloutLog.PRIOR && block.v[i] < w / 100 ? w : 0;
            }
        });
        return sums[1];
    }
}
