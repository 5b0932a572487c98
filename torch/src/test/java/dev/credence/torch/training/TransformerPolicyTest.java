package dev.credence.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Objective;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StateValues;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.tensors.Native;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The transformer's derivative, written out by hand, against differences of its own log-probabilities. */
class TransformerPolicyTest {
    private static final double STEP = 1e-5; // of a central difference: its error is of order STEP² and 1e-16 / STEP

    static Stream<Architecture> architectures() {
        return Stream.of(RandomModels.learned(), RandomModels.parallel(), RandomModels.grouped());
    }

    /** Lengths differ, two agree; one prompt is longer than a token; one continuation is empty. */
    static List<Continuation> batch(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[][] lengths = {{1, 4}, {3, 5}, {2, 3}, {1, 1}, {1, 4}, {2, 0}};
        List<Continuation> batch = new ArrayList<>();
        for (int[] length : lengths) {
            batch.add(new Continuation(ids(length[0], random), ids(length[1], random)));
        }
        return batch;
    }

    private static int[] ids(int length, SplittableRandom random) {
        return random.ints(length, 0, RandomModels.VOCABULARY).toArray();
    }

    private static double[][] weights(List<Continuation> batch) {
        SplittableRandom random = new SplittableRandom(5);
        double[][] weights = new double[batch.size()][];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.doubles(batch.get(i).tokens().length, -1, 1).toArray();
        }
        return weights;
    }

    private static double value(TransformerPolicy policy, List<Continuation> batch, double[][] weights) {
        double[][] logProbs = policy.logProbs(batch);
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int t = 0; t < weights[i].length; t++) {
                sum += weights[i][t] * logProbs[i][t];
            }
        }
        return sum;
    }

    private static Optimiser still() {
        return Optimiser.sgd(LearningRate.constant(0));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void gradientIsThatOfDifferences(Architecture architecture) {
        List<Continuation> batch = batch(1);
        double[][] weights = weights(batch);
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
            policy.step(batch, logProbs -> weights);
            compareWithDifferences(policy, batch, weights);
        }
    }

    private static void compareWithDifferences(TransformerPolicy policy, List<Continuation> batch, double[][] weights) {
        double[] gradient = Native.make(() -> Native.toDoubles(policy.gradient().sum()));
        Tensor values = policy.parameters().values();
        SplittableRandom random = new SplittableRandom(7);
        for (Parameter parameter : policy.parameters().list()) {
            for (int trial = 0; trial < 12; trial++) {
                long at = parameter.offset() + random.nextLong(parameter.size());
                double before = get(values, at);
                put(values, at, before + STEP);
                double above = value(policy, batch, weights);
                put(values, at, before - STEP);
                double below = value(policy, batch, weights);
                put(values, at, before);
                assertThat(gradient[(int) at])
                        .as(parameter.name() + " at " + (at - parameter.offset()))
                        .isCloseTo((above - below) / (2 * STEP), within(1e-7));
            }
        }
    }

    private static double get(Tensor values, long at) {
        return Native.make(() -> Native.within(() -> Native.toDoubles(values.narrow(0, at, 1))[0]));
    }

    private static void put(Tensor values, long at, double number) {
        Native.make(() -> Native.within(() -> values.narrow(0, at, 1).fill_(new Scalar(number))));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void wholeDistributionsGiveTheSameGradientWhereOnlyOwnTokensWeigh(Architecture architecture) {
        List<Continuation> batch = batch(2);
        double[][] weights = weights(batch);
        try (Transformer base = RandomModels.of(architecture, 4, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
            double norm = policy.step(batch, logProbs -> weights).gradientNorm();
            double[] tokens =
                    Native.make(() -> Native.toDoubles(policy.gradient().sum()));
            double other = policy.stepOnDistributions(
                            batch, (i, t, logProbs, w) -> w[batch.get(i).tokens()[t]] = weights[i][t])
                    .gradientNorm();
            double[] whole =
                    Native.make(() -> Native.toDoubles(policy.gradient().sum()));
            assertThat(other).isCloseTo(norm, within(1e-10 * norm));
            assertThat(whole).containsExactly(tokens, within(1e-10 * norm));
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aSequenceObjectiveGivesTheSameStep(Architecture architecture) {
        List<Continuation> batch = batch(3);
        double[][] weights = weights(batch);
        try (Transformer base = RandomModels.of(architecture, 4, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still())) {
            policy.step(batch, logProbs -> weights);
            double[] together =
                    Native.make(() -> Native.toDoubles(policy.gradient().sum()));
            SequenceObjective apart = (i, logProbs) -> weights[i];
            policy.step(batch, apart);
            double[] pieces =
                    Native.make(() -> Native.toDoubles(policy.gradient().sum()));
            assertThat(pieces).containsExactly(together);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void adaptersHaveTheGradientOfDifferences(Architecture architecture) {
        List<Continuation> batch = batch(1);
        double[][] weights = weights(batch);
        LoraSettings lora = new LoraSettings(2, 3, true, Pattern.compile("ATTENTION|FEED_FORWARD.*1$"));
        Optimiser optimiser =
                Optimiser.sgd(step -> step == 0 ? 0.01 : 0); // B is zero at the first step, and A's gradient too
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.lora(base, lora, optimiser, new SplittableRandom(2))) {
            policy.step(batch, logProbs -> weights);
            policy.step(batch, logProbs -> weights);
            compareWithDifferences(policy, batch, weights);
            try (Transformer merged = policy.transformer().merged();
                    Transformer off = policy.transformer().withoutAdapter()) {
                double[][] found = merged.logProbs(batch);
                double[][] expected = policy.logProbs(batch);
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i]).containsExactly(expected[i], within(1e-11));
                }
                assertThat(off.logProbs(batch)).isDeepEqualTo(base.logProbs(batch));
                assertThat(expected).isNotEqualTo(base.logProbs(batch));
            }
        }
    }

    @Test
    void theAverageOfAnAdapterIsAModelToo() {
        List<Continuation> batch = batch(1);
        Optimiser optimiser =
                new Optimiser(Optimiser.Rule.ADAM, LearningRate.constant(0.01), 0.9, 0.99, 1e-8, 0, 1, 1e-12);
        try (Transformer base = RandomModels.of(RandomModels.grouped(), 3, Precision.FLOAT64, 2);
                TransformerPolicy policy =
                        TransformerPolicy.lora(base, LoraSettings.ofRank(2), optimiser, new SplittableRandom(2))) {
            policy.step(batch, logProbs -> weights(batch));
            try (Transformer averaged = policy.averaged()) { // which forgets at once
                assertThat(averaged.logProbs(batch)[1]).containsExactly(policy.logProbs(batch)[1], within(1e-9));
            }
        }
    }

    @Test
    void onlyWhatIsNamedIsTrained() {
        List<Continuation> batch = batch(1);
        double[][] weights = weights(batch);
        try (Transformer base = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT64, 2);
                TransformerPolicy policy =
                        TransformerPolicy.of(base, Trainable.named("(FEED_FORWARD_IN|ATTENTION_IN).*1$"), still())) {
            assertThat(policy.parameters().list()).hasSize(4);
            policy.step(batch, logProbs -> weights);
            compareWithDifferences(policy, batch, weights);
        }
    }

    @Test
    void aPatternThatFitsNothingIsRefused() {
        try (Transformer base = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT64, 2)) {
            assertThatThrownBy(() -> TransformerPolicy.of(base, Trainable.named("nothing"), still()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'nothing' is found in no weight's name");
            assertThatThrownBy(() ->
                            TransformerPolicy.of(base, Trainable.all(), Optimiser.natural(LearningRate.constant(1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("rule is NATURAL");
        }
    }

    @Test
    void adamWTakesTheStepsOfItsFormula() {
        List<Continuation> batch = batch(1);
        double[][] weights = weights(batch);
        Optimiser optimiser =
                new Optimiser(Optimiser.Rule.ADAMW, step -> 0.01 / (step + 1), 0.8, 0.9, 1e-6, 0.1, 0.5, 0.6);
        try (Transformer base = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), optimiser)) {
            Parameters parameters = policy.parameters();
            double[] values = Native.make(() -> Native.toDoubles(parameters.values()));
            double[] mean = new double[values.length];
            double[] square = new double[values.length];
            double[] average = values.clone();
            for (int step = 1; step <= 3; step++) {
                double norm = policy.step(batch, logProbs -> weights).gradientNorm();
                assertThat(norm).isGreaterThan(0.5);
                double[] gradient =
                        Native.make(() -> Native.toDoubles(policy.gradient().sum())); // clipped in place
                double rate = 0.01 / step;
                for (int i = 0; i < values.length; i++) {
                    mean[i] = 0.8 * mean[i] + 0.2 * gradient[i];
                    square[i] = 0.9 * square[i] + 0.1 * gradient[i] * gradient[i];
                    double root = Math.sqrt(square[i] / (1 - Math.pow(0.9, step))) + 1e-6;
                    values[i] = values[i] * (i < parameters.decayed() ? 1 - rate * 0.1 : 1)
                            + rate * mean[i] / (1 - Math.pow(0.8, step)) / root;
                    average[i] = 0.6 * average[i] + 0.4 * values[i];
                }
                double clipped = 0;
                for (double g : gradient) {
                    clipped += g * g;
                }
                assertThat(Math.sqrt(clipped)).isCloseTo(0.5, within(1e-9));
            }
            assertThat(Native.make(() -> Native.toDoubles(parameters.values()))).containsExactly(values, within(1e-12));
            try (Transformer averaged = policy.averaged()) {
                assertThat(averaged.logProbs(batch)).isNotEqualTo(policy.logProbs(batch));
                assertThat(policy.stepper().average()).isNotNull();
                assertThat(Native.make(() -> Native.toDoubles(policy.stepper().average())))
                        .containsExactly(average, within(1e-12));
            }
        }
    }

    @Test
    void aGradientThatIsNotFiniteChangesNothing() {
        List<Continuation> batch = batch(1);
        try (Transformer base = RandomModels.of(RandomModels.grouped(), 3, Precision.FLOAT32, 2);
                TransformerPolicy policy =
                        TransformerPolicy.of(base, Trainable.all(), Optimiser.adamW(LearningRate.constant(0.1)))) {
            double[][] before = policy.logProbs(batch);
            Objective broken = logProbs -> {
                double[][] weights = weights(batch);
                weights[1][2] = Double.NaN;
                return weights;
            };
            assertThat(policy.step(batch, broken).taken()).isFalse();
            assertThat(policy.steps()).isZero();
            assertThat(policy.logProbs(batch)).isEqualTo(before);
            assertThat(policy.step(batch, logProbs -> weights(batch)).taken()).isTrue();
            assertThat(policy.logProbs(batch)).isNotEqualTo(before);
        }
    }

    /** Values are 0 at first and go down their squares; the policy does not move with them, and a saved state goes on to the same bits. */
    @ParameterizedTest
    @MethodSource("architectures")
    void valuesOfStatesAreLearnedBesideThePolicyAndResumed(Architecture architecture) throws IOException {
        List<Continuation> batch = batch(4);
        double[][] targets = weights(batch);
        SequenceObjective squares = (i, now) -> {
            double[] pull = new double[now.length];
            Arrays.setAll(pull, t -> targets[i][t] - now[t]);
            return pull;
        };
        Optimiser adam = Optimiser.adamW(LearningRate.constant(0.01));
        try (Transformer base = RandomModels.of(architecture, 3, Precision.FLOAT64, 2);
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), still());
                TransformerPolicy other = TransformerPolicy.of(base, Trainable.all(), still())) {
            double[][] before = policy.logProbs(batch);
            StateValues values = policy.values(adam);
            assertThat(values.of(batch)).isDeepEqualTo(weights(batch, 0));
            double first = error(values.of(batch), targets);
            for (int step = 0; step < 40; step++) {
                values.step(batch, squares);
            }
            assertThat(error(values.of(batch), targets)).isLessThan(first / 20);
            assertThat(policy.logProbs(batch)).isDeepEqualTo(before);
            ByteArrayOutputStream saved = new ByteArrayOutputStream();
            values.save(saved);
            StateValues again = other.values(adam);
            again.restore(new ByteArrayInputStream(saved.toByteArray()));
            values.step(batch, squares);
            again.step(batch, squares);
            assertThat(again.of(batch)).isDeepEqualTo(values.of(batch));
            List<Continuation> shorter = List.of(new Continuation(batch.get(0).prompt(), new int[] {0}));
            assertThat(values.of(shorter)[0][0]) // what follows is not seen
                    .isCloseTo(values.of(batch)[0][0], within(1e-9));
        }
    }

    private static double[][] weights(List<Continuation> batch, double all) {
        return batch.stream()
                .map(one -> {
                    double[] own = new double[one.tokens().length];
                    Arrays.fill(own, all);
                    return own;
                })
                .toArray(double[][]::new);
    }

    private static double error(double[][] values, double[][] targets) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            for (int t = 0; t < values[i].length; t++) {
                sum += (values[i][t] - targets[i][t]) * (values[i][t] - targets[i][t]);
            }
        }
        return sum;
    }
}
