package dev.credence.torch;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Architecture.Activation;
import dev.credence.torch.architecture.Architecture.Attention;
import dev.credence.torch.architecture.Architecture.FeedForward;
import dev.credence.torch.architecture.Architecture.Norm;
import dev.credence.torch.architecture.Architecture.Rotary;
import dev.credence.torch.architecture.Architecture.Wiring;
import dev.credence.torch.architecture.AttentionScale;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.Scaling;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Small transformers with random weights, of every kind of block; token 0 ends a text. */
public final class RandomModels {
    public static final int VOCABULARY = 7;
    static final int CONTEXT = 12;

    private RandomModels() {}

    /** Learned positions, layer norms, biases: as GPT-2, its scores scaled by the block's number. */
    public static Architecture learned() {
        return new Architecture(
                VOCABULARY,
                CONTEXT,
                2,
                16,
                new Attention(4, 4, 4, true, true, false, new AttentionScale(true, true)),
                new FeedForward(32, Activation.GELU_TANH, false, true),
                new Norm(true, 1e-5),
                null,
                new Wiring(false, true));
    }

    /** Partly rotated heads, both parts in parallel: as NeoX, with YaRN's frequencies and stretch. */
    public static Architecture parallel() {
        return new Architecture(
                VOCABULARY,
                CONTEXT,
                2,
                16,
                new Attention(2, 2, 8, true, true, false),
                new FeedForward(24, Activation.GELU, false, true),
                new Norm(true, 1e-5),
                new Rotary(4, 100, new Scaling.Yarn(4, 2, 0.1, 12, false, 1.3)),
                new Wiring(true, false));
    }

    /** One of each. */
    public static Stream<Architecture> all() {
        return Stream.of(learned(), parallel(), grouped());
    }

    /** Shared keys, gated, root-mean-square norms, heads normalised: as Qwen3, with scaled frequencies. */
    public static Architecture grouped() {
        return new Architecture(
                VOCABULARY,
                CONTEXT,
                2,
                16,
                new Attention(4, 2, 8, true, false, true),
                new FeedForward(20, Activation.SILU, true, false),
                new Norm(false, 1e-6),
                new Rotary(8, 10000, new Scaling.ByTurns(8, 1, 4, 8)),
                new Wiring(false, false));
    }

    public static Transformer of(Architecture architecture, long seed, Precision precision, int threads) {
        Backend backend = threads == 0 ? Backend.shared() : Backend.withThreads(threads);
        return Transformer.read(
                architecture,
                names(),
                new Random(architecture, seed),
                Set.of(0),
                new Transformer.Compute(backend, precision));
    }

    static WeightNames names() {
        return (role, layer) -> new WeightNames.Place(List.of(role + "." + layer), WeightNames.Order.ROWS);
    }

    /** Every tensor filled from a generator seeded by its name. */
    static class Random implements WeightSource {
        private final Architecture architecture;
        private final long seed;

        Random(Architecture architecture, long seed) {
            this.architecture = architecture;
            this.seed = seed;
        }

        @Override
        public StoredTensor find(String name) {
            String role = name.substring(0, name.indexOf('.'));
            WeightNames.Place place = new WeightNames.Place(List.of(name), WeightNames.Order.ROWS);
            long[] shape = new WeightShapes(architecture).stored(Role.valueOf(role), place, 0);
            return new StoredTensor("memory", name, Precision.FLOAT32, shape);
        }

        @Override
        public void read(StoredTensor tensor, long from, ByteBuffer into) {
            SplittableRandom random = new SplittableRandom(seed ^ tensor.name().hashCode());
            boolean isScale = tensor.name().contains("NORM") && !tensor.name().contains("BIAS");
            into.order(ByteOrder.LITTLE_ENDIAN);
            while (into.hasRemaining()) {
                into.putFloat((float) ((isScale ? 1 : 0) + 0.5 * (random.nextDouble() + random.nextDouble() - 1)));
            }
        }
    }
}
