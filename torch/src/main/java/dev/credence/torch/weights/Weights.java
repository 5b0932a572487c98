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
import dev.credence.torch.tensors.Workers;
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
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
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
    private final @Nullable Packer packer; // of those that are read
    private final List<Map<Role, HeldWeight>> layers = new ArrayList<>(); // the last: what is outside the blocks
    private final List<Map<Role, List<LowRank>>> added = new ArrayList<>(); // by adapters

    private final List<MappedFiles.Stamp> stamps = new ArrayList<>(); // of the files that weights are mapped from

    private Weights(WeightShapes shapes, WeightNames names, @Nullable Packer packer) {
        this.shapes = shapes;
        this.names = names;
        this.packer = packer;
    }

    /**
     * Which matrices are packed, and by whom.
     *
     * @param single those in single precision
     * @param narrow those in 16 bits
     * @param rounds whether rows that are multiplied by them are rounded to bfloat16
     * @param least numbers of one that is packed
     * @param workers share the work
     */
    public record Packer(boolean single, boolean narrow, boolean rounds, long least, Workers workers) {
        boolean packs(Precision held, long numbers) {
            return numbers >= least && held != Precision.FLOAT64 && (held == Precision.FLOAT32 ? single : narrow);
        }

        private PackedMatrix pack(Tensor rows) {
            return PackedMatrix.of(rows, rounds, workers);
        }
    }

    /**
     * Reads all weights of an architecture.
     *
     * @param packing given how many there are, which are packed; null for none
     */
    public static Weights read(
            Architecture architecture,
            WeightNames names,
            WeightSource source,
            Arithmetic arithmetic,
            LongFunction<@Nullable Packer> packing) {
        MemoryNeed need = MemoryNeed.of(architecture, names, source, arithmetic);
        need.check();
        WeightShapes shapes = new WeightShapes(architecture);
        Packer packer = need.fits(PackedMatrix.BYTES) ? packing.apply(need.numbers()) : null;
        Weights weights = new Weights(shapes, names, packer);
        try (MappedFiles files = new MappedFiles(source)) {
            for (int layer = architecture.layers();
                    layer >= 0;
                    layer--) { // the largest matrix first, while memory is free
                boolean outside = layer == architecture.layers();
                Map<Role, HeldWeight> byRole = new EnumMap<>(Role.class);
                weights.layers.add(0, byRole);
                for (Role role : outside ? shapes.outside() : shapes.inBlocks()) {
                    Place place = names.place(role, outside ? 0 : layer);
                    byRole.put(role, weights.pack(role, place, files, arithmetic));
                }
                if (packer != null) {
                    Pointer.trimMemory(); // what packing held for a moment lies between what stays
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
            if (low.isEmpty()) {
                return null;
            }
            Tensor own = Objects.requireNonNull(find(role, layer));
            Tensor sum = own.to(low.get(0).up().scalar_type()).clone(); // of 16 bits, the sum has more
            low.forEach(adapter -> adapter.mergeInto(sum));
            return sum;
        });
    }

    /** The same weights with a head of its own, the embedding. */
    public Weights untied() {
        Weights made = sharing((role, layer) -> null);
        Map<Role, HeldWeight> outside = made.layers.get(layers.size() - 1);
        HeldWeight embedding = outside.get(Role.EMBEDDING);
        if (embedding != null && !outside.containsKey(Role.HEAD)) {
            embedding.retain();
            outside.put(Role.HEAD, embedding);
        }
        Weights own = new Weights(shapes.untied(), names, packer);
        own.layers.addAll(made.layers);
        own.stamps.addAll(stamps);
        return own;
    }

    /** The same weights with a head of one number in the place of theirs: zero, so that every text begins at a score of 0. */
    public Weights scoring(WeightNames others) {
        Weights made = sharing((role, layer) -> null);
        Map<Role, HeldWeight> outside = made.layers.get(layers.size() - 1);
        Tensor embedding = Objects.requireNonNull(outside.get(Role.EMBEDDING)).tensor();
        HeldWeight old = outside.remove(Role.HEAD);
        if (old != null) {
            old.release();
        }
        Tensor head =
                Native.empty(embedding.scalar_type(), 1, embedding.size(1)).zero_();
        head.retainReference();
        outside.put(Role.HEAD, HeldWeight.of(head));
        Weights own = new Weights(shapes.scoring(), others, packer);
        own.layers.addAll(made.layers);
        own.stamps.addAll(stamps);
        return own;
    }

    /** The same weights with some read anew. */
    public Weights replaced(Architecture architecture, Set<String> stored, WeightSource source, Arithmetic arithmetic) {
        Weights form = new Weights(new WeightShapes(architecture), names, packer);
        try (MappedFiles files = new MappedFiles(source)) {
            Weights made = held((role, layer) -> {
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
        return held((role, layer) -> {
            Tensor tensor = other.apply(role, layer);
            if (tensor == null) {
                return null;
            }
            tensor.retainReference();
            return HeldWeight.of(tensor);
        });
    }

    private Weights held(BiFunction<Role, Integer, @Nullable HeldWeight> other) {
        Weights made = new Weights(shapes, names, packer);
        made.stamps.addAll(stamps);
        for (int layer = 0; layer < layers.size(); layer++) {
            Map<Role, HeldWeight> byRole = new EnumMap<>(Role.class);
            for (Map.Entry<Role, HeldWeight> entry : layers.get(layer).entrySet()) {
                HeldWeight own = other.apply(entry.getKey(), layer);
                if (own == null) {
                    own = entry.getValue();
                    own.retain();
                }
                byRole.put(entry.getKey(), own);
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

    /**
     * The weight of a role in a block; block {@code layers} stands for outside. Null where the architecture has none. One that is
     * held packed alone is read from its file again, into the caller's scope.
     */
    @Nullable
    public Tensor find(Role role, int layer) {
        HeldWeight held = layers.get(layer).get(role);
        return held == null ? null : held.tensor();
    }

    /** The same packed; null where it is not. */
    @Nullable
    public PackedMatrix packed(Role role, int layer) {
        HeldWeight held = layers.get(layer).get(role);
        return held == null ? null : held.packed();
    }

    /** Whether some are packed. */
    public boolean isPacked() {
        return layers.stream().flatMap(byRole -> byRole.values().stream()).anyMatch(held -> held.packed() != null);
    }

    /** How many numbers a row of a matrix has. */
    long in(Role role, int layer) {
        PackedMatrix packed = packed(role, layer);
        return packed == null
                ? Objects.requireNonNull(find(role, layer)).size(1)
                : packed.columns().in();
    }

    /** Writes one stored tensor back, as it would have been read. */
    public boolean write(StoredTensor stored, WeightSink sink) {
        for (int layer = 0; layer < layers.size(); layer++) {
            for (Map.Entry<Role, HeldWeight> entry : layers.get(layer).entrySet()) {
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
        layers.forEach(byRole -> byRole.values().forEach(HeldWeight::release));
        layers.clear();
        added().forEach(low -> {
            low.down().releaseReference();
            low.up().releaseReference();
        });
        added.clear();
    }

    private HeldWeight pack(Role role, Place place, MappedFiles files, Arithmetic arithmetic) {
        return Native.within(() -> {
            List<StoredTensor> stored = new ArrayList<>();
            for (int part = 0; part < place.names().size(); part++) {
                stored.add(found(role, place, part, files.source()));
            }
            Precision held = held(role, stored, arithmetic);
            int[] rows = shapes.rowOrder(role, place.order());
            boolean isColumns = place.order() == Order.COLUMNS && stored.get(0).shape().length == 2;
            Packer own = isMultiplied(role, stored) && !arithmetic.isWide() ? packer : null;
            boolean isPacked = own != null && own.packs(held, MemoryNeed.numbers(stored));
            boolean isMappable = held.bytes() == Short.BYTES || isPacked;
            Tensor mapped = rows.length == 0 && isMappable && !(isColumns && stored.size() > 1)
                    ? files.map(stored, held)
                    : null;
            if (mapped != null && !isPacked) {
                requireFinite(mapped, stored, files.source());
            }
            Tensor placed = mapped == null ? null : Native.placed(mapped);
            Tensor kept = placed == null || !isColumns ? placed : placed.t();
            Supplier<Tensor> read = () -> whole(stored, files.source(), held, isColumns, rows);
            if (own != null && isPacked) {
                PackedMatrix packed = packed(stored, held, isColumns, mapped != null, files.source(), read, own::pack);
                kept = kept == null && role == Role.EMBEDDING ? read.get() : kept; // its rows are looked up, too
                if (kept != null) {
                    kept.retainReference();
                }
                return new HeldWeight(kept, packed, files.again(stored, read), null);
            }
            boolean isInFile = kept != null && Native.isOnProcessor();
            kept = kept == null ? read.get() : kept;
            kept.retainReference(); // outlives the scope, until close
            return isInFile ? HeldWeight.mapped(kept) : HeldWeight.of(kept);
        });
    }

    /** Looks at every number: their pages are in memory then. */
    private static void requireFinite(Tensor mapped, List<StoredTensor> stored, WeightSource source) {
        if (!FiniteWeights.are(mapped)) {
            stored.forEach(part -> load(part, source)); // the one that is not names itself
        }
    }

    /** From a mapping of its own, whose pages go with it, where there is one: no copy is made, and nothing of it stays in memory. */
    private static PackedMatrix packed(
            List<StoredTensor> stored,
            Precision held,
            boolean isColumns,
            boolean isMapped,
            WeightSource source,
            Supplier<Tensor> read,
            Function<Tensor, PackedMatrix> packer) {
        try (MappedFiles briefly = new MappedFiles(source)) {
            return Native.within(() -> {
                Tensor mapped = isMapped ? briefly.map(stored, held) : null;
                if (mapped != null) {
                    requireFinite(mapped, stored, source);
                }
                Tensor rows = mapped == null ? read.get() : isColumns ? mapped.t() : mapped;
                return packer.apply(rows);
            });
        }
    }

    /** Whether rows are multiplied by it; by the embedding where it is the head. */
    private boolean isMultiplied(Role role, List<StoredTensor> parts) {
        return parts.get(0).shape().length == 2
                && role != Role.POSITIONS
                && (role != Role.EMBEDDING || !shapes.outside().contains(Role.HEAD));
    }

    /** Parts stacked by rows, in the order in which they are used. */
    private static Tensor whole(
            List<StoredTensor> stored, WeightSource source, Precision held, boolean isColumns, int[] rows) {
        List<Tensor> parts = new ArrayList<>();
        for (StoredTensor part : stored) {
            Tensor tensor = load(part, source).to(Native.type(held));
            parts.add(isColumns ? tensor.t() : tensor);
        }
        Tensor whole = parts.size() == 1 ? parts.get(0) : torch.cat(new TensorVector(parts.toArray(new Tensor[0])), 0);
        return rows.length == 0
                ? whole.contiguous()
                : whole.index_select(0, Native.ids(rows, rows.length)).contiguous();
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

    private void unpack(Role role, HeldWeight held, Place place, int part, StoredTensor stored, WeightSink sink) {
        Native.within(() -> {
            int[] rows = shapes.rowOrder(role, place.order());
            Tensor packed = held.tensor();
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
