package dev.credence.torch.training;

import dev.credence.core.ContractOf;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.PredictiveModelContract;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;

/** Transformers are predictive models as any other: of every kind of block, as they were read, trained and adapted. */
class TransformerModelTest {
    private abstract static class Kind extends PredictiveModelContract {
        @Override
        protected List<int[]> prompts() {
            return List.of(new int[] {0, 3, 5}, new int[] {2});
        }

        @Override
        protected int horizon() {
            return 3;
        }

        @Override
        protected int longest() {
            return 9;
        }
    }

    @ContractOf("Transformer")
    private abstract static class Read extends Kind {
        private final Architecture architecture;

        Read(Architecture architecture) {
            this.architecture = architecture;
        }

        @Override
        protected PredictiveModel model() {
            return RandomModels.of(architecture, 1, Precision.FLOAT32, 2);
        }

        @Override
        protected double tolerance() {
            return 1e-5;
        }
    }

    @Nested
    class Learned extends Read {
        Learned() {
            super(RandomModels.learned());
        }
    }

    @Nested
    class Parallel extends Read {
        Parallel() {
            super(RandomModels.parallel());
        }
    }

    @Nested
    class Grouped extends Read {
        Grouped() {
            super(RandomModels.grouped());
        }
    }

    @Nested
    @ContractOf("TransformerPolicy")
    class Trained extends Kind {
        @Override
        protected PredictiveModel model() {
            Transformer base = RandomModels.of(RandomModels.learned(), 3, Precision.FLOAT64, 2);
            return stepped(TransformerPolicy.of(base, Trainable.all(), Optimiser.sgd(LearningRate.constant(0.1))));
        }
    }

    @Nested
    @ContractOf("TransformerPolicy")
    class Adapted extends Kind {
        @Override
        protected PredictiveModel model() {
            Transformer base = RandomModels.of(RandomModels.grouped(), 3, Precision.FLOAT64, 2);
            LoraSettings lora = new LoraSettings(2, 3, true, Pattern.compile("ATTENTION|FEED_FORWARD_OUT"));
            Optimiser optimiser = Optimiser.sgd(LearningRate.constant(0.1));
            return stepped(TransformerPolicy.lora(base, lora, optimiser, new SplittableRandom(1)));
        }
    }

    private static TransformerPolicy stepped(TransformerPolicy policy) {
        for (int step = 0; step < 2; step++) {
            policy.step(TransformerPolicyTest.batch(step), logProbs -> {
                double[][] weights = new double[logProbs.length][];
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = new double[logProbs[i].length];
                    Arrays.fill(weights[i], i - 2);
                }
                return weights;
            });
        }
        return policy;
    }
}
