package dev.credence.hub;

import dev.credence.core.ContractOf;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.PredictiveModelContract;
import dev.credence.torch.Backend;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Checkpoints are predictive models as any other, with a vocabulary of hundreds. */
class CheckpointModelTest {
    @ContractOf("Transformer")
    private abstract static class OfFolder extends PredictiveModelContract {
        private final String name;

        OfFolder(String name) {
            this.name = name;
        }

        @Override
        protected PredictiveModel model() {
            return Checkpoint.open(Cases.path("checkpoints/" + name)).load(Backend.shared());
        }

        @Override
        protected List<int[]> prompts() {
            return List.of(new int[] {0, 40, 301}, new int[] {7});
        }

        @Override
        protected int horizon() {
            return 1;
        }

        @Override
        protected int longest() {
            return 5;
        }

        @Override
        protected double tolerance() {
            return 1e-5;
        }
    }

    @Nested
    class Gpt2 extends OfFolder {
        Gpt2() {
            super("gpt2");
        }
    }

    @Nested
    class Neox extends OfFolder {
        Neox() {
            super("neox");
        }
    }

    @Nested
    class Llama extends OfFolder {
        Llama() {
            super("llama");
        }
    }

    @Nested
    class Qwen2 extends OfFolder {
        Qwen2() {
            super("qwen2");
        }
    }
}
