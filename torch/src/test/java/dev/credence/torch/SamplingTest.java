package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same draws from the same seed, however they are computed; that they are as often as they should be is the contract of models. */
class SamplingTest {
    private static final int[] PROMPT = {0, 3, 5};

    static Stream<Architecture> architectures() {
        return RandomModels.all();
    }

    /** A prompt that several have is read once: every kind of block must then give what it gives to each alone. */
    @ParameterizedTest
    @MethodSource("architectures")
    void sharingAPromptDoesNotChangeTheScores(Architecture architecture) {
        sharedAndAlone(architecture, 2); // a thread for each prompt that is shared
        sharedAndAlone(architecture, 3); // and more threads than such prompts
    }

    private static void sharedAndAlone(Architecture architecture, int threads) {
        try (Transformer model = RandomModels.of(architecture, 6, Precision.FLOAT64, threads)) {
            SplittableRandom random = new SplittableRandom(8);
            List<int[]> prompts = List.of(new int[] {2}, PROMPT, new int[] {6, 1}, new int[4]);
            List<Continuation> mixed = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int[] prompt = prompts.get(i % prompts.size());
                prompt = prompt.length == 4 ? new int[] {1, 4, i % 7, 6} : prompt; // rarely the same
                int[] tokens = random.ints(random.nextInt(9), 0, RandomModels.VOCABULARY)
                        .toArray();
                mixed.add(new Continuation(prompt, tokens));
            }
            double[][] together = model.logProbs(mixed);
            for (int i = 0; i < mixed.size(); i++) {
                assertThat(together[i])
                        .hasSize(mixed.get(i).tokens().length)
                        .containsExactly(model.logProbs(List.of(mixed.get(i)))[0], within(1e-12));
            }
        }
    }

    @Test
    void theSeedGivesTheSameDrawsWhateverTheirNumberAndTheThreads() {
        List<List<Sample>> runs = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (Transformer model = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT32, threads)) {
                runs.add(model.sample(PROMPT, 50 * threads * threads, Sampling.upTo(8), new SplittableRandom(5)));
            }
        }
        for (int i = 0; i < 50; i++) {
            for (List<Sample> run : runs) {
                assertThat(run.get(i).tokens()).isEqualTo(runs.get(0).get(i).tokens());
                assertThat(run.get(i).logProbs())
                        .containsExactly(runs.get(0).get(i).logProbs(), within(1e-5));
            }
        }
    }

    /** Prompts of several lengths share rows of one cache; what is drawn of each must be what is drawn of it alone. */
    @ParameterizedTest
    @MethodSource("architectures")
    void promptsSideBySideGiveTheDrawsOfOneAfterTheOther(Architecture architecture) {
        List<int[]> prompts = List.of(PROMPT, new int[] {2}, new int[] {1, 4, 6, 6, 2}, PROMPT, new int[] {5, 1});
        for (Precision precision : List.of(Precision.FLOAT32, Precision.FLOAT64)) {
            double error = precision == Precision.FLOAT32 ? 1e-5 : 1e-12;
            for (int threads = 1; threads <= 3; threads++) {
                try (Transformer model = RandomModels.of(architecture, 7, precision, threads)) {
                    for (int n : new int[] {0, 1, 30}) {
                        SplittableRandom random = new SplittableRandom(n);
                        List<List<Sample>> together =
                                model.sample(prompts, n, Sampling.upTo(7), new SplittableRandom(n));
                        assertThat(together).hasSize(prompts.size());
                        for (int c = 0; c < prompts.size(); c++) {
                            same(together.get(c), model.sample(prompts.get(c), n, Sampling.upTo(7), random), error);
                        }
                    }
                }
            }
        }
    }

    private static void same(List<Sample> found, List<Sample> expected, double error) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).tokens()).isEqualTo(expected.get(i).tokens());
            assertThat(found.get(i).finished()).isEqualTo(expected.get(i).finished());
            assertThat(found.get(i).logProbs()).containsExactly(expected.get(i).logProbs(), within(error));
        }
    }

    @Test
    void noPromptsGiveNoDraws() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT32, 2)) {
            assertThat(model.sample(List.of(), 4, Sampling.upTo(3), new SplittableRandom(1)))
                    .isEmpty();
            assertThatThrownBy(() ->
                            model.sample(List.of(PROMPT, new int[8]), 1, Sampling.upTo(6), new SplittableRandom(1)))
                    .isInstanceOf(ContextWindowException.class)
                    .hasMessageStartingWith("the text has 14 tokens; the model's context window is 12");
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Transformer model = RandomModels.of(RandomModels.learned(), 5, Precision.FLOAT32, 1)) {
            assertThatThrownBy(() -> model.sample(new int[8], 1, Sampling.upTo(6), new SplittableRandom(1)))
                    .isInstanceOf(ContextWindowException.class)
                    .hasMessageStartingWith("the text has 14 tokens; the model's context window is 12");
            assertThat(model.sample(new int[8], 1, Sampling.upTo(5), new SplittableRandom(1)))
                    .hasSize(1);
            assertThatThrownBy(() -> model.nextLogProbs(List.of(new int[13])))
                    .isInstanceOf(ContextWindowException.class);
            assertThatThrownBy(() -> model.logProbs(List.of(new Continuation(new int[5], new int[9]))))
                    .isInstanceOf(ContextWindowException.class);
            assertThatThrownBy(() -> model.sample(new int[0], 1, Sampling.upTo(1), new SplittableRandom(1)))
                    .hasMessageStartingWith("prompt is empty");
        }
    }
}
