package dev.credence.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random batches of what may be shared, up to the whole context, against each text alone. */
class OddBatchesTest {
    private static final int CONTEXT = 12;

    static Stream<Architecture> architectures() {
        return RandomModels.all();
    }

    /** Texts over few tokens, so that many begin alike: prompts within each other, equal texts, none, one that fills the context. */
    private static List<Continuation> batch(SplittableRandom random) {
        int letters = 1 + random.nextInt(RandomModels.VOCABULARY);
        List<Continuation> batch = new ArrayList<>();
        int size = 1 + random.nextInt(30);
        while (batch.size() < size) {
            if (!batch.isEmpty() && random.nextInt(4) == 0) {
                Continuation other = batch.get(random.nextInt(batch.size()));
                int[] whole = other.whole();
                int cut = 1 + random.nextInt(whole.length); // the same tokens, otherwise divided
                int[] prompt = Arrays.copyOf(whole, Math.min(cut, CONTEXT));
                batch.add(new Continuation(prompt, Arrays.copyOfRange(whole, prompt.length, whole.length)));
                continue;
            }
            int length = 1 + random.nextInt(random.nextInt(3) == 0 ? CONTEXT : 3);
            int most = CONTEXT + 1 - length;
            int tokens = random.nextInt(5) == 0 ? most : random.nextInt(most + 1);
            batch.add(new Continuation(
                    random.ints(length, 0, letters).toArray(),
                    random.ints(tokens, 0, letters).toArray()));
        }
        return batch;
    }

    private static double[] gradient(TransformerPolicy policy) {
        return Native.make(() -> Native.toDoubles(policy.gradient().sum()));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void areTheSumOfEachTextAlone(Architecture architecture) {
        for (int threads : new int[] {1, 3}) {
            try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, threads);
                    TransformerPolicy policy =
                            TransformerPolicy.of(base, Trainable.all(), Optimiser.sgd(LearningRate.constant(0)))) {
                for (int seed = 0; seed < 4; seed++) {
                    holds(policy, batch(new SplittableRandom(seed)), seed);
                }
            }
        }
    }

    /** So many rows of so many logits that they are made a few at a time. */
    @Test
    void largeVocabulariesAreScoredAFewRowsAtATime() {
        Architecture small = RandomModels.grouped();
        int vocabulary = 60_000;
        Architecture large = new Architecture(
                vocabulary,
                small.context(),
                small.layers(),
                small.width(),
                small.attention(),
                small.feedForward(),
                small.norm(),
                small.rotary(),
                small.wiring());
        SplittableRandom random = new SplittableRandom(2);
        int[] prompt = {5, 59_999, 7, 8};
        List<Continuation> batch = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int[] tokens = random.ints(1 + i % 9, 0, vocabulary).toArray();
            batch.add(new Continuation(prompt, tokens));
            batch.add(new Continuation(prompt, tokens));
        }
        try (Transformer model = RandomModels.of(large, 3, Precision.FLOAT32, 1)) {
            double[][] together = model.logProbs(batch);
            for (int i = 0; i < batch.size(); i += 29) {
                double[] alone = model.logProbs(List.of(batch.get(i)))[0];
                assertThat(together[i]).as("text %s", i).containsExactly(alone, within(2e-5));
            }
        }
    }

    private static void holds(TransformerPolicy policy, List<Continuation> batch, int seed) {
        SplittableRandom random = new SplittableRandom(~seed);
        double[][] weights = batch.stream()
                .map(text -> random.doubles(text.tokens().length, -1, 1).toArray())
                .toArray(double[][]::new);
        double[] sum = new double[0];
        double[][] alone = new double[batch.size()][];
        for (int i = 0; i < alone.length; i++) {
            double[][] own = {weights[i]};
            alone[i] = policy.step(List.of(batch.get(i)), logProbs -> own).logProbs()[0];
            double[] gradient = gradient(policy);
            double[] before = sum;
            sum = before.length == 0
                    ? gradient
                    : IntStream.range(0, gradient.length)
                            .mapToDouble(k -> before[k] + gradient[k])
                            .toArray();
        }
        double[][] seen = policy.step(batch, logProbs -> weights).logProbs();
        double norm = Math.sqrt(Arrays.stream(sum).map(x -> x * x).sum());
        assertThat(gradient(policy)).as("gradient, seed %s", seed).containsExactly(sum, within(1e-12 * (1 + norm)));
        double[][] scored = policy.logProbs(batch);
        double[][] base = policy.transformer().logProbs(batch);
        for (int i = 0; i < alone.length; i++) {
            assertThat(seen[i]).as("step, seed %s, text %s", seed, i).containsExactly(alone[i], within(1e-12));
            assertThat(scored[i]).as("scored, seed %s, text %s", seed, i).containsExactly(alone[i], within(1e-12));
            assertThat(base[i]).as("base, seed %s, text %s", seed, i).containsExactly(alone[i], within(1e-12));
        }
    }
}
