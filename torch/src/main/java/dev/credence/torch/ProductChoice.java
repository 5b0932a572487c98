package dev.credence.torch;

import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.layers.ProductSpeed;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.PackedMatrix;
import dev.credence.torch.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which weights of large models are packed for oneDNN: those whose products are faster so. Measured once a machine, when the first large
 * model is opened, and kept in the user's cache folder. The system property {@code credence.packed} (true: all; false: none) overrules
 * it.
 *
 * @param isPossible whether anything can be packed
 * @param single how many times as fast weights and rows in single precision are packed as not: a geometric mean over 1 to 256 rows;
 *     NaN: not measured, and asked for
 * @param narrow the same of weights in 16 bits and rows in single precision
 * @param rounded the same of such weights and rows in bfloat16
 */
public record ProductChoice(boolean isPossible, double single, double narrow, double rounded) {
    private static final ProductChoice NONE = new ProductChoice(false, 0, 0, 0);
    private static final ProductChoice ASKED = new ProductChoice(true, Double.NaN, Double.NaN, Double.NaN);
    private static final String PROPERTY = "credence.packed";
    private static final String FILE = "products-3.properties";
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

    /**
     * What {@link #shared} packs, where that is known without a measurement, which takes seconds.
     *
     * @return the forms of weights that are packed, in words without figures; empty where it is not known yet
     */
    public static String known() {
        String named = System.getProperty(PROPERTY, "");
        if (named.equals("false") || !Native.isOnProcessor()) {
            return NONE.packed();
        }
        if (named.equals("true")) {
            return ASKED.packed();
        }
        ProductChoice kept = read(MachineFile.named(FILE));
        return kept == null ? "" : kept.packed();
    }

    private static ProductChoice ofThisMachine() {
        String named = System.getProperty(PROPERTY, "");
        if (named.equals("false") || !Native.isOnProcessor() || !PackedMatrix.isPossible()) {
            return NONE;
        }
        if (named.equals("true")) {
            return ASKED;
        }
        MachineFile file = MachineFile.named(FILE);
        ProductChoice kept = read(file);
        if (kept != null) {
            return kept;
        }
        ProductSpeed speed;
        try {
            speed = ProductSpeed.measure(Backend.shared().workers());
        } catch (IllegalStateException e) { // wrong products have no speed; another version may have right ones
            return new ProductChoice(true, 0, 0, 0);
        }
        ProductChoice choice = new ProductChoice(
                true,
                ProductSpeed.gain(speed.single()),
                ProductSpeed.gain(speed.narrow()),
                ProductSpeed.gain(speed.rounded()));
        Properties measured = new Properties();
        measured.setProperty("single", Double.toString(choice.single));
        measured.setProperty("narrow", Double.toString(choice.narrow));
        measured.setProperty("rounded", Double.toString(choice.rounded));
        file.write(measured);
        return choice;
    }

    /** What was measured before; null where it was not, or the file is damaged. */
    private static @Nullable ProductChoice read(MachineFile file) {
        Properties kept = file.read();
        if (kept == null) {
            return null;
        }
        try {
            return new ProductChoice(true, gain(kept, "single"), gain(kept, "narrow"), gain(kept, "rounded"));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static double gain(Properties kept, String name) {
        return Double.parseDouble(kept.getProperty(name, ""));
    }

    /** How matrices of a large model are packed. */
    Weights.Packer packer(Arithmetic arithmetic, Backend backend) {
        boolean rounds = arithmetic == Arithmetic.BFLOAT16;
        return new Weights.Packer(
                isFaster(single), isFaster(rounds ? rounded : narrow), rounds, LEAST, backend.workers());
    }

    /** All that can be, of whatever size. */
    static Weights.Packer always(Arithmetic arithmetic, Backend backend) {
        return new Weights.Packer(true, true, arithmetic == Arithmetic.BFLOAT16, 1, backend.workers());
    }

    private boolean isFaster(double gain) {
        return isPossible && !(gain < GAIN); // what was not measured was asked for
    }

    /** What is packed, without figures. */
    String packed() {
        String packed = forms().stream()
                .filter(form -> isFaster(form.gain))
                .map(Form::name)
                .collect(Collectors.joining(", "));
        return packed.isEmpty() ? "as stored" : "packed where they are " + packed;
    }

    private List<Form> forms() {
        return List.of(new Form("fp32", single), new Form("bf16 in fp32", narrow), new Form("bf16", rounded));
    }

    /** Weights and rows of a kind. */
    private record Form(String name, double gain) {
        private String describe() {
            return gain > 0 ? String.format(Locale.ROOT, "%s (%.1f x)", name, gain) : name;
        }
    }

    /** {@return one line for people: what is packed, and what was measured} */
    public String describe() {
        if (!isPossible) {
            return "not packed (oneDNN is not used)";
        }
        List<String> packed = new ArrayList<>();
        List<String> stored = new ArrayList<>();
        forms().forEach(form -> (isFaster(form.gain) ? packed : stored).add(form.describe()));
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
