package dev.credence.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.Backend;
import dev.credence.torch.RandomWeights;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StoredDrawsTest {
    private static final Sampling THREE = Sampling.upTo(3);

    private static Transformer model() {
        Architecture small = new Architecture(
                5,
                8,
                1,
                8,
                new Architecture.Attention(2, 2, 4, true, true, false),
                new Architecture.FeedForward(8, Architecture.Activation.GELU_TANH, false, true),
                new Architecture.Norm(true, 1e-5),
                null,
                new Architecture.Wiring(false, true));
        return RandomWeights.model(small, 1, Set.of(0), Backend.shared());
    }

    @Test
    void theReferenceGivesItsDrawsInOrderAndFromTheFirstAgain() {
        List<int[]> prompts = List.of(new int[] {1}, new int[] {2, 3});
        try (Transformer base = model();
                TransformerPolicy policy =
                        TransformerPolicy.of(base, Trainable.all(), Optimiser.adamW(LearningRate.constant(0.1)))) {
            List<List<Sample>> drawn = base.sample(prompts, 5, THREE, new SplittableRandom(4));
            StoredDraws stored = new StoredDraws(policy, prompts, 5, THREE, new SplittableRandom(4));
            SplittableRandom other = new SplittableRandom(9);
            for (int from : new int[] {0, 2, 0}) { // the fifth alone is too few
                List<List<Sample>> given = stored.reference().sample(prompts, 2, THREE, other);
                for (int c = 0; c < 2; c++) {
                    for (int i = 0; i < 2; i++) {
                        Sample expected = drawn.get(c).get(from + i);
                        assertThat(given.get(c).get(i).tokens()).containsExactly(expected.tokens());
                        assertThat(given.get(c).get(i).logProbs()).containsExactly(expected.logProbs());
                    }
                }
            }
        }
    }
}
