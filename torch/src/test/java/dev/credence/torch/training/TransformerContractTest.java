package dev.credence.torch.training;

import dev.credence.core.ContractOf;
import dev.credence.core.model.Continuation;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.core.training.TrainablePolicyContract;
import dev.credence.torch.RandomModels;
import dev.credence.torch.TableTransformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;

/** Transformers keep the contract of policies that train: as a table, and of every kind of block. */
class TransformerContractTest {
    @ContractOf("TransformerPolicy")
    private abstract static class Kind extends TrainablePolicyContract {
        @Override
        protected TrainablePolicy table(double[][] logProbs, Optimiser optimiser) {
            return TransformerPolicy.of(new TableTransformer(logProbs).load(), Trainable.named("HEAD"), optimiser);
        }

        @Override
        protected double tolerance() {
            return 1e-9;
        }
    }

    @Nested
    class Table extends Kind {}

    @Nested
    class Learned extends Kind {
        @Override
        protected TrainablePolicy policy(Optimiser optimiser) {
            return random(RandomModels.learned(), optimiser);
        }

        @Override
        protected List<Continuation> batch() {
            return TransformerPolicyTest.batch(4);
        }
    }

    @Nested
    class Grouped extends Kind {
        @Override
        protected TrainablePolicy policy(Optimiser optimiser) {
            return random(RandomModels.grouped(), optimiser);
        }

        @Override
        protected List<Continuation> batch() {
            return TransformerPolicyTest.batch(4);
        }
    }

    /** The contract on a table is the table's; all else is an adapter's, on every kind of block. */
    private abstract static class Adapter extends Kind {
        private final Architecture architecture;

        Adapter(Architecture architecture) {
            this.architecture = architecture;
        }

        @Override
        protected TrainablePolicy policy(Optimiser optimiser) {
            LoraSettings lora = new LoraSettings(2, 3, true, Pattern.compile("ATTENTION|FEED_FORWARD_OUT"));
            return TransformerPolicy.lora(
                    RandomModels.of(architecture, 3, Precision.FLOAT64, 2), lora, optimiser, new SplittableRandom(1));
        }

        @Override
        protected List<Continuation> batch() {
            return TransformerPolicyTest.batch(4);
        }
    }

    @Nested
    class AdapterOnGrouped extends Adapter {
        AdapterOnGrouped() {
            super(RandomModels.grouped());
        }
    }

    @Nested
    class AdapterOnParallel extends Adapter {
        AdapterOnParallel() {
            super(RandomModels.parallel());
        }
    }

    private static TrainablePolicy random(Architecture architecture, Optimiser optimiser) {
        return TransformerPolicy.of(RandomModels.of(architecture, 3, Precision.FLOAT64, 2), Trainable.all(), optimiser);
    }
}
