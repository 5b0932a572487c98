package dev.credence.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.AdapterPart;
import dev.credence.torch.architecture.AdapterPart.Factor;
import dev.credence.torch.architecture.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes a transformer's adapter in the hub's format; each file appears whole or not at all. */
public final class AdapterWriter {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Checkpoint base;
    private final String prefix;

    /**
     * A writer of adapters on a checkpoint.
     *
     * @param base that they are for
     */
    public AdapterWriter(Checkpoint base) {
        this.base = base;
        this.prefix = Adapter.prefix(base);
    }

    /**
     * Writes the adapter of a transformer.
     *
     * @param adapted a transformer with an adapter
     * @param target a folder, made if it is not there
     * @throws IllegalArgumentException if the transformer has no adapter
     */
    public void write(Transformer adapted, Path target) {
        List<AdapterPart> parts = adapted.adapters();
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("the transformer has no adapter to write");
        }
        try {
            Files.createDirectories(target);
            writeWeights(adapted, parts, target);
            byte[] config = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(config(parts));
            Path part = target.resolve(AdapterConfig.NAME + ".part");
            Files.write(part, config);
            rename(part, target.resolve(AdapterConfig.NAME));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    private void writeWeights(Transformer adapted, List<AdapterPart> parts, Path target) throws IOException {
        Map<String, Tensor> tensors = new TreeMap<>();
        for (AdapterPart part : parts) {
            for (Factor factor : Factor.values()) {
                String name = "base_model.model." + module(part) + (factor == Factor.DOWN ? ".lora_A" : ".lora_B");
                tensors.put(name + ".weight", new Tensor(part, factor));
            }
        }
        Path whole = target.resolve(Adapter.WEIGHTS);
        Path aside = target.resolve(Adapter.WEIGHTS + ".part");
        try (FileChannel out = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
            writeAll(out, SafetensorsHeader.of(shapes));
            tensors.values()
                    .forEach(tensor -> adapted.writeAdapter(
                            tensor.part.weight(), tensor.factor, Precision.FLOAT32, bytes -> writeAll(out, bytes)));
            out.force(true);
        }
        rename(aside, whole);
    }

    private record Tensor(AdapterPart part, Factor factor) {
        long[] shape() {
            return part.shape(factor);
        }
    }

    private Map<String, Object> config(List<AdapterPart> parts) {
        AdapterPart first = parts.get(0);
        boolean stabilised = !isWhole(first.scale() * first.rank()) && isWhole(alpha(first, true));
        Map<String, Object> ranks = new LinkedHashMap<>();
        Map<String, Object> alphas = new LinkedHashMap<>();
        for (AdapterPart part : parts) {
            if (part.rank() != first.rank() || part.scale() != first.scale()) {
                ranks.put(module(part), part.rank());
                alphas.put(module(part), number(alpha(part, stabilised)));
            }
        }
        Map<String, Object> config = new TreeMap<>();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", base.folder().toString());
        config.put("r", first.rank());
        config.put("lora_alpha", number(alpha(first, stabilised)));
        config.put("use_rslora", stabilised);
        config.put("rank_pattern", ranks);
        config.put("alpha_pattern", alphas);
        config.put("target_modules", targets(parts));
        config.put("fan_in_fan_out", parts.stream().allMatch(AdapterPart::transposed));
        config.put("bias", "none");
        config.put("lora_dropout", 0.0);
        config.put("use_dora", false);
        config.put("init_lora_weights", true);
        config.put("inference_mode", true);
        return config;
    }

    /** Whole names: no other module ends like them. */
    private List<String> targets(List<AdapterPart> parts) {
        return List.copyOf(new TreeSet<>(parts.stream().map(this::module).toList()));
    }

    private static double alpha(AdapterPart part, boolean stabilised) {
        return part.scale() * (stabilised ? Math.sqrt(part.rank()) : part.rank());
    }

    private static boolean isWhole(double value) {
        return Math.abs(value - Math.rint(value)) < 1e-9;
    }

    private static Object number(double value) {
        if (isWhole(value)) {
            return Math.round(value);
        }
        return value;
    }

    /** A module's name in the hub's class of the model, which has the base model's prefix even where the folder has not. */
    private String module(AdapterPart part) {
        String name = part.weight().substring(0, part.weight().length() - ".weight".length());
        return name.startsWith(prefix) ? name : prefix + name;
    }

    private static void rename(Path part, Path whole) throws IOException {
        Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
