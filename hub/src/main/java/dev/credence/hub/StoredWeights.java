package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** All tensors of a checkpoint folder, in one file or in shards that an index names. */
final class StoredWeights implements WeightSource {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private final String place; // for messages about what is in no file
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> byName;

    private StoredWeights(String place, List<SafetensorsFile> files, Map<String, SafetensorsFile> byName) {
        this.place = place;
        this.files = files;
        this.byName = byName;
    }

    static StoredWeights open(Path folder) {
        Path index = folder.resolve(INDEX);
        Path single = folder.resolve(SINGLE);
        if (Files.isRegularFile(single)) {
            SafetensorsFile file = SafetensorsFile.open(single);
            Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
            file.entries().keySet().forEach(name -> byName.put(name, file));
            return new StoredWeights(single.toString(), List.of(file), byName);
        }
        if (!Files.isRegularFile(index)) {
            throw new InputException(
                    single.toString(), 0, "", "missing", "a checkpoint folder needs this file or " + INDEX);
        }
        return sharded(folder, index);
    }

    private static StoredWeights sharded(Path folder, Path index) {
        Map<String, String> shardOf = new LinkedHashMap<>();
        JsonFile.read(index)
                .object("weight_map")
                .orElseThrow(() -> new InputException(
                        index.toString(), 0, "weight_map", "missing", "it names each tensor's shard"))
                .root()
                .properties()
                .forEach(field -> shardOf.put(field.getKey(), field.getValue().asText()));
        Set<String> shards = new LinkedHashSet<>(shardOf.values());
        Map<String, SafetensorsFile> opened = new LinkedHashMap<>();
        for (String shard : shards) {
            Path path = folder.resolve(shard).normalize();
            if (!path.startsWith(folder.normalize()) || !Files.isRegularFile(path)) {
                throw new InputException(
                        index.toString(), 0, "weight_map", "'" + shard + "'", "there must be such a file beside it");
            }
            opened.put(shard, SafetensorsFile.open(path));
        }
        Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
        shardOf.forEach((name, shard) -> {
            SafetensorsFile file = opened.get(shard);
            if (file == null || !file.entries().containsKey(name)) {
                throw new InputException(
                        folder.resolve(shard).toString(), 0, name, "missing", INDEX + " says it is in this shard");
            }
            byName.put(name, file);
        });
        return new StoredWeights(index.toString(), new ArrayList<>(opened.values()), byName);
    }

    List<SafetensorsFile> files() {
        return files;
    }

    /** The names of all tensors. */
    Set<String> names() {
        return byName.keySet();
    }

    /** The file that holds a tensor. */
    String file(String name) {
        return Objects.requireNonNull(byName.get(name), name).path().toString();
    }

    /** The sizes of a tensor. */
    long[] shape(String name) {
        SafetensorsFile file = Objects.requireNonNull(byName.get(name), name);
        return Objects.requireNonNull(file.entries().get(name), name).shape().clone();
    }

    boolean has(String name) {
        return byName.containsKey(name);
    }

    @Override
    public StoredTensor find(String name) {
        SafetensorsFile file = byName.get(name);
        if (file == null) {
            throw new InputException(
                    place,
                    0,
                    name,
                    "missing",
                    "the configuration asks for this tensor, and there are " + byName.size() + " others");
        }
        return stored(file, name);
    }

    /** A tensor of a file in the words of module torch. */
    static StoredTensor stored(SafetensorsFile file, String name) {
        SafetensorsFile.Entry entry = Objects.requireNonNull(file.entries().get(name), name);
        Precision precision = switch (entry.type()) {
            case "F64" -> Precision.FLOAT64;
            case "F32" -> Precision.FLOAT32;
            case "F16" -> Precision.FLOAT16;
            case "BF16" -> Precision.BFLOAT16;
            default ->
                throw new InputException(
                        file.path().toString(),
                        0,
                        name,
                        "of type " + entry.type(),
                        "weights must be F32, F16, BF16 or F64");
        };
        return new StoredTensor(file.path().toString(), name, precision, entry.shape());
    }

    @Override
    public Optional<Region> region(StoredTensor tensor) {
        SafetensorsFile file = Objects.requireNonNull(byName.get(tensor.name()), tensor.name());
        SafetensorsFile.Entry entry = Objects.requireNonNull(file.entries().get(tensor.name()));
        return Optional.of(new Region(file.path(), file.offset(entry)));
    }

    @Override
    public void read(StoredTensor tensor, long from, ByteBuffer into) {
        SafetensorsFile file = Objects.requireNonNull(byName.get(tensor.name()), tensor.name());
        file.read(Objects.requireNonNull(file.entries().get(tensor.name())), from, into);
    }
}
