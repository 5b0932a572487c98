package dev.credence.methods.rewardmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The losses of judgements by their formulas, and their descent by differences. */
class JudgementLossTest {
    private static final JudgementLoss LOSS = JudgementLoss.of(List.of(
            new Judgement.Pair("q", "a", "b", 1),
            new Judgement.Approval("q", "c", true, 2),
            new Judgement.Approval("q", "d", false, 1),
            new Judgement.Stated("q", "e", Math.log(0.8), 4)));
    private static final double[] SCORES = {1, -0.5, 0.3, 2, -1};

    @Test
    void isTheFormulasMeanByWeight() {
        assertThat(LOSS.texts()).extracting(JudgementLoss.Judged::text).containsExactly("a", "b", "c", "d", "e");
        double pair = Math.log1p(Math.exp(-1.5));
        double approved = Math.log1p(Math.exp(-0.3));
        double refused = Math.log1p(Math.exp(2));
        double stated = 0.5 * Math.pow(Math.log(4) + 1, 2);
        assertThat(LOSS.loss(SCORES)).isCloseTo((pair + 2 * approved + refused + 4 * stated) / 8, within(1e-12));
    }

    @Test
    void descentIsTheLossesNegativeDerivative() {
        double[] descent = LOSS.descent(SCORES);
        for (int i = 0; i < SCORES.length; i++) {
            double[] up = SCORES.clone();
            double[] down = SCORES.clone();
            up[i] += 1e-5;
            down[i] -= 1e-5;
            double slope = (LOSS.loss(up) - LOSS.loss(down)) / 2e-5;
            assertThat(descent[i]).as("text %d", i).isCloseTo(-slope, within(1e-9));
        }
    }

    @Test
    void aTextIsScoredOnceHoweverOftenItIsJudged() {
        JudgementLoss twice =
                JudgementLoss.of(List.of(new Judgement.Pair("q", "a", "b", 1), new Judgement.Pair("q", "b", "a", 3)));
        assertThat(twice.texts()).hasSize(2);
        double s = Math.log(1.0 / 3); // where the loss is least
        assertThat(twice.descent(new double[] {s, 0})).containsExactly(new double[] {0, 0}, within(1e-12));
        JudgementLoss logs = JudgementLoss.onLogProbabilities(List.of(new Judgement.Stated("q", "a", 0, 1)), -1);
        assertThat(logs.loss(new double[] {-1})).isEqualTo(2);
    }

    @Test
    void aProbabilityOfOneHasNoLogit() {
        assertThatThrownBy(() -> JudgementLoss.of(List.of(new Judgement.Stated("q", "e", 0, 1))))
                .hasMessageContaining("a probability of 1 has not");
        assertThatThrownBy(() -> JudgementLoss.of(List.of())).hasMessageContaining("a loss needs one");
    }

    @Test
    void intervalsOfHeldOutFiguresHaveAWidthWhereAllIsForetold() {
        HeldOutScores one = RewardModel.onPairs(
                (prompt, text) -> text.equals("a") ? 3 : 0, List.of(new Judgement.Pair("q", "a", "b", 1)));
        assertThat(one.accuracyInterval()[0]).isLessThan(0.3); // Wilson's score of one in one
        assertThat(one.accuracyInterval()[2]).isEqualTo(1);
        assertThat(one.logLossInterval()).contains(0, Double.POSITIVE_INFINITY);
        assertThat(one.reliability()).hasSize(2);
        assertThat(one.calibrationInterval()[0]).isZero();
    }

    @Test
    void aStatedProbabilityIsThatShareOfAnApproval() {
        HeldOutScores stated = RewardModel.onProbabilities(
                (prompt, text) -> Math.log(3), List.of(new Judgement.Stated("q", "e", Math.log(0.75), 1)));
        assertThat(stated.accuracy()).isCloseTo(0.75, within(1e-12));
        assertThat(stated.calibrationError()).isCloseTo(0, within(1e-12));
        assertThat(stated.logLoss()).isCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), within(1e-12));
    }
}
