package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.TestWorlds;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.PredictiveModelContract;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.core.training.TrainablePolicyContract;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@ContractOf("TabularPolicy")
class TabularPolicyTest extends TrainablePolicyContract {
    @Override
    protected TrainablePolicy table(double[][] logProbs, Optimiser optimiser) {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        for (double[] row : logProbs) {
            rows.put("prompt " + rows.size(), Distribution.ofLogWeights(List.of("a", "b", "c", "d"), row));
        }
        return new TabularPolicy(TableModel.of(rows), optimiser);
    }

    @Override
    protected double tolerance() {
        return 1e-12;
    }

    /** F⁻¹ of the whole table: a step along π·A is mirror descent, whatever the prompts weigh. */
    @Test
    void naturalStepsAreMirrorDescent() {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        rows.put("p", TestWorlds.T1);
        rows.put("q", TestWorlds.distribution(.1, .9));
        TableModel start = TableModel.of(rows, Map.of("p", 3.0, "q", 1.0));
        double[] advantage = {1, -2, 0.5, 3};
        try (TabularPolicy policy = new TabularPolicy(start, Optimiser.natural(LearningRate.constant(0.2)))) {
            List<Continuation> batch = List.of(one(0, 0), one(0, 1), one(0, 2), one(0, 3), one(1, 0), one(1, 1));
            policy.step(batch, logProbs -> {
                double[][] weights = new double[6][1];
                for (int i = 0; i < 6; i++) {
                    weights[i][0] = (i < 4 ? 0.75 : 0.25) * Math.exp(logProbs[i][0]) * advantage[i % 4];
                }
                return weights;
            });
            for (String prompt : start.prompts()) {
                double[] expected = start.given(prompt).logProbabilities();
                for (int i = 0; i < expected.length; i++) {
                    expected[i] += 0.2 * advantage[i];
                }
                assertThat(policy.table().given(prompt).probabilities())
                        .containsExactly(
                                Distribution.ofLogWeights(start.given(prompt).outcomes(), expected)
                                        .probabilities(),
                                within(1e-14));
            }
        }
    }

    @Test
    void impossibleOutcomesStayImpossible() {
        TableModel start = TableModel.of(TestWorlds.distribution(.5, 0, .5));
        for (Optimiser optimiser :
                List.of(Optimiser.natural(LearningRate.constant(0.1)), Optimiser.adamW(LearningRate.constant(0.1)))) {
            try (TabularPolicy policy = new TabularPolicy(start, optimiser)) {
                policy.step(List.of(one(0, 0)), logProbs -> new double[][] {{1}});
                assertThat(policy.table().given("").probability(1)).isZero();
                assertThat(policy.table().given("").probability(0)).isGreaterThan(.5);
            }
        }
    }

    @Test
    void theAverageLagsBehind() {
        Optimiser averaging = new Optimiser(
                Optimiser.Rule.SGD, LearningRate.constant(1), 0, 0, 1e-8, 0, Double.POSITIVE_INFINITY, 0.5);
        try (TabularPolicy policy = new TabularPolicy(TableModel.of(TestWorlds.distribution(.5, .5)), averaging)) {
            policy.step(List.of(one(0, 0)), logProbs -> new double[][] {{1}});
            double now = policy.table().given("").probability(0);
            assertThat(policy.averageTable().given("").probability(0)).isBetween(.5, now - 1e-3);
        }
    }

    @Test
    void refusesWhatIsNoTextOfTheTable() {
        try (TabularPolicy policy =
                new TabularPolicy(TableModel.of(TestWorlds.T1), Optimiser.sgd(LearningRate.constant(1)))) {
            assertThatThrownBy(() -> policy.logProbs(List.of(one(1, 0))))
                    .hasMessageContaining("a table's prompt is one id in [0, 1)");
            assertThatThrownBy(() -> policy.logProbs(List.of(new Continuation(new int[] {0}, new int[] {0, 1}))))
                    .hasMessageContaining("completion 0 has 2 tokens; a table's has one");
        }
    }

    private static Continuation one(int prompt, int token) {
        return new Continuation(new int[] {prompt}, new int[] {token});
    }

    /** The policy, and the frozen ones that it carries, are models as any other. */
    private abstract static class AsAModel extends PredictiveModelContract {
        /** After a step, with an anchor behind it; the prompts have three outcomes and two. */
        static TabularPolicy stepped() {
            Map<String, Distribution> rows = new LinkedHashMap<>();
            rows.put("p", TestWorlds.distribution(.5, .3, .2));
            rows.put("q", TestWorlds.distribution(.1, .9));
            TabularPolicy policy = new TabularPolicy(TableModel.of(rows), Optimiser.sgd(LearningRate.constant(0.5)));
            for (int step = 0; step < 2; step++) {
                policy.step(List.of(one(0, 1), one(1, 0)), logProbs -> new double[][] {{1}, {2}});
                if (step == 0) {
                    policy.moveAnchor();
                }
            }
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

    @Nested
    @ContractOf("TabularPolicy")
    class Policy extends AsAModel {
        @Override
        protected PredictiveModel model() {
            return stepped();
        }
    }

    @Nested
    @ContractOf("LogitTable")
    class Reference extends AsAModel {
        @Override
        protected PredictiveModel model() {
            return stepped().reference();
        }
    }

    @Nested
    @ContractOf("LogitTable")
    class Anchor extends AsAModel {
        @Override
        protected PredictiveModel model() {
            return stepped().anchor();
        }
    }
}
