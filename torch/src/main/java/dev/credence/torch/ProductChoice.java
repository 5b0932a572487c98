package dev.credence.torch;

import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.layers.ProductSpeed;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.HalfMatrix;
import dev.credence.torch.weights.MklMatrix;
import dev.credence.torch.weights.Weights;
import dev.credence.torch.weights.Weights.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * Which weights of large models are packed, and how: those whose products are faster so, for MKL, or in half precision for FBGEMM, a part
 * of libtorch. Measured once a machine, when the first large model is opened, and kept in the user's cache folder. The system property
 * {@code credence.packed} (true and mkl: for MKL; half: those of 16 bits in half precision, no others; false: none) overrules it.
 *
 * @param isPossible whether anything can be packed
 * @param single how many times as fast weights and rows in single precision are packed as not: a geometric mean over 1 to 256 rows;
 *     NaN: not measured, and asked for
 * @param bfloat16 the same of weights and rows in bfloat16, packed for MKL, against weights that are widened
 * @param cut the same of weights in bfloat16 and rows in single precision
 * @param half the same of such weights in half precision; rows may be either
 */
public record ProductChoice(boolean isPossible, double single, double bfloat16, double cut, double half) {
    private static final String FILE = "products-2.properties";
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

    private static final ProductChoice NONE = new ProductChoice(false, 0, 0, 0, 0);

    private static ProductChoice ofThisMachine() {
        String named = System.getProperty("credence.packed", "");
        if (named.equals("false") || !Native.isOnProcessor()) {
            return NONE;
        }
        boolean mkl = MklMatrix.isPossible();
        boolean fbgemm = HalfMatrix.isPossible();
        if (named.equals("half")) {
            return fbgemm ? new ProductChoice(true, 0, 0, 0, Double.NaN) : NONE;
        }
        if (named.equals("true") || named.equals("mkl")) {
            return mkl ? new ProductChoice(true, Double.NaN, Double.NaN, Double.NaN, 0) : NONE;
        }
        if (!mkl && !fbgemm) {
            return NONE;
        }
        MachineFile file = MachineFile.named(FILE);
        Properties kept = file.read();
        if (kept != null) {
            try {
                return new ProductChoice(
                        true, gain(kept, "single"), gain(kept, "bfloat16"), gain(kept, "cut"), gain(kept, "half"));
            } catch (NumberFormatException e) {
                // damaged: measured again
            }
        }
        ProductSpeed speed = ProductSpeed.measure(Backend.shared().workers(), mkl, fbgemm);
        ProductChoice choice = new ProductChoice(
                true,
                ProductSpeed.gain(speed.single()),
                ProductSpeed.gain(speed.bfloat16()),
                ProductSpeed.gain(speed.cut()),
                ProductSpeed.gain(speed.half()));
        Properties measured = new Properties();
        measured.setProperty("single", Double.toString(choice.single));
        measured.setProperty("bfloat16", Double.toString(choice.bfloat16));
        measured.setProperty("cut", Double.toString(choice.cut));
        measured.setProperty("half", Double.toString(choice.half));
        file.write(measured);
        return choice;
    }

    private static double gain(Properties kept, String name) {
        return Double.parseDouble(kept.getProperty(name, ""));
    }

    /** How matrices of a large model are packed. */
    Weights.Packer packer(Arithmetic arithmetic, Backend backend) {
        return new Weights.Packer(
                form(single, 0),
                form(arithmetic == Arithmetic.BFLOAT16 ? bfloat16 : cut, half),
                LEAST,
                backend.workers());
    }

    /** The fastest by the gains of two; MKL's, where they tell nothing. */
    private Form form(double mkl, double fbgemm) {
        if (!isPossible) {
            return Form.AS_IT_IS;
        }
        return isFaster(mkl) && !(fbgemm > mkl) ? Form.MKL : isFaster(fbgemm) ? Form.HALF : Form.AS_IT_IS;
    }

    /** All that can be, of whatever size, for MKL or those of 16 bits in half precision. */
    static Weights.Packer always(Backend backend, Form narrow) {
        return new Weights.Packer(Form.MKL, narrow, 1, backend.workers());
    }

    private static boolean isFaster(double gain) {
        return !(gain < GAIN); // what was not measured was asked for
    }

    /** {@return one line for people: what is packed, and what was measured} */
    public String describe() {
        if (!isPossible) {
            return "not packed (neither MKL nor FBGEMM is used)";
        }
        List<String> packed = new ArrayList<>();
        List<String> stored = new ArrayList<>();
        describe("fp32", single, 0, packed, stored);
        describe("bf16", bfloat16, half, packed, stored);
        describe("bf16 in fp32", cut, half, packed, stored);
        List<String> parts = new ArrayList<>();
        if (!packed.isEmpty()) {
            parts.add("packed: " + String.join(", ", packed));
        }
        if (!stored.isEmpty()) {
            parts.add("as stored: " + String.join(", ", stored));
        }
        return String.join("; ", parts);
    }

    private void describe(String name, double mkl, double fbgemm, List<String> packed, List<String> stored) {
        Form form = form(mkl, fbgemm);
        double gain = form == Form.MKL ? mkl : form == Form.HALF ? fbgemm : Math.max(mkl, fbgemm);
        List<String> about = new ArrayList<>();
        if (form == Form.HALF) {
            about.add("as fp16");
        }
        if (gain > 0) { // measured
            about.add(String.format(Locale.ROOT, "%.1f x", gain));
        }
        String all = about.isEmpty() ? name : name + " (" + String.join(", ", about) + ")";
        (form == Form.AS_IT_IS ? stored : packed).add(all);
    }
}
