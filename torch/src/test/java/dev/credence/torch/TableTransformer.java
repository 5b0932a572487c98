package dev.credence.torch;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Architecture.Activation;
import dev.credence.torch.architecture.Architecture.Attention;
import dev.credence.torch.architecture.Architecture.FeedForward;
import dev.credence.torch.architecture.Architecture.Norm;
import dev.credence.torch.architecture.Architecture.Rotary;
import dev.credence.torch.architecture.Architecture.Wiring;
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
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A transformer whose logits are a table of the last token: unit vectors as embedding, blocks that add nothing, and the
 * table as the head. Every token ends a text.
 *
 * @param logits (V or fewer) (V) of the next token after each token
 */
public record TableTransformer(double[][] logits) implements WeightSource {
    private int vocabulary() {
        return logits[0].length;
    }

    public Transformer load() {
        Set<Integer> ends =
                new TreeSet<>(IntStream.range(0, vocabulary()).boxed().toList());
        return Transformer.read(
                architecture(),
                RandomModels.names(),
                this,
                ends,
                new Transformer.Compute(Backend.withThreads(2), Precision.FLOAT64));
    }

    private Architecture architecture() {
        int v = vocabulary();
        return new Architecture(
                v,
                8,
                1,
                v,
                new Attention(1, 1, 2, false, false, false),
                new FeedForward(3, Activation.RELU, false, false),
                new Norm(false, 1e-30),
                new Rotary(2, 10000, Scaling.none()),
                new Wiring(false, false));
    }

    @Override
    public StoredTensor find(String name) {
        String role = name.substring(0, name.indexOf('.'));
        WeightNames.Place place = new WeightNames.Place(List.of(name), WeightNames.Order.ROWS);
        long[] shape = new WeightShapes(architecture()).stored(Role.valueOf(role), place, 0);
        return new StoredTensor("memory", name, Precision.FLOAT64, shape);
    }

    @Override
    public void read(StoredTensor tensor, long from, ByteBuffer into) {
        into.order(ByteOrder.LITTLE_ENDIAN);
        int v = vocabulary();
        for (int i = 0; into.hasRemaining(); i++) {
            into.putDouble(
                    switch (Role.valueOf(
                            tensor.name().substring(0, tensor.name().indexOf('.')))) {
                        case EMBEDDING -> i / v == i % v ? 1 : 0;
                        case FINAL_NORM -> 1 / Math.sqrt(v); // the mean square of a unit vector is 1 / V
                        case HEAD -> i % v < logits.length ? logits[i % v][i / v] : 0;
                        default -> 0;
                    });
        }
    }
}
