package dev.credence.lab.runs;

import dev.credence.torch.Backend;
import dev.credence.torch.BackendChoice;
import dev.credence.torch.ProductChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What may decide about the last digits of what a run computes, beside its inputs: kept when it begins, and compared when it goes on.
 * What one of the two does not know is not compared.
 */
public final class RunMachine {
    /** The name of what is packed of large models, where that is known. */
    public static final String LARGE = "large models";

    private static final String BLAS = "blas";

    private RunMachine() {}

    /** {@return Java, operating system, processors} */
    public static Map<String, String> now() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("java", Runtime.version().toString());
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return machine;
    }

    /**
     * {@return the same for a run of a transformer: which library multiplies its matrices and how, on how many threads and which
     * device}
     */
    public static Map<String, String> ofModels() {
        Map<String, String> machine = now();
        Backend backend = Backend.shared();
        BackendChoice choice = backend.choice();
        machine.put(BLAS, choice.blas().name().toLowerCase(Locale.ROOT));
        machine.put("threads", Integer.toString(choice.threads()));
        machine.put("device", choice.device());
        machine.put("instructions", backend.instructions());
        machine.put("small matrices", backend.describeSmallMatrices());
        String packed = ProductChoice.known();
        if (!packed.isEmpty()) {
            machine.put(LARGE, packed);
        }
        return machine;
    }

    /**
     * What is another than it was.
     *
     * @param then as it was
     * @param now as it is
     * @return in words, each with what it was; empty where nothing is
     */
    public static String other(Map<String, String> then, Map<String, String> now) {
        List<String> other = new ArrayList<>();
        now.forEach((name, value) -> {
            String before = then.getOrDefault(name, value);
            if (!before.equals(value)) {
                other.add(name + " " + value + " (it was " + before + ")");
            }
        });
        return String.join(", ", other);
    }

    /** What a record of a run is compared with: libtorch is not loaded for one that did without. */
    static Map<String, String> like(Map<String, String> then) {
        return then.containsKey(BLAS) ? ofModels() : now();
    }
}
