package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Sampling;
import dev.credence.core.probability.LogMath;
import dev.credence.torch.Backend;
import dev.credence.torch.RandomWeights;
import dev.credence.torch.Transformer;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmallTextsTest {
    @Test
    void everyTextHasItsPlaceAndAllTheMass() {
        SmallTexts texts = new SmallTexts(3, 3);
        List<int[]> all = texts.all();
        assertThat(all).hasSize(1 + 3 + 9 + 27);
        for (int i = 0; i < all.size(); i++) {
            assertThat(texts.index(all.get(i))).isEqualTo(i);
        }
        SmallTransformer.Size size = new SmallTransformer.Size(4, 6, 1, 8, 2);
        try (Transformer model = RandomWeights.model(size.architecture(), 3, Set.of(0), Backend.shared())) {
            int[] prompt = {0, 2};
            double[] logs = texts.logProbs(model, prompt);
            assertThat(LogMath.logSumExp(logs)).isCloseTo(0, within(1e-5));
            model.sample(prompt, 20, Sampling.upTo(3), new SplittableRandom(1)).forEach(sample -> {
                double sum = 0;
                for (double log : sample.logProbs()) {
                    sum += log;
                }
                assertThat(logs[texts.index(sample)]).isCloseTo(sum, within(1e-4));
            });
        }
        assertThat(SmallTexts.count(1000, 10)).isEqualTo(-1);
    }
}
