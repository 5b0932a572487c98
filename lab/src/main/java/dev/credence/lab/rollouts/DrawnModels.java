package dev.credence.lab.rollouts;

import dev.credence.core.provenance.Provenance;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.BridgeModel;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which models a run draws from.
 *
 * @param pair prior and policy
 * @param bridge a third model, from which as many texts are drawn as from the policy, and under which every text is scored; or
 *     null
 */
public record DrawnModels(ModelPair pair, @Nullable BridgeModel bridge) {
    /**
     * Without a bridge.
     *
     * @param pair prior and policy
     * @return the models
     */
    public static DrawnModels of(ModelPair pair) {
        return new DrawnModels(pair, null);
    }

    /** {@return the files of all models with their hashes} */
    public List<Provenance.Input> inputs() {
        List<Provenance.Input> inputs = new ArrayList<>(pair.inputs());
        if (bridge != null) {
            inputs.addAll(bridge.model().inputs());
        }
        return inputs;
    }

    /** The ids of a prompt, the same for all. */
    int[] prompt(String text, BeginToken begin, int newTokens) {
        int[] ids = pair.prompt(text, begin, newTokens);
        if (bridge != null) {
            bridge.check(text, ids, begin, newTokens);
        }
        return ids;
    }

    /** What draws of the bridge are called, or null where there is none. */
    @Nullable
    String bridgeName() {
        return bridge == null ? null : bridge.name();
    }

    Drawing drawing(int maxNewTokens) {
        return new Drawing(pair, bridge == null ? null : bridge.model(), maxNewTokens);
    }

    /** What of the models the texts depend on; a word for no bridge, so that a draw with one does not go on without. */
    void describe(Map<String, String> settings) {
        settings.put("ends", pair.prior().transformer().vocabulary().ends().toString());
        settings.put("prior", hash(pair.prior()));
        settings.put("policy", hash(pair.policy()));
        settings.put("bridge", bridge == null ? "" : bridge.name() + " " + hash(bridge.model()));
    }

    private static String hash(OpenModel model) {
        return model.inputs().stream()
                .map(Provenance.Input::sha256)
                .map(sha -> sha.substring(0, 16))
                .collect(Collectors.joining(" "));
    }
}
