package dev.credence.methods.rewardmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RewardModelTest {
    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static Judgement.Pair pair(String chosen, String rejected, double weight) {
        return new Judgement.Pair("q", chosen, rejected, weight);
    }

    /** Every pair of texts as often as it should be: the scores behind it are the only ones that fit. */
    private static List<Judgement.Pair> everyPair(double[] scores, double[] weights) {
        List<Judgement.Pair> all = new ArrayList<>();
        for (int a = 0; a < scores.length; a++) {
            for (int b = 0; b < scores.length; b++) {
                if (a != b) {
                    all.add(pair("t" + a, "t" + b, weights[a] * weights[b] * sigmoid(scores[a] - scores[b])));
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1, 5, 12})
    void theScoresBehindPreferencesAreRecovered(double scale) {
        double[] scores = {-1 * scale, 0.2 * scale, 0.3 * scale, 0.5 * scale};
        RewardModel model = RewardModel.ofPairs(everyPair(scores, new double[] {.001, .5, .3, .199}), 0);
        for (int i = 0; i < scores.length; i++) {
            assertThat(model.reward("q", "t" + i)).as("score %d", i).isCloseTo(scores[i], within(1e-9));
        }
    }

    /** Two texts, of which one wins w times and loses v: with half a win and half a loss each against 0, s_a = −s_b. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void aTextThatAlwaysWonHasAFiniteScore(int wins) {
        double strength = 0.7;
        RewardModel model = RewardModel.ofPairs(List.of(pair("a", "b", wins)), strength);
        double s = model.reward("q", "a");
        assertThat(model.reward("q", "b")).isCloseTo(-s, within(1e-9));
        assertThat(wins * sigmoid(-2 * s) + strength * (0.5 - sigmoid(s)))
                .as("the derivative of wins·log σ(2s) + strength·½(log σ(s) + log σ(−s)) by a's score")
                .isCloseTo(0, within(1e-9));
        assertThat(s).isPositive().isLessThan(40);
    }

    @Test
    void promptsAreFittedApart() {
        RewardModel model = RewardModel.ofPairs(
                List.of(
                        new Judgement.Pair("p", "a", "b", 3),
                        new Judgement.Pair("p", "b", "a", 1),
                        new Judgement.Pair("q", "a", "b", 1),
                        new Judgement.Pair("q", "b", "a", 3)),
                0);
        assertThat(model.reward("p", "a") - model.reward("p", "b")).isCloseTo(Math.log(3), within(1e-9));
        assertThat(model.reward("q", "a") - model.reward("q", "b")).isCloseTo(-Math.log(3), within(1e-9));
        assertThat(model.reward("p", "unjudged")).isZero();
        assertThat(model.prompts()).containsExactly("p", "q");
        assertThat(model.scores("q")).containsOnlyKeys("a", "b");
        assertThat(model.scores("r")).isEmpty();
    }

    @Test
    void withoutPseudoJudgementsAnEndlessScoreIsRefused() {
        assertThatThrownBy(() -> RewardModel.ofPairs(List.of(pair("a", "b", 2)), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no finite maximum");
        assertThatThrownBy(() -> RewardModel.ofPairs(
                        List.of(pair("a", "b", 1), pair("b", "a", 1), pair("c", "d", 1), pair("d", "c", 1)), 0))
                .hasMessageContaining("never compared");
        assertThatThrownBy(() -> RewardModel.ofApprovals(List.of(new Judgement.Approval("q", "a", true, 1)), 0))
                .hasMessageContaining("always or never approved");
        assertThatThrownBy(() -> RewardModel.ofPairs(List.of(), -1))
                .hasMessageContaining("strength is -1.0; it must be a finite number, at least 0");
    }

    @Test
    void approvalsAreLogitsDrawnToThePromptsRate() {
        RewardModel model = RewardModel.ofApprovals(
                List.of(
                        new Judgement.Approval("q", "a", true, 3),
                        new Judgement.Approval("q", "a", false, 1),
                        new Judgement.Approval("q", "b", false, 5)),
                2);
        double rate = 3.5 / 10;
        assertThat(model.reward("q", "a")).isCloseTo(Math.log((3 + 2 * rate) / (1 + 2 * (1 - rate))), within(1e-12));
        assertThat(model.reward("q", "b")).isCloseTo(Math.log(2 * rate / (5 + 2 * (1 - rate))), within(1e-12));
        assertThat(model.reward("q", "unjudged")).isCloseTo(Math.log(rate / (1 - rate)), within(1e-12));
    }

    @Test
    void statedLogProbabilitiesAreMeansDrawnToThePrompts() {
        RewardModel model = RewardModel.ofProbabilities(
                List.of(
                        new Judgement.Stated("q", "a", -1, 1),
                        new Judgement.Stated("q", "a", -2, 1),
                        new Judgement.Stated("q", "b", -6, 1)),
                1);
        assertThat(model.reward("q", "a")).isCloseTo((-3 - 3) / 3.0, within(1e-12));
        assertThat(model.reward("q", "b")).isCloseTo((-6 - 3) / 2.0, within(1e-12));
        assertThat(model.reward("q", "unjudged")).isEqualTo(-3);
    }

    @Test
    void heldOutJudgementsAreCounted() {
        HeldOutScores pairs = RewardModel.onPairs(
                (prompt, text) -> text.equals("a") ? Math.log(4) : 0, List.of(pair("a", "b", 3), pair("b", "a", 1)));
        assertThat(pairs.accuracy()).isEqualTo(.75);
        assertThat(pairs.logLoss()).isCloseTo(-(.75 * Math.log(.8) + .25 * Math.log(.2)), within(1e-12));
        assertThat(pairs.calibrationError()).isCloseTo(.05, within(1e-12));
        HeldOutScores tie = RewardModel.onPairs((prompt, text) -> 0, List.of(pair("a", "b", 1)));
        assertThat(tie.accuracy()).isEqualTo(.5);
        assertThat(tie.calibrationError()).isZero();
        HeldOutScores approvals = RewardModel.onApprovals(
                (prompt, text) -> text.equals("a") ? Math.log(9) : -Math.log(9),
                List.of(
                        new Judgement.Approval("q", "a", true, 1),
                        new Judgement.Approval("q", "b", true, 1),
                        new Judgement.Approval("q", "b", false, 2)));
        assertThat(approvals.accuracy()).isEqualTo(.75);
        assertThat(approvals.calibrationError()).isCloseTo(.25 * (1 - .9) + .75 * (1 / 3.0 - .1), within(1e-12));
        assertThatThrownBy(() -> RewardModel.onPairs((prompt, text) -> 0, List.of()))
                .hasMessageContaining("at least one is needed");
    }

    @Test
    void judgementsAreChecked() {
        assertThatThrownBy(() -> pair("a", "b", 0)).hasMessage("weight is 0.0; it must be positive and finite");
        assertThatThrownBy(() -> new Judgement.Stated("q", "a", 0.1, 1)).hasMessageContaining("logProbability is 0.1");
        assertThatThrownBy(() -> new Judgement.Stated("q", "a", Double.NaN, 1)).hasMessageContaining("at most 0");
        assertThat(new Judgement.Stated("q", "a", 0, 1).weight()).isEqualTo(1);
        assertThat(new Judgement.Approval("q", "a", true, 2).prompt()).isEqualTo("q");
    }
}
