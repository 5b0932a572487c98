package dev.credence.app.command;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model, loaded, and what is asked of its texts.
 *
 * @param model the model
 * @param ids of each prompt
 * @param horizon tokens after which texts are cut
 * @param reward of a text
 * @param rewardText as the user typed it
 */
record ModelPrompts(OpenModel model, Map<String, int[]> ids, int horizon, RewardExpression reward, String rewardText) {
    /**
     * What is enumerated.
     *
     * @param prompts their texts
     * @param horizon tokens after which texts are cut
     * @param begin whether prompts get the begin token
     */
    record Extent(List<String> prompts, @Nullable Integer horizon, BeginToken begin) {}

    /** Checks the arguments before the model is loaded, and the prompts after. */
    static void check(Extent extent, @Nullable String rewardText) {
        if (rewardText == null) {
            throw InputException.ofSetting("reward", "missing", "name a reward of the text, such as contains:TEXT");
        }
        if (extent.prompts.isEmpty()) {
            throw InputException.ofSetting("prompt", "missing", "a model is asked about the texts behind a prompt");
        }
        if (extent.horizon == null || !(extent.horizon > 0)) {
            throw InputException.ofSetting(
                    "horizon",
                    extent.horizon == null ? "missing" : extent.horizon.toString(),
                    "every text of up to so many tokens is looked at: 1 or more");
        }
    }

    static ModelPrompts of(OpenModel model, Extent extent, RewardExpression reward, String rewardText) {
        int horizon = extent.horizon == null ? 0 : extent.horizon;
        Map<String, int[]> ids = new LinkedHashMap<>();
        for (String prompt : extent.prompts) {
            ids.put(prompt, model.prompt(prompt, extent.begin));
            try {
                model.checkRoom(ids.getOrDefault(prompt, new int[0]), horizon);
            } catch (ContextWindowException e) {
                throw InputException.ofSetting("horizon", Integer.toString(horizon), String.valueOf(e.getMessage()));
            }
        }
        return new ModelPrompts(model, ids, horizon, reward, rewardText);
    }

    /** The number of completions of a prompt. */
    double completions() {
        Vocabulary vocabulary = model.transformer().vocabulary();
        double others = vocabulary.size() - vocabulary.ends().size();
        double prefixes = 1;
        double total = 0;
        for (int length = 0; length < horizon; length++) {
            total += prefixes * vocabulary.ends().size();
            prefixes *= others;
        }
        return total + prefixes;
    }
}
