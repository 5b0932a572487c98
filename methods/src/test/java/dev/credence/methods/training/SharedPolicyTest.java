package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.PredictiveModelContract;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.core.training.TrainablePolicyContract;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedPolicyTest {
    /** Prompts without a text in common, so that each step has the formula of a table's. */
    @Nested
    @ContractOf("SharedPolicy")
    class AsAPolicy extends TrainablePolicyContract {
        @Override
        protected TrainablePolicy table(double[][] logProbs, Optimiser optimiser) {
            Map<String, Distribution> rows = new LinkedHashMap<>();
            for (double[] row : logProbs) {
                String prompt = "prompt " + rows.size();
                rows.put(
                        prompt,
                        Distribution.ofLogWeights(
                                List.of(prompt + "a", prompt + "b", prompt + "c", prompt + "d"), row));
            }
            return new SharedPolicy(TableModel.of(rows), optimiser);
        }

        @Override
        protected double tolerance() {
            return 1e-12;
        }

        @Override
        protected boolean decaysToItsStart() {
            return true;
        }
    }

    /** After a step, on prompts that have a text in common. */
    @Nested
    @ContractOf("SharedPolicy")
    class AsAModel extends PredictiveModelContract {
        @Override
        protected PredictiveModel model() {
            Map<String, Distribution> rows = new LinkedHashMap<>();
            rows.put("p", Distribution.of(Map.of("a", .5, "b", .2, "c", .3)));
            rows.put("q", Distribution.of(Map.of("a", .1, "d", .9)));
            SharedPolicy policy = new SharedPolicy(TableModel.of(rows), Optimiser.sgd(LearningRate.constant(.5)));
            policy.step(List.of(one(0, 1), one(1, 0)), logProbs -> new double[][] {{1}, {2}});
            return policy;
        }

        @Override
        protected List<int[]> prompts() {
            return List.of(TabularPolicy.ids(0), TabularPolicy.ids(1));
        }

        @Override
        protected int horizon() {
            return 1;
        }
    }

    /** Where no two prompts have a text in common, it is a table of logits. */
    @ParameterizedTest
    @EnumSource(
            value = Optimiser.Rule.class,
            names = {"SGD", "NATURAL", "ADAM"})
    void withoutCommonTextsItIsATable(Optimiser.Rule rule) {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        rows.put("p", Distribution.of(Map.of("a", .5, "b", .2, "c", .3)));
        rows.put("q", Distribution.of(Map.of("d", .1, "e", .9)));
        TableModel start = TableModel.of(rows, Map.of("p", 3.0, "q", 1.0));
        Optimiser optimiser =
                new Optimiser(rule, LearningRate.constant(.1), .9, .999, 1e-8, 0, Double.POSITIVE_INFINITY, 0);
        List<Continuation> batch = List.of(one(0, 0), one(0, 2), one(1, 1), one(0, 1));
        try (TabularPolicy table = new TabularPolicy(start, optimiser);
                SharedPolicy shared = new SharedPolicy(start, optimiser)) {
            for (int step = 0; step < 5; step++) {
                double[] advantage = {.3 + step, -1, .2 * step, .7};
                StepReport one = table.step(batch, logProbs -> expected(logProbs, advantage));
                StepReport other = shared.step(batch, logProbs -> expected(logProbs, advantage));
                assertThat(other.gradientNorm()).isCloseTo(one.gradientNorm(), within(1e-12));
                assertThat(shared.logProbs(batch)[0][0]).isCloseTo(table.logProbs(batch)[0][0], within(1e-9));
            }
            for (String prompt : start.prompts()) {
                assertThat(shared.on(start).given(prompt).probabilities())
                        .containsExactly(table.table().given(prompt).probabilities(), within(1e-9));
            }
            assertThat(shared.reference().logProbs(batch)[0][0])
                    .isCloseTo(start.given("p").logProbability(0), within(1e-12));
        }
    }

    @Test
    void aSavedPolicyGoesOnTheSame() throws IOException {
        Optimiser optimiser = Optimiser.adamW(LearningRate.constant(.1));
        double[][] weights = {{1}, {-.5}};
        List<Continuation> batch = List.of(one(0, 0), one(1, 1));
        try (SharedPolicy policy = new SharedPolicy(two(), optimiser);
                SharedPolicy other = new SharedPolicy(two(), optimiser)) {
            policy.step(batch, logProbs -> weights);
            policy.moveAnchor();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            policy.save(out);
            other.restore(new ByteArrayInputStream(out.toByteArray()));
            policy.step(batch, logProbs -> weights);
            other.step(batch, logProbs -> weights);
            assertThat(other.logProbs(batch)).isDeepEqualTo(policy.logProbs(batch));
            assertThat(other.anchor().logProbs(batch))
                    .isDeepEqualTo(policy.anchor().logProbs(batch));
        }
    }

    /** (n) (1) probability times advantage: the gradient of a mean. */
    private static double[][] expected(double[][] logProbs, double[] advantage) {
        double[][] weights = new double[advantage.length][1];
        for (int i = 0; i < advantage.length; i++) {
            weights[i][0] = Math.exp(logProbs[i][0]) * advantage[i];
        }
        return weights;
    }

    private static Continuation one(int prompt, int token) {
        return new Continuation(new int[] {prompt}, new int[] {token});
    }

    private static TableModel two() {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        rows.put("p", Distribution.of(Map.of("x", .5, "y", .5)));
        rows.put("q", Distribution.of(Map.of("x", .2, "z", .8)));
        return TableModel.of(rows);
    }

    /** What is learnt of x on one prompt holds on every other; a text that was never seen keeps its weight. */
    @Test
    void whatIsLearntOnOnePromptHoldsOnOthers() {
        try (SharedPolicy policy = new SharedPolicy(two(), Optimiser.sgd(LearningRate.constant(1)))) {
            int x = two().given("p").indexOf("x");
            policy.step(List.of(new Continuation(new int[] {0}, new int[] {x})), logProbs -> new double[][] {{2}});
            TableModel other = TableModel.of(Distribution.of(Map.of("x", .25, "w", .75)));
            double up = 2 * (1 - .5); // the gradient 2 (1 − π(x)) by θ_x
            assertThat(policy.on(other).given("").probability("x"))
                    .isCloseTo(.25 * Math.exp(up) / (.25 * Math.exp(up) + .75), within(1e-12));
            assertThat(policy.on(two()).given("q").probability("x"))
                    .isCloseTo(.2 * Math.exp(up) / (.2 * Math.exp(up) + .8), within(1e-12));
        }
    }

    /** F d = g, with F = Σ_c w_c (diag π_c − π_c π_cᵀ) written out. */
    @Test
    void naturalStepsSolveTheSharedFisherMatrix() {
        try (SharedPolicy policy = new SharedPolicy(two(), Optimiser.natural(LearningRate.constant(1)))) {
            int x = two().given("p").indexOf("x");
            policy.step(List.of(new Continuation(new int[] {0}, new int[] {x})), logProbs -> new double[][] {{.1}});
            TableModel after = policy.on(two());
            double dx = 0; // of θ_x − θ_y and θ_x − θ_z, read off the odds
            double oddsP = Math.log(
                    after.given("p").probability("x") / after.given("p").probability("y"));
            double oddsQ = Math.log(
                            after.given("q").probability("x") / after.given("q").probability("z"))
                    - Math.log(.25);
            // with θ_x = 0: θ_y = −oddsP, θ_z = −oddsQ; g = (.05, −.05, 0) by x, y, z
            double fx = .5 * (.5 * (dx - .5 * -oddsP)) + .5 * (.2 * (dx - .8 * -oddsQ));
            double fy = .5 * (.5 * (-oddsP - .5 * -oddsP));
            double fz = .5 * (.8 * (-oddsQ - .8 * -oddsQ));
            assertThat(fx).isCloseTo(.05, within(1e-9));
            assertThat(fy).isCloseTo(-.05, within(1e-9));
            assertThat(fz).isCloseTo(0, within(1e-9));
        }
    }

    @Test
    void refusesWeightsOfAnotherShape() {
        try (SharedPolicy policy = new SharedPolicy(two(), Optimiser.sgd(LearningRate.constant(1)))) {
            assertThatThrownBy(() -> policy.step(List.of(new Continuation(new int[] {0}, new int[] {0})), logProbs ->
                            new double[][] {{1, 2}}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must have the shape");
        }
    }
}
