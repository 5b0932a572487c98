package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.torch.architecture.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the measurements of speed are made of: the products of a forward pass, and models of random weights. */
class MatrixProductsTest {
    @Test
    void countsTwoOperationsForEachWeightAndToken() {
        // two blocks of (16, 48), (16, 16), (16, 32), (32, 16), and a head of (16, 7); no embedding, norm or bias
        double learned = 2 * (16 * 48 + 16 * 16 + 16 * 32 + 32 * 16) + 16 * 7;
        // two key-value heads of width 8, two halves of width 20 in
        double grouped = 2 * (16 * 64 + 32 * 16 + 16 * 40 + 20 * 16) + 16 * 7;
        try (MatrixProducts one = new MatrixProducts(RandomModels.learned(), Backend.shared(), 5, 3);
                MatrixProducts other = new MatrixProducts(RandomModels.grouped(), Backend.shared(), 2, 4)) {
            assertThat(one.operations()).isEqualTo(2 * 15 * learned);
            assertThat(other.operations()).isEqualTo(2 * 8 * grouped);
            one.run();
            other.run();
        }
    }

    @Test
    void randomWeightsMakeANormalisedModelThatItsSeedDecides() {
        for (Architecture architecture :
                List.of(RandomModels.learned(), RandomModels.parallel(), RandomModels.grouped())) {
            try (Transformer model = RandomWeights.model(architecture, 1, Set.of(0), Backend.shared());
                    Transformer same = RandomWeights.model(architecture, 1, Set.of(0), Backend.shared());
                    Transformer other = RandomWeights.model(architecture, 2, Set.of(0), Backend.shared())) {
                double[] next = model.nextLogProbs(List.of(new int[] {1, 2}))[0];
                assertThat(Arrays.stream(next).map(Math::exp).sum()).isCloseTo(1, within(1e-6));
                List<Continuation> text = List.of(new Continuation(new int[] {1}, new int[] {2, 3, 4}));
                assertThat(same.logProbs(text)).isDeepEqualTo(model.logProbs(text));
                assertThat(other.logProbs(text)[0]).isNotEqualTo(model.logProbs(text)[0]);
            }
        }
    }
}
