package dev.credence.torch.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScoringTest {
    /** One long text among short ones, each behind a prompt of its own that is longer than what follows. */
    private static List<Continuation> ragged(int context) {
        SplittableRandom random = new SplittableRandom(3);
        List<Continuation> texts = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int length = i % 8 == 0 ? context - 1 : 1 + i % 3;
            int[] prompt = random.ints(length, 0, RandomModels.VOCABULARY).toArray();
            int[] tokens = random.ints(1, 0, RandomModels.VOCABULARY).toArray();
            texts.add(new Continuation(prompt, tokens));
        }
        texts.add(new Continuation(new int[] {1, 2, 3, 4}, new int[0]));
        return texts;
    }

    static List<Architecture> architectures() {
        return RandomModels.all().toList();
    }

    /** Rows of different lengths stand behind one another, not beside each other to the longest one's end. */
    @ParameterizedTest
    @MethodSource("architectures")
    void raggedTextsAreScoredAsEachAlone(Architecture architecture) {
        try (Transformer model = RandomModels.of(architecture, 5, Precision.FLOAT64, 2)) {
            List<Continuation> texts = ragged(architecture.context());
            double[][] together = model.logProbs(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(together[i]).containsExactly(model.logProbs(List.of(texts.get(i)))[0], within(1e-12));
            }
        }
    }

    @Test
    void whatIsMostlyPaddingIsRagged() {
        List<int[]> even = List.of(new int[10], new int[9], new int[10], new int[9]);
        List<int[]> uneven = List.of(new int[10], new int[2], new int[2], new int[9]);
        List<int[]> one = List.of(new int[] {0, 1, 2, 3});
        List<int[]> apart = List.of(new int[] {0, 3}, new int[] {1, 2});
        assertThat(Scoring.isRagged(even, one)).isFalse();
        assertThat(Scoring.isRagged(uneven, one)).isTrue();
        assertThat(Scoring.isRagged(uneven, apart)).isFalse();
        assertThat(Scoring.isRagged(List.of(), List.of())).isFalse();
    }
}
