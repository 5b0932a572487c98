package dev.credence.lab.rollouts;

import dev.credence.core.provenance.Provenance;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.BridgeModel;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.runs.RunMachine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a run draws from.
 *
 * @param pair prior and policy
 * @param bridge a third model, from which as many texts are drawn as from the policy, and under which every text is scored; or
 *     null
 * @param tilts λ of the posteriors π0 e^{λr}/Z that are drawn from exactly, as many texts of each as of the policy
 */
public record DrawnModels(ModelPair pair, @Nullable BridgeModel bridge, List<Double> tilts) {
    /**
     * Copies the list.
     *
     * @param pair as above
     * @param bridge as above; with tilts none, as no draw of a tilt can have a log-probability of its own
     * @param tilts as above
     * @throws IllegalArgumentException if there are both, or a λ is 0 or not finite, or there twice
     */
    public DrawnModels {
        tilts = List.copyOf(tilts);
        if (bridge != null && !tilts.isEmpty()) {
            throw new IllegalArgumentException("tilts are " + tilts + " beside a bridge; a log can have either");
        }
        if (!tilts.stream().allMatch(tilt -> tilt != 0 && Double.isFinite(tilt))
                || tilts.stream().distinct().count() < tilts.size()) {
            throw new IllegalArgumentException("tilts are " + tilts + "; each λ is a finite number other than 0, once");
        }
    }

    /**
     * Prior and policy alone.
     *
     * @param pair prior and policy
     * @return the models
     */
    public static DrawnModels of(ModelPair pair) {
        return new DrawnModels(pair, null, List.of());
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
        settings.put("ends", pair.prior().model().vocabulary().ends().toString());
        settings.put("prior", hash(pair.prior()));
        settings.put("policy", hash(pair.policy()));
        settings.put("bridge", bridge == null ? "" : bridge.name() + " " + hash(bridge.model()));
        settings.put("tilts", tilts.isEmpty() ? "" : tilts.toString());
        settings.put("precision", pair.modelPrecision().word()); // texts of two are of two models
    }

    /** What the last digits depend on beside them: the machine, and in what form it multiplies by their weights. */
    Map<String, String> machine() {
        Map<String, OpenModel> models = new LinkedHashMap<>();
        models.put("prior", pair.prior());
        models.put("policy", pair.policy());
        if (bridge != null) {
            models.put("bridge", bridge.model());
        }
        models.values().removeIf(OpenModel::isServed);
        Map<String, String> machine = models.isEmpty() ? RunMachine.now() : RunMachine.ofModels();
        machine.remove(RunMachine.LARGE); // what was chosen for each of them is said below
        models.forEach((role, model) ->
                machine.put("weights of the " + role, model.transformer().describeWeights()));
        return machine;
    }

    private static String hash(OpenModel model) {
        return model.inputs().stream()
                .map(Provenance.Input::sha256)
                .map(sha -> sha.substring(0, 16))
                .collect(Collectors.joining(" "));
    }
}
