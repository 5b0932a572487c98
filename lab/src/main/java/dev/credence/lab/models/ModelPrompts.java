package dev.credence.lab.models;

import dev.credence.core.evidence.TextTokens;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model, loaded, and the texts of it that are spoken of: what follows some prompts, up to a horizon.
 *
 * @param model the model
 * @param ids of each prompt
 * @param horizon tokens after which texts are cut
 */
public record ModelPrompts(OpenModel model, Map<String, int[]> ids, int horizon) {
    /**
     * Which texts.
     *
     * @param prompts their texts
     * @param horizon tokens after which texts are cut
     * @param begin whether prompts get the begin token
     */
    public record Extent(List<String> prompts, @Nullable Integer horizon, BeginToken begin) {
        /**
         * Checks the arguments, which can be done before a model is loaded.
         *
         * @throws InputException if there is no prompt, or no horizon above 0
         */
        public void check() {
            if (prompts.isEmpty()) {
                throw InputException.ofSetting("prompt", "missing", "a model is asked about the texts behind a prompt");
            }
            if (horizon == null || !(horizon > 0)) {
                throw InputException.ofSetting(
                        "horizon",
                        horizon == null ? "missing" : horizon.toString(),
                        "every text of up to so many tokens is looked at: 1 or more");
            }
        }
    }

    /**
     * The texts behind prompts of a model.
     *
     * @param model the model; it stays the caller's to close
     * @param extent which texts
     * @return them
     * @throws InputException if the arguments are not such, or prompt and horizon do not fit the model's window
     */
    public static ModelPrompts of(OpenModel model, Extent extent) {
        extent.check();
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
        return new ModelPrompts(model, ids, horizon);
    }

    /** {@return how the model's tokens make texts, for evidence to be asked token by token} */
    public TextTokens tokens() {
        return model.texts().tokenizer().tokens(model.transformer().vocabulary(), horizon);
    }

    /** {@return the number of completions of a prompt} */
    public double completions() {
        return ExactCompletions.count(model.transformer().vocabulary(), horizon);
    }
}
