package dev.credence.torch.weights;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.AdapterPart;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredAdapter;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSink;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/** Makes, reads and writes what adapters add to a model's projections. */
public final class Adapters {
    private static final Set<Role> PROJECTIONS =
            Set.of(Role.ATTENTION_IN, Role.ATTENTION_OUT, Role.FEED_FORWARD_IN, Role.FEED_FORWARD_OUT);

    /** Those that a file's adapter may be of. */
    private static final Set<Role> ADAPTED = Set.of(
            Role.ATTENTION_IN,
            Role.ATTENTION_OUT,
            Role.FEED_FORWARD_IN,
            Role.FEED_FORWARD_OUT,
            Role.EMBEDDING,
            Role.HEAD);

    private Adapters() {}

    /** Fresh ones: A random, B zero. The tensors live until the keeper is closed. */
    public static List<LowRank> fresh(
            Weights weights, int layers, LoraSettings settings, RandomGenerator random, Kept keeper) {
        List<LowRank> made = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (Role role : weights.roles(layer)) {
                for (String stored : PROJECTIONS.contains(role) ? weights.stored(role, layer) : List.<String>of()) {
                    if (settings.targets().matcher(stored).find()) {
                        Tensor weight = Objects.requireNonNull(weights.find(role, layer));
                        made.add(fresh(stored, weights.part(stored), weight, settings, random, keeper));
                    }
                }
            }
        }
        if (made.isEmpty()) {
            throw new IllegalArgumentException("targets '" + settings.targets()
                    + "' are found in no projection's name; one at least is needed, such as "
                    + weights.stored(Role.ATTENTION_IN, 0));
        }
        return made;
    }

    private static LowRank fresh(
            String stored, WeightPart part, Tensor weight, LoraSettings settings, RandomGenerator random, Kept keeper) {
        int in = (int) weight.size(1);
        double[] numbers = new double[settings.rank() * in];
        double bound = 1 / Math.sqrt(in);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextDouble(-bound, bound);
        }
        Tensor down = Native.doubles(numbers, settings.rank(), in).to(weight.scalar_type());
        Tensor up =
                Native.empty(weight.scalar_type(), part.rows(), settings.rank()).zero_();
        return new LowRank(stored, keeper.keep(down), keeper.keep(up), part.from(), settings.scale(), -1, -1);
    }

    /** Those of a file. */
    public static List<LowRank> read(
            Weights weights, List<StoredAdapter> stored, WeightSource source, Precision precision, Kept keeper) {
        List<LowRank> made = new ArrayList<>();
        for (StoredAdapter adapter : stored) {
            WeightPart part = weights.find(adapter.weight())
                    .filter(found -> ADAPTED.contains(found.role()))
                    .orElseThrow(() -> new InputException(
                            adapter.down().file(),
                            0,
                            adapter.down().name(),
                            "of weight '" + adapter.weight() + "'",
                            "the base model has no such projection"));
            Tensor down = Weights.load(adapter.down(), source).to(Native.type(precision));
            Tensor up = Weights.load(adapter.up(), source).to(Native.type(precision));
            long in = weights.in(part.role(), part.layer());
            long rank = adapter.down().shape().length == 2 ? adapter.down().shape()[0] : -1;
            if (part.role() == Role.EMBEDDING) { // stored as the factors of the table's transpose
                check(adapter.down(), rank, part.rows());
                check(adapter.up(), in, rank);
                Tensor columns = up.t().contiguous();
                up = down.t().contiguous();
                down = columns;
            } else {
                check(adapter.down(), rank, in);
                check(adapter.up(), part.rows(), rank);
                up = part.pack(up).contiguous();
            }
            made.add(new LowRank(
                    adapter.weight(), keeper.keep(down), keeper.keep(up), part.from(), adapter.scale(), -1, -1));
        }
        return made;
    }

    private static void check(StoredTensor tensor, long rows, long columns) {
        if (!Arrays.equals(tensor.shape(), new long[] {rows, columns})) {
            throw new InputException(
                    tensor.file(),
                    0,
                    tensor.name(),
                    "of shape " + Arrays.toString(tensor.shape()),
                    "the base model asks for [" + rows + ", " + columns + "]");
        }
    }

    public static AdapterPart describe(Weights weights, LowRank low) {
        return new AdapterPart(
                low.weight(),
                (int) low.rank(),
                low.scale(),
                low.up().size(0),
                low.down().size(1),
                weights.part(low.weight()).transposed());
    }

    /** Writes a factor as a file keeps it. */
    public static void write(
            Weights weights, LowRank low, AdapterPart.Factor factor, Precision precision, WeightSink sink) {
        Native.within(() -> {
            Tensor stored = factor == AdapterPart.Factor.DOWN
                    ? low.down()
                    : weights.part(low.weight()).unpack(low.up());
            Tensor dense = Native.onHost(stored.to(Native.type(precision)));
            long bytes = dense.numel() * precision.bytes();
            for (long at = 0; at < bytes; at += Weights.PIECE) {
                sink.write(Weights.piece(dense, at, bytes));
            }
        });
    }
}
