package dev.credence.torch.weights;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightNames.Place;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.tensors.FreeMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a model takes of the machine's memory, known from the headers of its files, before anything is read.
 *
 * @param file of its first weight, for messages
 * @param numbers how many weights
 * @param weightBytes what they take as they are held
 * @param cacheBytes keys and values of one text
 * @param cacheTokens how long that text is
 */
public record MemoryNeed(String file, long numbers, long weightBytes, long cacheBytes, int cacheTokens) {
    private static final int TOKENS = 256; // of a text that the least use of a model has
    private static final long TURN_BYTES = 40; // a turn of one pair at one position, while the table of them is made
    private static final double GIGABYTE = 1e9;

    /** Adds the weights of an architecture up. */
    public static MemoryNeed of(
            Architecture architecture, WeightNames names, WeightSource source, Arithmetic arithmetic) {
        WeightShapes shapes = new WeightShapes(architecture);
        String file = "";
        long numbers = 0;
        long bytes = 0;
        for (int layer = 0; layer <= architecture.layers(); layer++) {
            boolean outside = layer == architecture.layers();
            for (Role role : outside ? shapes.outside() : shapes.inBlocks()) {
                Place place = names.place(role, outside ? 0 : layer);
                List<StoredTensor> parts = new ArrayList<>();
                for (String name : place.names()) {
                    parts.add(source.find(name));
                }
                file = file.isEmpty() ? parts.get(0).file() : file;
                long own = numbers(parts);
                numbers += own;
                bytes += own * Weights.held(role, parts, arithmetic).bytes();
            }
        }
        int tokens = Math.min(TOKENS, architecture.context());
        Architecture.Rotary rotary = architecture.rotary();
        if (rotary != null) {
            bytes += TURN_BYTES * architecture.context() * (rotary.dimensions() / 2);
        }
        return new MemoryNeed(file, numbers, bytes, tokens * cacheBytes(architecture, arithmetic), tokens);
    }

    /** Keys and values of a token. */
    public static long cacheBytes(Architecture architecture, Arithmetic arithmetic) {
        Architecture.Attention attention = architecture.attention();
        return 2L
                * architecture.layers()
                * attention.keyValueHeads()
                * attention.headWidth()
                * arithmetic.activations().bytes();
    }

    /** How many numbers tensors have together. */
    static long numbers(List<StoredTensor> tensors) {
        return tensors.stream()
                .mapToLong(tensor -> Arrays.stream(tensor.shape()).reduce(1, Math::multiplyExact))
                .sum();
    }

    /** Whether there is room for the weights in a form that takes so many times their bytes. */
    boolean fits(double times) {
        return times * weightBytes + cacheBytes <= there();
    }

    private static String beside() {
        long open = MappedBytes.open();
        return open == 0
                ? ""
                : String.format(Locale.ROOT, " (beside %.2f GB of the models that are open)", open / GIGABYTE);
    }

    /** What is free beside the weights that open models have in their files. */
    private static long there() {
        return Math.max(0, FreeMemory.bytes() - MappedBytes.open());
    }

    /**
     * Refuses what does not fit.
     *
     * @throws InputException with the bytes needed and those that are there
     */
    public void check() {
        long there = there();
        if (weightBytes + cacheBytes > there) {
            throw new InputException(
                    file,
                    0,
                    "",
                    String.format(
                            Locale.ROOT,
                            "%.2f GB of weights (%,d numbers, %.2f bytes each) and %.2f GB of keys and values (one text of %d"
                                    + " tokens)",
                            weightBytes / GIGABYTE,
                            numbers,
                            (double) weightBytes / numbers,
                            cacheBytes / GIGABYTE,
                            cacheTokens),
                    String.format(
                            Locale.ROOT,
                            "%.2f GB are needed and %.2f GB are free%s: let other programs end, hold weights as stored, or use a"
                                    + " server",
                            (weightBytes + cacheBytes) / GIGABYTE,
                            there / GIGABYTE,
                            beside()));
        }
    }
}
