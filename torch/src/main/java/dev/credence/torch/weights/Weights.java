package dev.credence.torch.weights;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightNames.Order;
import dev.credence.torch.architecture.WeightNames.Place;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.architecture.WeightSink;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.tensors.Native;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model by role, each packed as it is used: parts stacked by rows (out, in), and the rows of rotated
 * heads reordered so that the two numbers that are turned together are neighbours. Packing moves numbers, never changes
 * one, so that what is stored again is what was read.
 */
public final class Weights implements AutoCloseable {
    static final int PIECE = 1 << 28; // bytes read or written at a time

    private final WeightShapes shapes;
    private final WeightNames names;
    private final List<Map<Role, Tensor>> layers = new ArrayList<>(); // the last: what is outside the blocks
    private final List<Map<Role, List<LowRank>>> added = new ArrayList<>(); // by adapters

    private final List<MappedFiles.Stamp> stamps = new ArrayList<>(); // of the files that weights are mapped from

    private Weights(WeightShapes shapes, WeightNames names) {
        this.shapes = shapes;
        this.names = names;
    }

    /** Reads all weights of an architecture. */
    public static Weights read(
            Architecture architecture, WeightNames names, WeightSource source, Arithmetic arithmetic) {
        MemoryNeed.of(architecture, names, source, arithmetic).check();
        WeightShapes shapes = new WeightShapes(architecture);
        Weights weights = new Weights(shapes, names);
        try (MappedFiles files = new MappedFiles(source)) {
            for (int layer = 0; layer <= architecture.layers(); layer++) {
                boolean outside = layer == architecture.layers();
                Map<Role, Tensor> byRole = new EnumMap<>(Role.class);
                weights.layers.add(byRole);
                for (Role role : outside ? shapes.outside() : shapes.inBlocks()) {
                    Place place = names.place(role, outside ? 0 : layer);
                    byRole.put(role, weights.pack(role, place, files, arithmetic));
                }
            }
            weights.stamps.addAll(files.stamps());
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * Whether they are still those that were read.
     *
     * @throws InputException if a file that they are mapped from was written to in place
     */
    public void check() {
        stamps.forEach(MappedFiles.Stamp::check);
    }

    /** The same weights with some tensors in the place of theirs; all others, and what adapters add, are shared. */
    public Weights with(BiFunction<Role, Integer, @Nullable Tensor> other) {
        Weights made = sharing(other);
        for (int layer = 0; layer < added.size(); layer++) {
            added.get(layer).values().forEach(made::add);
        }
        return made;
    }

    /** The same weights with other adapters in the place of theirs. */
    public Weights withAdapters(List<LowRank> adapters) {
        Weights made = sharing((role, layer) -> null);
        made.add(adapters);
        return made;
    }

    /** The same weights with what adapters add in them. */
    public Weights merged() {
        return sharing((role, layer) -> {
            List<LowRank> low = added(role, layer);
            Tensor own = find(role, layer);
            if (low.isEmpty() || own == null) {
                return null;
            }
            Tensor sum = own.to(low.get(0).up().scalar_type()).clone(); // of 16 bits, the sum has more
            low.forEach(adapter -> adapter.mergeInto(sum));
            return sum;
        });
    }

    /** The same weights with a head of its own, the embedding. */
    public Weights untied() {
        Weights made = sharing((role, layer) -> null);
        Map<Role, Tensor> outside = made.layers.get(layers.size() - 1);
        Tensor embedding = outside.get(Role.EMBEDDING);
        if (embedding != null && !outside.containsKey(Role.HEAD)) {
            embedding.retainReference();
            outside.put(Role.HEAD, embedding);
        }
        Weights own = new Weights(shapes.untied(), names);
        own.layers.addAll(made.layers);
        own.stamps.addAll(stamps);
        return own;
    }

    /** The same weights with a head of one number in the place of theirs: zero, so that every text begins at a score of 0. */
    public Weights scoring(WeightNames others) {
        Weights made = sharing((role, layer) -> null);
        Map<Role, Tensor> outside = made.layers.get(layers.size() - 1);
        Tensor embedding = Objects.requireNonNull(outside.get(Role.EMBEDDING));
        Tensor old = outside.remove(Role.HEAD);
        if (old != null) {
            old.releaseReference();
        }
        Tensor head =
                Native.empty(embedding.scalar_type(), 1, embedding.size(1)).zero_();
        head.retainReference();
        outside.put(Role.HEAD, head);
        Weights own = new Weights(shapes.scoring(), others);
        own.layers.addAll(made.layers);
        own.stamps.addAll(stamps);
        return own;
    }

    /** The same weights with some read anew. */
    public Weights replaced(Architecture architecture, Set<String> stored, WeightSource source, Arithmetic arithmetic) {
        Weights form = new Weights(new WeightShapes(architecture), names);
        try (MappedFiles files = new MappedFiles(source)) {
            Weights made = sharing((role, layer) -> {
                Place place = names.place(role, layer == layers.size() - 1 ? 0 : layer);
                return place.names().stream().anyMatch(stored::contains)
                        ? form.pack(role, place, files, arithmetic)
                        : null;
            });
            form.layers.addAll(made.layers);
            form.stamps.addAll(stamps);
            form.stamps.addAll(files.stamps());
            return form;
        }
    }

    private Weights sharing(BiFunction<Role, Integer, @Nullable Tensor> other) {
        Weights made = new Weights(shapes, names);
        made.stamps.addAll(stamps);
        for (int layer = 0; layer < layers.size(); layer++) {
            Map<Role, Tensor> byRole = new EnumMap<>(Role.class);
            for (Map.Entry<Role, Tensor> entry : layers.get(layer).entrySet()) {
                Tensor replaced = other.apply(entry.getKey(), layer);
                Tensor tensor = replaced == null ? entry.getValue() : replaced;
                tensor.retainReference();
                byRole.put(entry.getKey(), tensor);
            }
            made.layers.add(byRole);
        }
        return made;
    }

    private void add(List<LowRank> adapters) {
        while (added.size() < layers.size()) {
            added.add(new EnumMap<>(Role.class));
        }
        for (LowRank low : adapters) {
            WeightPart part = part(low.weight());
            low.down().retainReference();
            low.up().retainReference();
            added.get(part.layer())
                    .computeIfAbsent(part.role(), role -> new ArrayList<>())
                    .add(low);
        }
    }

    /** What adapters add to a projection. */
    public List<LowRank> added(Role role, int layer) {
        return added.isEmpty() ? List.of() : added.get(layer).getOrDefault(role, List.of());
    }

    /** What adapters add, in the order of blocks. */
    public List<LowRank> added() {
        List<LowRank> all = new ArrayList<>();
        added.forEach(byRole -> byRole.values().forEach(all::addAll));
        return all;
    }

    /** The part of a packed weight that a stored one is. */
    public Optional<WeightPart> find(String stored) {
        for (int layer = 0; layer < layers.size(); layer++) {
            for (Role role : layers.get(layer).keySet()) {
                Place place = names.place(role, layer == layers.size() - 1 ? 0 : layer);
                int index = place.names().indexOf(stored);
                if (index >= 0) {
                    return Optional.of(WeightPart.of(shapes, role, layer, place, index));
                }
            }
        }
        return Optional.empty();
    }

    public WeightPart part(String stored) {
        return find(stored)
                .orElseThrow(
                        () -> new IllegalArgumentException("weight is '" + stored + "'; the model has no such one"));
    }

    /** The names of the stored tensors that a weight is made of. */
    public List<String> stored(Role role, int layer) {
        return names.place(role, layer == layers.size() - 1 ? 0 : layer).names();
    }

    /** The roles of a block; block {@code layers} stands for outside. */
    public Set<Role> roles(int layer) {
        return layers.get(layer).keySet();
    }

    /** The weight of a role in a block; block {@code layers} stands for outside. Null where the architecture has none. */
    @Nullable
    public Tensor find(Role role, int layer) {
        return layers.get(layer).get(role);
    }

    /** Writes one stored tensor back, as it would have been read. */
    public boolean write(StoredTensor stored, WeightSink sink) {
        for (int layer = 0; layer < layers.size(); layer++) {
            for (Map.Entry<Role, Tensor> entry : layers.get(layer).entrySet()) {
                boolean outside = layer == layers.size() - 1;
                Place place = names.place(entry.getKey(), outside ? 0 : layer);
                int part = place.names().indexOf(stored.name());
                if (part >= 0) {
                    unpack(entry.getKey(), entry.getValue(), place, part, stored, sink);
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void close() {
        layers.forEach(byRole -> byRole.values().forEach(Tensor::releaseReference));
        layers.clear();
        added().forEach(low -> {
            low.down().releaseReference();
            low.up().releaseReference();
        });
        added.clear();
    }

    private Tensor pack(Role role, Place place, MappedFiles files, Arithmetic arithmetic) {
        return Native.within(() -> {
            List<StoredTensor> stored = new ArrayList<>();
            for (int part = 0; part < place.names().size(); part++) {
                stored.add(found(role, place, part, files.source()));
            }
            Precision held = held(role, stored, arithmetic);
            int[] rows = shapes.rowOrder(role, place.order());
            boolean isColumns = place.order() == Order.COLUMNS && stored.get(0).shape().length == 2;
            Tensor mapped = rows.length == 0 && held.bytes() == Short.BYTES && !(isColumns && stored.size() > 1)
                    ? files.map(stored, held)
                    : null;
            if (mapped != null) {
                if (!FiniteWeights.are(mapped)) {
                    stored.forEach(part -> load(part, files.source())); // the one that is not names itself
                }
                Tensor placed = Native.placed(mapped);
                Tensor whole = isColumns ? placed.t() : placed;
                whole.retainReference();
                return whole;
            }
            List<Tensor> parts = new ArrayList<>();
            for (StoredTensor part : stored) {
                Tensor tensor = load(part, files.source()).to(Native.type(held));
                parts.add(isColumns ? tensor.t() : tensor);
            }
            Tensor whole =
                    parts.size() == 1 ? parts.get(0) : torch.cat(new TensorVector(parts.toArray(new Tensor[0])), 0);
            Tensor packed = rows.length == 0
                    ? whole.contiguous()
                    : whole.index_select(0, Native.ids(rows, rows.length)).contiguous();
            packed.retainReference(); // outlives the scope, until close
            return packed;
        });
    }

    private StoredTensor found(Role role, Place place, int part, WeightSource source) {
        StoredTensor stored = source.find(place.names().get(part));
        long[] expected = shapes.stored(role, place, part);
        if (!Arrays.equals(expected, stored.shape())) {
            throw new InputException(
                    stored.file(),
                    0,
                    stored.name(),
                    "of shape " + Arrays.toString(stored.shape()),
                    "the configuration asks for " + Arrays.toString(expected));
        }
        return stored;
    }

    /** Parts that are held together are held alike; what is added to activations is held as they are. */
    static Precision held(Role role, List<StoredTensor> parts, Arithmetic arithmetic) {
        Precision first = parts.get(0).precision();
        boolean isMatrix = parts.get(0).shape().length == 2 && role != Role.POSITIONS;
        boolean isAlike = parts.stream().allMatch(part -> part.precision() == first);
        return isMatrix && (isAlike || arithmetic != Arithmetic.AS_STORED)
                ? arithmetic.held(first)
                : arithmetic.activations();
    }

    private void unpack(Role role, Tensor packed, Place place, int part, StoredTensor stored, WeightSink sink) {
        Native.within(() -> {
            int[] rows = shapes.rowOrder(role, place.order());
            Tensor whole = packed;
            if (rows.length > 0) {
                int[] inverse = new int[rows.length];
                for (int i = 0; i < rows.length; i++) {
                    inverse[rows[i]] = i;
                }
                whole = packed.index_select(0, Native.ids(inverse, rows.length));
            }
            long from = 0;
            for (int before = 0; before < part; before++) {
                from += shapes.rows(role, place, before);
            }
            Tensor own = whole.narrow(0, from, shapes.rows(role, place, part));
            Tensor turned = place.order() == Order.COLUMNS && own.dim() == 2 ? own.t() : own;
            Tensor dense = Native.onHost(turned.to(Native.type(stored.precision())));
            for (long at = 0; at < stored.bytes(); at += PIECE) {
                sink.write(piece(dense, at, stored.bytes()));
            }
        });
    }

    /**
     * Reads a stored tensor.
     *
     * @throws InputException if one of its numbers is none, or infinite
     */
    public static Tensor load(StoredTensor stored, WeightSource source) {
        Tensor tensor = Native.onHost(Native.type(stored.precision()), stored.shape());
        for (long from = 0; from < stored.bytes(); from += PIECE) {
            source.read(stored, from, piece(tensor, from, stored.bytes()));
        }
        FiniteWeights.check(stored, tensor);
        return Native.placed(tensor);
    }

    static ByteBuffer piece(Tensor tensor, long from, long bytes) {
        return new BytePointer(tensor.data_ptr())
                .position(from)
                .limit(Math.min(bytes, from + PIECE))
                .asByteBuffer();
    }
}
