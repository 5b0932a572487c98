package dev.credence.torch;

import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.layers.ProductSpeed;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.PackedMatrix;
import dev.credence.torch.weights.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * Which weights of large models are packed for MKL: those whose products are faster so. Measured once a machine, when the first
 * large model is opened, and kept in the user's cache folder. The system property {@code credence.packed} (true, false) overrules it.
 *
 * @param isPossible whether MKL can be loaded
 * @param single how many times as fast weights and rows in single precision are packed as not: a geometric mean over 1 to 256 rows; NaN:
 *     not measured
 * @param bfloat16 the same of weights and rows in bfloat16, against weights that are widened
 * @param cut the same of weights in bfloat16 and rows in single precision
 */
public record ProductChoice(boolean isPossible, double single, double bfloat16, double cut) {
    private static final String FILE = "products-1.properties";
    private static final double GAIN = 1.1; // less is not worth reading a whole model before its first product
    static final long LARGE = 1 << 24; // numbers of a model whose weights are packed: smaller ones stay in the cache
    private static final long LEAST = 1 << 16; // numbers of a matrix that is

    /** {@return what this machine does faster, measured at the first call} */
    public static ProductChoice shared() {
        return Holder.SHARED;
    }

    /** Measured or kept. */
    private static final class Holder {
        private static final ProductChoice SHARED = ofThisMachine();
    }

    private static ProductChoice ofThisMachine() {
        String named = System.getProperty("credence.packed", "");
        if (named.equals("false") || !Native.isOnProcessor() || !PackedMatrix.isPossible()) {
            return new ProductChoice(false, Double.NaN, Double.NaN, Double.NaN);
        }
        if (named.equals("true")) {
            return new ProductChoice(true, Double.NaN, Double.NaN, Double.NaN);
        }
        MachineFile file = MachineFile.named(FILE);
        Properties kept = file.read();
        if (kept != null) {
            try {
                return new ProductChoice(true, gain(kept, "single"), gain(kept, "bfloat16"), gain(kept, "cut"));
            } catch (NumberFormatException e) {
                // damaged: measured again
            }
        }
        ProductSpeed speed = ProductSpeed.measure(Backend.shared().workers());
        ProductChoice choice = new ProductChoice(
                true,
                ProductSpeed.gain(speed.single()),
                ProductSpeed.gain(speed.bfloat16()),
                ProductSpeed.gain(speed.cut()));
        Properties measured = new Properties();
        measured.setProperty("single", Double.toString(choice.single));
        measured.setProperty("bfloat16", Double.toString(choice.bfloat16));
        measured.setProperty("cut", Double.toString(choice.cut));
        file.write(measured);
        return choice;
    }

    private static double gain(Properties kept, String name) {
        return Double.parseDouble(kept.getProperty(name, ""));
    }

    /** Which matrices of a large model are packed. */
    Weights.Packer packer(Arithmetic arithmetic, Backend backend) {
        return new Weights.Packer(
                isPossible && isFaster(single),
                isPossible && isFaster(arithmetic == Arithmetic.BFLOAT16 ? bfloat16 : cut),
                LEAST,
                backend.workers());
    }

    /** All that can be, of whatever size. */
    static Weights.Packer always(Backend backend) {
        return new Weights.Packer(true, true, 1, backend.workers());
    }

    private static boolean isFaster(double gain) {
        return !(gain < GAIN); // what was not measured was asked for
    }

    /** {@return one line for people: what is packed, and what was measured} */
    public String describe() {
        if (!isPossible) {
            return "not packed (MKL is not used)";
        }
        Map<String, Double> gains = new LinkedHashMap<>();
        gains.put("fp32", single);
        gains.put("bf16", bfloat16);
        gains.put("bf16 in fp32", cut);
        List<String> packed = new ArrayList<>();
        List<String> stored = new ArrayList<>();
        gains.forEach((name, gain) -> {
            String word = Double.isNaN(gain) ? name : String.format(Locale.ROOT, "%s (%.1f x)", name, gain);
            (isFaster(gain) ? packed : stored).add(word);
        });
        List<String> parts = new ArrayList<>();
        if (!packed.isEmpty()) {
            parts.add("packed: " + String.join(", ", packed));
        }
        if (!stored.isEmpty()) {
            parts.add("as stored: " + String.join(", ", stored));
        }
        return String.join("; ", parts);
    }
}
