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
import dev.credence.torch.layers.Packing;
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

/** Sequences that share the rows of what they have in common, against each of them alone. */
class SharedBeginningsTest {
    static Stream<Architecture> architectures() {
        return RandomModels.all();
    }

    private static Continuation text(int[] prompt, int... tokens) {
        return new Continuation(prompt, tokens);
    }

    /** Two prompts, one the beginning of the other; equal texts; one that others go on from; one without a token. */
    private static List<Continuation> batch() {
        int[] one = {3, 1, 4};
        int[] longer = {3, 1, 4, 1};
        int[] other = {2, 6};
        return List.of(
                text(one, 5, 2, 0),
                text(one, 1, 5, 2, 6),
                text(other, 5, 3),
                text(longer, 5, 2, 6, 3),
                text(one, 5, 2, 0),
                text(one, 5),
                text(longer, 5, 2, 1),
                text(other, 5, 3, 5, 5, 0),
                text(other),
                text(longer, 0),
                text(other, 1, 1));
    }

    private static double[][] weights(List<Continuation> batch, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return batch.stream()
                .map(text -> random.doubles(text.tokens().length, -1, 1).toArray())
                .toArray(double[][]::new);
    }

    private static double[] gradient(TransformerPolicy policy) {
        return Native.make(() -> Native.toDoubles(policy.gradient().sum()));
    }

    private static Optimiser still() {
        return Optimiser.sgd(LearningRate.constant(0));
    }

    /** The sum of the gradients of steps of one text each, in which nothing can be shared. */
    private static double[] apart(TransformerPolicy policy, List<Continuation> batch, double[][] weights) {
        double[] sum = new double[0];
        for (int i = 0; i < batch.size(); i++) {
            int own = i;
            policy.step(List.of(batch.get(i)), logProbs -> new double[][] {weights[own]});
            double[] gradient = gradient(policy);
            double[] before = sum;
            sum = before.length == 0 ? gradient : add(before, gradient);
        }
        return sum;
    }

    private static double[] add(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void theGradientIsTheSumOfThoseOfEachTextAlone(Architecture architecture) {
        List<Continuation> batch = batch();
        double[][] weights = weights(batch, 5);
        for (int threads : new int[] {1, 3}) {
            try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, threads);
                    TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
                double[] apart = apart(policy, batch, weights);
                double[][] seen = policy.step(batch, logProbs -> weights).logProbs();
                assertThat(gradient(policy)).containsExactly(apart, within(1e-13 * norm(apart)));
                double[][] together = policy.logProbs(batch);
                for (int i = 0; i < seen.length; i++) {
                    double[] alone = policy.logProbs(List.of(batch.get(i)))[0];
                    assertThat(seen[i]).containsExactly(alone, within(1e-13));
                    assertThat(together[i]).as("scored").containsExactly(alone, within(1e-13));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void inSinglePrecisionItIsTheSameToRounding(Architecture architecture) {
        List<Continuation> batch = batch();
        double[][] weights = weights(batch, 6);
        double[] exact;
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 1);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
            exact = apart(policy, batch, weights);
        }
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT32, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
            policy.step(batch, logProbs -> weights);
            double[] first = gradient(policy);
            assertThat(first).containsExactly(exact, within(1e-6 * norm(exact)));
            policy.step(batch, logProbs -> weights);
            assertThat(gradient(policy)).as("the same bits again").containsExactly(first);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void objectivesOfWholeDistributionsAddUpTheSame(Architecture architecture) {
        List<Continuation> batch = batch();
        SplittableRandom random = new SplittableRandom(8);
        double[][][] weights = batch.stream()
                .map(text -> IntStream.range(0, text.tokens().length)
                        .mapToObj(t ->
                                random.doubles(RandomModels.VOCABULARY, -1, 1).toArray())
                        .toArray(double[][]::new))
                .toArray(double[][][]::new);
        try (Transformer base = RandomModels.of(architecture, 4, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
            double[] sum = new double[0];
            for (int i = 0; i < batch.size(); i++) {
                int own = i;
                policy.stepOnDistributions(
                        List.of(batch.get(i)),
                        (ignored, t, logProbs, into) -> System.arraycopy(weights[own][t], 0, into, 0, into.length));
                double[] gradient = gradient(policy);
                sum = sum.length == 0 ? gradient : add(sum, gradient);
            }
            policy.stepOnDistributions(
                    batch, (i, t, logProbs, into) -> System.arraycopy(weights[i][t], 0, into, 0, into.length));
            assertThat(gradient(policy)).containsExactly(sum, within(1e-13 * norm(sum)));
        }
    }

    @Test
    void eachBeginningHasItsRowsOnce() {
        List<Continuation> batch = batch();
        Packing.Order order = Packing.Order.of(batch);
        Packing packing = Packing.sharing(batch, order.order());
        long distinct = batch.stream()
                .flatMap(text -> IntStream.rangeClosed(1, Packing.rows(text))
                        .mapToObj(length -> Arrays.toString(Arrays.copyOf(text.whole(), length))))
                .distinct()
                .count();
        assertThat((long) packing.ids().length).isEqualTo(distinct).isEqualTo(16); // 9 that begin with 3, 7 with 2
        assertThat(Arrays.stream(order.fresh()).sum()).isEqualTo(16);
        assertThat(order.isWorthwhile(batch)).isTrue();
        List<Integer> owned = new ArrayList<>();
        packing.runs().forEach(run -> Arrays.stream(run.shared().ownRows()).forEach(owned::add));
        assertThat(owned).as("every row is one run's").doesNotHaveDuplicates().hasSize(16);
    }

    @Test
    void whatBeginsApartKeepsRowsOfItsOwn() {
        List<Continuation> batch = List.of(text(new int[] {1}, 2, 3, 4), text(new int[] {2}, 2, 3, 4));
        assertThat(Packing.Order.of(batch).isWorthwhile(batch)).isFalse();
        Packing packing = Packing.of(batch, new int[] {0, 1});
        assertThat(packing.runs()).hasSize(1);
        assertThat(packing.runs().get(0).isShared()).isFalse();
    }
}
