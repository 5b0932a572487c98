package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Steps held against each other by the texts that they share: faults of one step that its own records do not show. */
class StepTextsTest {
    private static final int TEXTS = 40;
    private static final List<String> NAMES =
            IntStream.range(0, TEXTS).mapToObj(Integer::toString).toList();

    private static double reward(int text) {
        return (text % 5) * 0.5;
    }

    /** Records of a step whose policy has seen so many copies, each changed. */
    private static List<Logs.Row> rows(double copies, long seed, UnaryOperator<Logs.Row> change) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 2; c++) {
            double[] prior = new double[TEXTS];
            double[] policy = new double[TEXTS];
            for (int i = 0; i < TEXTS; i++) {
                prior[i] = Math.log(1.0 + (i * 7 + c) % 11);
                policy[i] = prior[i] + copies * reward(i);
            }
            Distribution both = Distribution.ofLogWeights(NAMES, prior);
            Distribution tilted = Distribution.ofLogWeights(NAMES, policy);
            for (int source = 0; source < 2; source++) {
                for (int k = 0; k < 60; k++) {
                    int i = (source == RolloutLog.PRIOR ? both : tilted).sample(random);
                    rows.add(change.apply(new Logs.Row(
                            "p" + c,
                            source,
                            reward(i),
                            both.logProbability(i),
                            tilted.logProbability(i),
                            -1,
                            false,
                            i)));
                }
            }
        }
        return rows;
    }

    private static List<Logs.Row> rows(double copies, long seed) {
        return rows(copies, seed, row -> row);
    }

    private static UnaryOperator<Logs.Row> scored(DoubleUnaryOperator prior, DoubleUnaryOperator reward) {
        return row -> new Logs.Row(
                row.prompt(),
                row.source(),
                reward.applyAsDouble(row.reward()),
                prior.applyAsDouble(row.logPrior()),
                row.logPolicy(),
                -1,
                false,
                row.text());
    }

    @SafeVarargs
    private static List<Gate> gates(List<Logs.Row>... steps) {
        List<StepAudit> audits = new ArrayList<>();
        List<StepTexts> texts = new ArrayList<>();
        for (List<Logs.Row> rows : steps) {
            RolloutLog log = Logs.of(rows);
            audits.add(Audit.of(log, Logs.options(null)).withStep(10L * audits.size()));
            texts.add(StepTexts.of(StepTexts.of(withoutTokens(log), "reward").toBytes()));
        }
        return StepTexts.compared(audits, texts).stream()
                .map(step -> step.gates().get(step.gates().size() - 1))
                .toList();
    }

    /** The helper's numbers of tokens follow from scores, which faults change. */
    private static RolloutLog withoutTokens(RolloutLog log) {
        RolloutLog.Columns c = log.columns();
        RolloutLog.Columns others =
                new RolloutLog.Columns(c.rewards(), c.logPrior(), c.logPolicy(), c.source(), null, null, null);
        return new RolloutLog(log.rewardNames(), log.sources(), log.prompts(), others.withText(c.text()));
    }

    @Test
    void policiesThatMovePass() {
        assertThat(gates(rows(0, 1), rows(0, 2), rows(0.5, 3), rows(1, 4))).allSatisfy(gate -> {
            assertThat(gate.id()).isEqualTo("steps");
            assertThat(gate.status()).isEqualTo(Status.PASS);
        });
    }

    @Test
    void scoresOfAnotherStepAreSeen() {
        List<Gate> gates = gates(rows(0.2, 1), rows(0.5, 2), rows(0.8, 3), rows(0.2, 1));
        assertThat(gates).extracting(Gate::status).containsExactly(Status.PASS, Status.PASS, Status.PASS, Status.WARN);
        assertThat(gates.get(3).reason())
                .contains("compared with step 0 have the very same log-probabilities under the policy");
        assertThat(gates(rows(0.2, 1), rows(0.2, 2)).get(1).status()).isEqualTo(Status.WARN);
    }

    @Test
    void anotherPriorIsSeen() {
        List<Gate> gates = gates(rows(0.2, 1), rows(0.5, 2, scored(x -> 0.8 * x, r -> r)), rows(0.8, 3));
        assertThat(gates).extracting(Gate::status).containsExactly(Status.PASS, Status.WARN, Status.WARN);
        assertThat(gates.get(1).reason())
                .contains("under the prior")
                .contains("step 0")
                .contains("the prior changed");
    }

    @Test
    void rewardsThatWentToOtherTextsAreSeen() {
        SplittableRandom random = new SplittableRandom(9);
        List<Gate> gates =
                gates(rows(0.2, 1), rows(0.5, 2, scored(x -> x, r -> random.nextInt(5) * 0.5)), rows(0.8, 3));
        assertThat(gates).extracting(Gate::status).containsExactly(Status.PASS, Status.WARN, Status.WARN);
        assertThat(gates.get(1).reason()).contains("have another reward there");
    }

    /** Scores of two engines, and rewards of one model in two precisions, are not another's. */
    @Test
    void roundingPasses() {
        SplittableRandom random = new SplittableRandom(9);
        assertThat(gates(
                        rows(0.2, 1),
                        rows(
                                0.5,
                                2,
                                scored(
                                        x -> Math.min(0, x + 0.02 * random.nextGaussian()),
                                        r -> r + 0.01 * random.nextGaussian()))))
                .allMatch(gate -> gate.status() == Status.PASS);
    }

    @Test
    void oneStepAloneHasNothingToBeHeldAgainst() {
        StepAudit audit = Audit.of(Logs.of(rows(0.5, 1)), Logs.options(null));
        assertThat(StepTexts.compared(List.of(audit), List.of(StepTexts.of(Logs.of(rows(0.5, 1)), "reward"))))
                .containsExactly(audit);
    }
}
