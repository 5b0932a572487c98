package dev.credence.app.command;

import dev.credence.app.model.ExactCompletions;
import dev.credence.app.model.OpenModel;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's texts up to a horizon as a table: every token sequence is an outcome, named by its text; where several have the
 * same text, the later ones are numbered.
 *
 * @param prior the model
 * @param reward the reward of each outcome
 * @param inputs the model's files
 */
record ModelWorld(TableModel prior, WorldInput.Named reward, List<Provenance.Input> inputs) {
    /**
     * What is enumerated.
     *
     * @param prompts their texts
     * @param horizon tokens after which texts are cut
     * @param begin whether prompts get the begin token
     */
    record Extent(List<String> prompts, @Nullable Integer horizon, BeginToken begin) {}

    static ModelWorld read(String folder, Extent extent, @Nullable String rewardText) {
        if (rewardText == null) {
            throw InputException.ofOption("--reward", "missing", "name a reward of the text, such as contains:TEXT");
        }
        if (extent.prompts.isEmpty()) {
            throw InputException.ofOption("--prompt", "missing", "a model is asked about the texts behind a prompt");
        }
        int horizon = extent.horizon == null ? 0 : extent.horizon;
        if (!(horizon > 0)) {
            throw InputException.ofOption(
                    "--horizon",
                    extent.horizon == null ? "missing" : extent.horizon.toString(),
                    "every text of up to so many tokens is enumerated: 1 or more");
        }
        RewardExpression reward = RewardExpression.parse(rewardText);
        try (OpenModel model = OpenModel.open(folder)) {
            ExactCompletions enumeration =
                    new ExactCompletions(1, List.of(reward), model.texts().tokenizer());
            Map<String, Distribution> byPrompt = new LinkedHashMap<>();
            Map<String, double[]> rewards = new HashMap<>();
            for (String prompt : extent.prompts) {
                int[] ids = model.prompt(prompt, extent.begin);
                try {
                    model.checkRoom(ids, horizon);
                } catch (ContextWindowException e) {
                    throw InputException.ofOption(
                            "--horizon", Integer.toString(horizon), String.valueOf(e.getMessage()));
                }
                ExactCompletions.Columns all = enumeration.of(List.of(model.transformer()), prompt, ids, horizon);
                byPrompt.put(prompt, Distribution.ofLogWeights(names(all.texts()), all.logProbs()[0]));
                rewards.put(prompt, all.rewards()[0]);
            }
            TableModel prior = TableModel.of(byPrompt);
            RewardFunction function = (prompt, name) -> rewards.getOrDefault(prompt, new double[0])[
                    prior.given(prompt).indexOf(name)];
            return new ModelWorld(prior, new WorldInput.Named(rewardText, function), model.inputs());
        }
    }

    private static List<String> names(List<String> texts) {
        Map<String, Integer> seen = new HashMap<>(2 * texts.size());
        List<String> names = new ArrayList<>(texts.size());
        for (String text : texts) {
            int times = seen.merge(text, 1, Integer::sum);
            names.add(times == 1 ? text : text + " (tokens " + times + ")");
        }
        return names;
    }
}
