package dev.credence.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.probability.LogMath;
import dev.credence.core.training.Optimiser.Rule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every policy that trains must do. An implementation inherits it and says how it is made as a table: prompt c is the
 * single token c, a completion is a single token that ends the text, and the parameters are one logit for each of both, so
 * that every step has a formula. What needs no formula runs on {@link #policy}, which may be of any kind.
 */
public abstract class TrainablePolicyContract {
    private static final int PROMPTS = 3;
    private static final int TOKENS = 4;
    private static final double RATE = 1e-6; // of the two steps of a central difference

    /**
     * A policy whose parameters are logits.
     *
     * @param logProbs (3) (4) nats, where it starts: log π(token | prompt), and the logits too
     * @param optimiser how it steps
     * @return the policy; the suite closes it
     */
    protected abstract TrainablePolicy table(double[][] logProbs, Optimiser optimiser);

    /** {@return how far log-probabilities may be from a formula's} */
    protected abstract double tolerance();

    /** {@return whether weight decay draws the table to where it started, and not to logits of 0} */
    protected boolean decaysToItsStart() {
        return false;
    }

    /**
     * A policy of any kind; the table unless overridden.
     *
     * @param optimiser how it steps
     * @return always the same one; the suite closes it
     */
    protected TrainablePolicy policy(Optimiser optimiser) {
        return table(start(), optimiser);
    }

    /**
     * A batch for {@link #policy}.
     *
     * @return at least two continuations, of at least one token
     */
    protected List<Continuation> batch() {
        return List.of(one(0, 1), one(2, 3), one(0, 2), one(1, 1), one(0, 1));
    }

    @Test
    final void theTestNamesWhatItIsAbout() {
        try (TrainablePolicy policy = policy(Optimiser.sgd(LearningRate.constant(0.1)))) {
            ContractOf.Check.namesAre(getClass(), Stream.of(policy));
        }
    }

    @Test
    final void startsAsItsReference() {
        try (TrainablePolicy policy = policy(Optimiser.adamW(LearningRate.constant(0.1)))) {
            List<int[]> prompts = batch().stream().map(Continuation::prompt).toList();
            assertThat(policy.nextLogProbs(prompts))
                    .isDeepEqualTo(policy.reference().nextLogProbs(prompts));
            assertThat(policy.logProbs(batch()))
                    .isDeepEqualTo(policy.reference().logProbs(batch()));
        }
    }

    @Test
    final void aStepReportsWhatWasBeforeIt() {
        try (TrainablePolicy policy = policy(Optimiser.sgd(LearningRate.constant(0.001)))) {
            for (int step = 1; step <= 3; step++) {
                double[][] before = policy.logProbs(batch());
                StepReport report = policy.step(batch(), logProbs -> {
                    same(logProbs, before);
                    return weights(batch());
                });
                assertThat(report.step()).isEqualTo(step);
                assertThat(report.taken()).isTrue();
                assertThat(report.learningRate()).isEqualTo(0.001);
                same(report.logProbs(), before);
                assertThat(value(report.logProbs())).isLessThan(value(policy.logProbs(batch())));
            }
        }
    }

    /** A step of rate ε goes ε·|g| far along g, where the objective's derivative is |g|. */
    @Test
    final void theGradientIsThatOfDifferences() throws IOException {
        try (TrainablePolicy policy = policy(Optimiser.sgd(LearningRate.constant(RATE)))) {
            byte[] start = saved(policy);
            double norm = policy.step(batch(), logProbs -> weights(batch())).gradientNorm();
            double above = value(policy.logProbs(batch()));
            policy.restore(new ByteArrayInputStream(start));
            policy.step(batch(), logProbs -> scaled(weights(batch()), -1));
            double below = value(policy.logProbs(batch()));
            assertThat(norm).isGreaterThan(0.01);
            assertThat((above - below) / (2 * RATE)).isCloseTo(norm * norm, within(1e-5 * norm * norm));
        }
    }

    static Stream<Optimiser> optimisers() {
        LearningRate rate = step -> 0.3 / (step + 1);
        return Stream.of(
                Optimiser.sgd(rate),
                new Optimiser(Rule.SGD, rate, 0.5, 0, 1e-8, 0, 0.7, 0),
                new Optimiser(Rule.ADAM, rate, 0.7, 0.8, 1e-6, 0, Double.POSITIVE_INFINITY, 0),
                new Optimiser(Rule.ADAMW, rate, 0.9, 0.99, 1e-8, 0.2, 0.5, 0));
    }

    @ParameterizedTest
    @MethodSource("optimisers")
    final void aTableTakesTheStepsOfItsFormula(Optimiser optimiser) {
        NaiveTable naive = new NaiveTable(start(), optimiser, decaysToItsStart());
        List<Continuation> batch = List.of(one(0, 1), one(2, 3), one(0, 2), one(1, 1), one(0, 1));
        try (TrainablePolicy policy = table(start(), optimiser)) {
            for (int step = 0; step < 4; step++) {
                double[][] pull = new double[PROMPTS][TOKENS];
                double[][] weights = weights(batch);
                for (int i = 0; i < weights.length; i++) {
                    pull[batch.get(i).prompt()[0]][batch.get(i).tokens()[0]] += weights[i][0];
                }
                double norm = naive.step(pull);
                StepReport report = policy.step(batch, logProbs -> weights);
                assertThat(report.gradientNorm()).isCloseTo(norm, within(tolerance()));
                assertThat(report.learningRate()).isEqualTo(optimiser.rate().at(step));
                same(policy.nextLogProbs(prompts()), naive.logProbs());
            }
        }
    }

    @Test
    final void aTableTakesTheStepsOfWholeDistributions() {
        Optimiser optimiser = Optimiser.sgd(LearningRate.constant(0.3));
        NaiveTable naive = new NaiveTable(start(), optimiser, decaysToItsStart());
        List<Continuation> batch = List.of(one(2, 0), one(1, 3));
        try (TrainablePolicy policy = table(start(), optimiser)) {
            if (!(policy instanceof DistillablePolicy distillable)) {
                return; // no such port to keep
            }
            double[][] pull = new double[PROMPTS][TOKENS];
            for (int v = 0; v < TOKENS; v++) {
                pull[2][v] = 0.1 * v - 0.25;
                pull[1][v] = 1.5 - v * v;
            }
            double norm = naive.step(pull);
            double[][] before = policy.logProbs(batch);
            StepReport report = distillable.stepOnDistributions(batch, (sequence, position, logProbs, weights) -> {
                assertThat(position).isZero();
                assertThat(LogMath.logSumExp(logProbs)).isCloseTo(0, within(tolerance()));
                System.arraycopy(pull[batch.get(sequence).prompt()[0]], 0, weights, 0, TOKENS);
            });
            same(report.logProbs(), before);
            assertThat(report.gradientNorm()).isCloseTo(norm, within(tolerance()));
            same(policy.nextLogProbs(prompts()), naive.logProbs());
        }
    }

    @Test
    final void theReferenceStaysAsItWas() {
        try (TrainablePolicy policy = policy(Optimiser.adamW(LearningRate.constant(0.1)))) {
            double[][] before = policy.reference().logProbs(batch());
            policy.step(batch(), logProbs -> weights(batch()));
            assertThat(policy.logProbs(batch())).isNotEqualTo(before);
            assertThat(policy.reference().logProbs(batch())).isDeepEqualTo(before);
        }
    }

    @Test
    final void theAnchorIsThePolicyWhenItWasMoved() {
        try (TrainablePolicy policy = policy(Optimiser.adamW(LearningRate.constant(0.1)))) {
            double[][] start = policy.reference().logProbs(batch());
            assertThat(policy.anchor().logProbs(batch())).isDeepEqualTo(start);
            for (int move = 0; move < 2; move++) {
                steps(policy, 2);
                double[][] then = policy.logProbs(batch());
                policy.moveAnchor();
                assertThat(policy.anchor().logProbs(batch())).isDeepEqualTo(then);
                steps(policy, 1);
                assertThat(policy.anchor().logProbs(batch())).isDeepEqualTo(then);
                assertThat(policy.logProbs(batch())).isNotEqualTo(then);
                assertThat(policy.reference().logProbs(batch())).isDeepEqualTo(start);
            }
        }
    }

    @Test
    final void theAnchorIsPartOfTheState() throws IOException {
        Optimiser optimiser = Optimiser.adamW(LearningRate.constant(0.1));
        try (TrainablePolicy policy = policy(optimiser);
                TrainablePolicy other = policy(optimiser)) {
            byte[] unmoved = saved(policy);
            steps(policy, 1);
            policy.moveAnchor();
            steps(policy, 1);
            byte[] moved = saved(policy);
            other.restore(new ByteArrayInputStream(moved));
            assertThat(other.anchor().logProbs(batch()))
                    .isDeepEqualTo(policy.anchor().logProbs(batch()));
            assertThat(saved(other)).isEqualTo(moved);
            other.restore(new ByteArrayInputStream(unmoved));
            assertThat(other.anchor().logProbs(batch()))
                    .isDeepEqualTo(other.reference().logProbs(batch()));
            assertThat(saved(other)).isEqualTo(unmoved);
        }
    }

    @ParameterizedTest
    @MethodSource("optimisers")
    final void aRestoredStateGoesOnToTheSameBits(Optimiser optimiser) throws IOException {
        try (TrainablePolicy policy = policy(optimiser);
                TrainablePolicy other = policy(optimiser)) {
            steps(policy, 2);
            byte[] half = saved(policy);
            StepReport third = steps(policy, 1);
            steps(other, 1); // forgotten by restoring
            other.restore(new ByteArrayInputStream(half));
            StepReport again = steps(other, 1);
            assertThat(again.step()).isEqualTo(third.step());
            assertThat(again.gradientNorm()).isEqualTo(third.gradientNorm());
            assertThat(again.logProbs()).isDeepEqualTo(third.logProbs());
            assertThat(other.logProbs(batch())).isDeepEqualTo(policy.logProbs(batch()));
            assertThat(saved(other)).isEqualTo(saved(policy));
        }
    }

    @Test
    final void aBrokenStateChangesNothing() throws IOException {
        try (TrainablePolicy policy = policy(Optimiser.adamW(LearningRate.constant(0.1)))) {
            byte[] start = saved(policy);
            steps(policy, 1);
            byte[] before = saved(policy);
            byte[] cut = Arrays.copyOf(start, start.length - 1);
            byte[] foreign = start.clone();
            foreign[0] ^= 1;
            for (byte[] broken : List.of(cut, foreign, new byte[0])) {
                assertThatThrownBy(() -> policy.restore(new ByteArrayInputStream(broken)))
                        .isInstanceOf(IOException.class);
                assertThat(saved(policy)).isEqualTo(before);
            }
        }
    }

    @Test
    final void weightsOfAnotherShapeAreRefused() throws IOException {
        try (TrainablePolicy policy = policy(Optimiser.sgd(LearningRate.constant(0.1)))) {
            byte[] before = saved(policy);
            double[][] few = Arrays.copyOf(weights(batch()), batch().size() - 1);
            double[][] wide = weights(batch());
            wide[1] = Arrays.copyOf(wide[1], wide[1].length + 1);
            for (double[][] wrong : List.of(few, wide)) {
                assertThatThrownBy(() -> policy.step(batch(), logProbs -> wrong))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(saved(policy)).isEqualTo(before);
            }
        }
    }

    @Test
    final void aGradientThatIsNotFiniteIsNotTaken() throws IOException {
        for (double broken : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            try (TrainablePolicy policy = policy(Optimiser.adamW(LearningRate.constant(0.1)))) {
                steps(policy, 1);
                byte[] before = saved(policy);
                StepReport report = policy.step(batch(), logProbs -> {
                    double[][] weights = weights(batch());
                    weights[0][0] = broken;
                    return weights;
                });
                assertThat(report.taken()).isFalse();
                assertThat(report.step()).isEqualTo(1);
                assertThat(saved(policy)).isEqualTo(before);
            }
        }
    }

    @Test
    final void samplesComeFromThePolicyAsItIs() {
        try (TrainablePolicy policy = policy(Optimiser.sgd(LearningRate.constant(0.5)))) {
            steps(policy, 2);
            int[] prompt = batch().get(0).prompt();
            List<Sample> samples = policy.sample(prompt, 5, Sampling.upTo(1), new SplittableRandom(3));
            List<Continuation> drawn = new ArrayList<>();
            samples.forEach(sample -> drawn.add(new Continuation(prompt, sample.tokens())));
            double[][] scored = policy.logProbs(drawn);
            for (int i = 0; i < samples.size(); i++) {
                assertThat(samples.get(i).logProbs()).containsExactly(scored[i], within(Math.max(1e-5, tolerance())));
            }
        }
    }

    private StepReport steps(TrainablePolicy policy, int count) {
        StepReport last = policy.step(batch(), logProbs -> weights(batch()));
        for (int step = 1; step < count; step++) {
            last = policy.step(batch(), logProbs -> weights(batch()));
        }
        return last;
    }

    private static byte[] saved(TrainablePolicy policy) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        policy.save(out);
        return out.toByteArray();
    }

    private static Continuation one(int prompt, int token) {
        return new Continuation(new int[] {prompt}, new int[] {token});
    }

    private static List<int[]> prompts() {
        return List.of(new int[] {0}, new int[] {1}, new int[] {2});
    }

    private static double[][] start() {
        SplittableRandom random = new SplittableRandom(11);
        double[][] logProbs = new double[PROMPTS][];
        for (int c = 0; c < PROMPTS; c++) {
            logProbs[c] = normalised(random.doubles(TOKENS, -2, 0).toArray());
        }
        return logProbs;
    }

    private static double[] normalised(double[] logWeights) {
        double sum = LogMath.logSumExp(logWeights);
        return Arrays.stream(logWeights).map(w -> w - sum).toArray();
    }

    private static double[][] weights(List<Continuation> batch) {
        SplittableRandom random = new SplittableRandom(13);
        double[][] weights = new double[batch.size()][];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.doubles(batch.get(i).tokens().length, -0.5, 1).toArray();
        }
        return weights;
    }

    private static double[][] scaled(double[][] weights, double by) {
        return Arrays.stream(weights)
                .map(row -> Arrays.stream(row).map(w -> w * by).toArray())
                .toArray(double[][]::new);
    }

    private double value(double[][] logProbs) {
        double[][] weights = weights(batch());
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int t = 0; t < weights[i].length; t++) {
                sum += weights[i][t] * logProbs[i][t];
            }
        }
        return sum;
    }

    private void same(double[][] found, double[][] expected) {
        assertThat(found.length).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).containsExactly(expected[i], within(tolerance()));
        }
    }

    /** The formulas, one number at a time. */
    private static final class NaiveTable {
        private final Optimiser optimiser;
        private final double[][] logits;
        private final double[][] centre; // what weight decay draws to
        private final double[][] first = new double[PROMPTS][TOKENS];
        private final double[][] second = new double[PROMPTS][TOKENS];
        private int steps;

        NaiveTable(double[][] logits, Optimiser optimiser, boolean decaysToItsStart) {
            this.logits = logits;
            this.centre = decaysToItsStart ? start() : new double[PROMPTS][TOKENS];
            this.optimiser = optimiser;
        }

        double[][] logProbs() {
            return Arrays.stream(logits)
                    .map(TrainablePolicyContract::normalised)
                    .toArray(double[][]::new);
        }

        /** The gradient of Σ w log softmax is w − π Σ w; its norm. */
        double step(double[][] weights) {
            double[][] gradient = new double[PROMPTS][TOKENS];
            double square = 0;
            for (int c = 0; c < PROMPTS; c++) {
                double sum = Arrays.stream(weights[c]).sum();
                for (int v = 0; v < TOKENS; v++) {
                    gradient[c][v] = weights[c][v] - Math.exp(logProbs()[c][v]) * sum;
                    square += gradient[c][v] * gradient[c][v];
                }
            }
            double norm = Math.sqrt(square);
            double clip = Math.min(1, optimiser.clip() / norm);
            double rate = optimiser.rate().at(steps++);
            for (int c = 0; c < PROMPTS; c++) {
                for (int v = 0; v < TOKENS; v++) {
                    logits[c][v] += move(c, v, gradient[c][v] * clip, rate);
                }
            }
            return norm;
        }

        private double move(int c, int v, double gradient, double rate) {
            double b1 = optimiser.beta1();
            double b2 = optimiser.beta2();
            if (optimiser.rule() == Rule.SGD) {
                first[c][v] = b1 * first[c][v] + gradient;
                return rate * first[c][v];
            }
            first[c][v] = b1 * first[c][v] + (1 - b1) * gradient;
            second[c][v] = b2 * second[c][v] + (1 - b2) * gradient * gradient;
            double mean = first[c][v] / (1 - Math.pow(b1, steps));
            double deviation = Math.sqrt(second[c][v] / (1 - Math.pow(b2, steps)));
            return rate * mean / (deviation + optimiser.epsilon())
                    - rate * optimiser.weightDecay() * (logits[c][v] - centre[c][v]);
        }
    }
}
