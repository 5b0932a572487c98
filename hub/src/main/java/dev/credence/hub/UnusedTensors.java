package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tensors of the files that the configuration does not ask for. One that is part of the decoder, such as a bias or a further
 * block, is refused: the model without it is another function, and no figure would say so. What lies outside, such as a value
 * head, changes no next-token probability and is only named. Buffers, which the sizes give, are passed over.
 */
final class UnusedTensors {
    private static final Pattern BUFFERS =
            Pattern.compile("(.*\\.)?(attn\\.bias|attn\\.masked_bias|attention\\.bias|attention\\.masked_bias"
                    + "|rotary_emb\\.inv_freq)");
    private static final int SHOWN = 4;

    private UnusedTensors() {}

    /** Refuses those of the decoder; a warning for the others, if there are any. */
    static List<String> check(Architecture architecture, StoredNames names, StoredWeights stored) {
        Set<String> asked = asked(architecture, names);
        List<String> decoder = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String name : stored.names()) {
            if (!asked.contains(name) && !isBuffer(name, stored)) {
                (names.isOfDecoder(name) ? decoder : others).add(name);
            }
        }
        if (!decoder.isEmpty()) {
            throw new InputException(
                    stored.file(decoder.get(0)),
                    0,
                    decoder.get(0),
                    "not asked for by config.json" + more(decoder),
                    "without a weight of its own the model computes something else: mend config.json (its number of layers,"
                            + " its biases), or take the tensor out");
        }
        return others.isEmpty() ? List.of() : List.of("warning: left out what is not of the decoder: " + shown(others));
    }

    private static Set<String> asked(Architecture architecture, StoredNames names) {
        Set<String> asked = new HashSet<>();
        for (Role role : architecture.rolesOutside()) {
            asked.addAll(names.place(role, 0).names());
        }
        if (architecture.wiring().tiedHead()) {
            asked.addAll(names.place(Role.HEAD, 0).names()); // stored all the same: the embedding once more
        }
        for (int layer = 0; layer < architecture.layers(); layer++) {
            for (Role role : architecture.rolesInBlocks()) {
                asked.addAll(names.place(role, layer).names());
            }
        }
        return asked;
    }

    /** A mask or frequencies; a vector of that name would be a bias. */
    private static boolean isBuffer(String name, StoredWeights stored) {
        return BUFFERS.matcher(name).matches() && (name.endsWith("inv_freq") || stored.shape(name).length != 1);
    }

    private static String more(List<String> names) {
        return names.size() == 1 ? "" : ", nor are " + shown(names.subList(1, names.size()));
    }

    private static String shown(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
        return names.size() <= SHOWN ? first : first + " and " + (names.size() - SHOWN) + " more";
    }
}
