package dev.credence.torch;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Weights as before a training: normal around 0, scales 1, shifts 0. For small models that are trained in memory, and for measurements. */
public final class RandomWeights implements WeightSource {
    private static final double DEVIATION = 0.02;

    private final WeightShapes shapes;
    private final long seed;

    private RandomWeights(Architecture architecture, long seed) {
        this.shapes = new WeightShapes(architecture);
        this.seed = seed;
    }

    /**
     * A model of such weights.
     *
     * @param architecture its sizes and switches
     * @param seed of the weights
     * @param ends tokens that end a text
     * @param backend what to compute with
     * @return the model in single precision; the caller closes it
     */
    public static Transformer model(Architecture architecture, long seed, Set<Integer> ends, Backend backend) {
        WeightNames names = (role, layer) -> new WeightNames.Place(List.of(role + "." + layer), WeightNames.Order.ROWS);
        return Transformer.read(architecture, names, new RandomWeights(architecture, seed), ends, backend);
    }

    @Override
    public StoredTensor find(String name) {
        WeightNames.Place place = new WeightNames.Place(List.of(name), WeightNames.Order.ROWS);
        return new StoredTensor("memory", name, Precision.FLOAT32, shapes.stored(role(name), place, 0));
    }

    @Override
    public void read(StoredTensor tensor, long from, ByteBuffer into) {
        SplittableRandom random = new SplittableRandom(seed ^ tensor.name().hashCode() ^ (from << 20));
        boolean isVector = tensor.shape().length == 1;
        float constant = isVector && !role(tensor.name()).name().endsWith("BIAS") ? 1 : 0;
        into.order(ByteOrder.LITTLE_ENDIAN);
        while (into.hasRemaining()) {
            into.putFloat(isVector ? constant : (float) (DEVIATION * random.nextGaussian()));
        }
    }

    private static Role role(String name) {
        return Role.valueOf(name.substring(0, name.indexOf('.')));
    }
}
