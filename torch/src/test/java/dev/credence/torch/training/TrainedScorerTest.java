package dev.credence.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.StepReport;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.WeightNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A head of one number: its scores, and that a step goes along the gradient of whatever is asked of them. */
class TrainedScorerTest {
    private static final double RATE = 1e-6;
    private static final double[] ASKED = {0.7, -1.3, 0.4};
    private static final List<int[]> TEXTS = List.of(new int[] {1, 2, 3, 4}, new int[] {5}, new int[] {6, 6, 2});

    static List<Architecture> kinds() {
        return RandomModels.all().map(Architecture::scoring).toList();
    }

    private static double asked(double[] scores) {
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            sum += ASKED[i] * scores[i];
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSmallStepRaisesWhatIsAskedByTheSquaredGradient(Architecture architecture) {
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 2);
                TrainedScorer scorer = TrainedScorer.of(base, unclipped(RATE))) {
            double before = asked(base.scores(TEXTS));
            assertThat(Math.abs(before)).isGreaterThan(1e-3);
            StepReport report = scorer.step(TEXTS, scores -> {
                assertThat(asked(scores)).isCloseTo(before, within(1e-9));
                return ASKED.clone();
            });
            double after = asked(scorer.transformer().scores(TEXTS));
            double square = report.gradientNorm() * report.gradientNorm();
            assertThat((after - before) / RATE).isCloseTo(square, within(1e-3 * square));
        }
    }

    @Test
    void anAdapterAndTheHeadAreTrainedTogether() {
        Architecture architecture = RandomModels.learned().scoring();
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 2);
                TrainedScorer scorer =
                        TrainedScorer.lora(base, LoraSettings.ofRank(2), unclipped(RATE), new SplittableRandom(1))) {
            int head = architecture.width();
            assertThat(scorer.trainedParameters()).isGreaterThan(head);
            double before = asked(base.scores(TEXTS));
            StepReport report = scorer.step(TEXTS, scores -> ASKED.clone());
            double square = report.gradientNorm() * report.gradientNorm();
            double gained = asked(scorer.transformer().scores(TEXTS)) - before;
            assertThat(gained / RATE).isCloseTo(square, within(1e-3 * square));
            assertThat(asked(base.scores(TEXTS))).isEqualTo(before); // the base is not touched
        }
    }

    @Test
    void aBatchTooLargeToKeepGivesTheSameStep() {
        Architecture architecture = RandomModels.learned().scoring();
        List<int[]> many = new ArrayList<>();
        for (int i = 0; i < 3000; i++) { // above what is kept, at eleven tokens each
            many.add(new int[] {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 1 + i % 6});
        }
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 2);
                TrainedScorer once = TrainedScorer.of(base, unclipped(0.1));
                TrainedScorer kept = TrainedScorer.of(base, unclipped(0.1))) {
            double norm = once.step(many, scores -> shares(scores.length)).gradientNorm();
            double six = kept.step(many.subList(0, 6), scores -> shares(6)).gradientNorm();
            assertThat(norm).isCloseTo(six, within(1e-9 * six));
        }
    }

    private static double[] shares(int count) {
        double[] shares = new double[count];
        Arrays.fill(shares, 1.0 / count);
        return shares;
    }

    @Test
    void aNewHeadScoresZeroAndForetellsNothing() {
        try (Transformer language = RandomModels.of(RandomModels.grouped(), 3, Precision.FLOAT32, 2);
                Transformer scoring = language.scoring(
                        (role, layer) -> new WeightNames.Place(List.of(role + "." + layer), WeightNames.Order.ROWS))) {
            assertThat(scoring.scores(TEXTS)).containsOnly(0);
            assertThatThrownBy(() -> scoring.nextLogProbs(TEXTS))
                    .hasMessage("the model's head gives one number a text; it foretells no token");
            assertThatThrownBy(() -> scoring.logProbs(List.of(new Continuation(new int[] {1}, new int[] {2}))))
                    .hasMessageContaining("foretells no token");
            assertThatThrownBy(() -> language.scores(TEXTS)).hasMessageContaining("a logit a token");
            assertThatThrownBy(() -> TrainedScorer.of(language, unclipped(1)))
                    .hasMessageContaining("a scorer's gives one number");
        }
    }

    private static Optimiser unclipped(double rate) {
        return Optimiser.sgd(LearningRate.constant(rate));
    }
}
