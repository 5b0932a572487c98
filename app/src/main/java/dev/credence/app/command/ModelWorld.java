package dev.credence.app.command;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ExactCompletions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's texts up to a horizon as a table: every token sequence is an outcome, named by its text; where several have the
 * same text, the later ones are numbered.
 *
 * @param prior the model
 * @param reward the reward of each outcome
 * @param inputs the model's files
 */
record ModelWorld(TableModel prior, WorldInput.Named reward, List<Provenance.Input> inputs) {
    static ModelWorld of(ModelPrompts asked) {
        ExactCompletions enumeration = new ExactCompletions(
                1, List.of(asked.reward()), asked.model().texts().tokenizer());
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        Map<String, double[]> rewards = new HashMap<>();
        asked.ids().forEach((prompt, ids) -> {
            ExactCompletions.Columns all =
                    enumeration.of(List.of(asked.model().transformer()), prompt, ids, asked.horizon());
            byPrompt.put(prompt, Distribution.ofLogWeights(names(all.texts()), all.logProbs()[0]));
            rewards.put(prompt, all.rewards()[0]);
        });
        TableModel prior = TableModel.of(byPrompt);
        RewardFunction function = (prompt, name) ->
                rewards.getOrDefault(prompt, new double[0])[prior.given(prompt).indexOf(name)];
        return new ModelWorld(
                prior,
                new WorldInput.Named(asked.rewardText(), function),
                asked.model().inputs());
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
