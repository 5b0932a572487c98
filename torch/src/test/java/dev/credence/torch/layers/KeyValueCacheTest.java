package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.tensors.Native;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever rows are chosen, each has what the row it comes from had, and what is read afterwards goes behind it. */
class KeyValueCacheTest {
    private static final int ROWS = 5;
    private static final int CAPACITY = 7;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 1 2 3 4", // all stay
                "0 1 2", // the last leave
                "0 4 2 3", // one comes from behind
                "4 3", // all come from behind
                "3 1 2", // the same, and one stays
                "1 0 2", // two change places
                "1 2 3 4", // all move up
                "4 4 2", // one goes two ways
                "0 0 1 1 2 2 3 4", // more than there were
                "2"
            })
    void chosenRowsAreThoseOfBefore(String words) {
        int[] chosen =
                Arrays.stream(words.split(" ")).mapToInt(Integer::parseInt).toArray();
        try (Transformer model = RandomModels.of(RandomModels.learned(), 1, Precision.FLOAT32, 1)) {
            Native.infer(() -> {
                Network network = model.network();
                try (KeyValueCache cache = KeyValueCache.empty(network, ROWS, CAPACITY)) {
                    Tensor shape = cache.read(0);
                    long heads = shape.size(1);
                    long width = shape.size(3);
                    int layers = network.architecture().layers();
                    double[][] before = new double[layers][];
                    int each = Math.toIntExact(heads * 3 * width);
                    for (int layer = 0; layer < layers; layer++) {
                        before[layer] = numbers(layer, ROWS * each);
                        cache.append(layer, tensor(before[layer], ROWS, heads, 3, width));
                    }
                    cache.advance(3);
                    cache.select(chosen);
                    assertThat(cache.sequences()).isEqualTo(chosen.length);
                    for (int layer = 0; layer < layers; layer++) {
                        double[] fresh = numbers(-1 - layer, Math.toIntExact(chosen.length * heads * width));
                        Tensor all = cache.append(layer, tensor(fresh, chosen.length, heads, 1, width));
                        assertThat(Native.toDoubles(all.narrow(2, 3, 1))).isEqualTo(fresh);
                        double[] own = before[layer];
                        double[] expected = IntStream.of(chosen)
                                .boxed()
                                .flatMapToDouble(row -> Arrays.stream(own, row * each, (row + 1) * each))
                                .toArray();
                        assertThat(Native.toDoubles(all.narrow(2, 0, 3))).isEqualTo(expected);
                    }
                    cache.advance(1);
                }
                return List.of();
            });
        }
    }

    private static double[] numbers(int seed, int n) {
        return IntStream.range(0, n).mapToDouble(i -> 10_000 * seed + i).toArray();
    }

    private static Tensor tensor(double[] numbers, long... shape) {
        return Native.doubles(numbers, shape).to(Native.type(Precision.FLOAT32));
    }
}
