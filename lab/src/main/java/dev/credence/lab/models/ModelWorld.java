package dev.credence.lab.models;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.rewards.RewardExpression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model's texts up to a horizon as a table: every token sequence is an outcome, named by its text; where several have the
 * same text, the later ones are numbered. Rewards and evidence are those of the texts, whatever the outcomes are called.
 */
public final class ModelWorld {
    private final TableModel prior;
    private final List<RewardExpression> rewards;
    private final List<Evidence> evidence;
    private final Map<String, ExactCompletions.Columns> columns; // by prompt

    private ModelWorld(
            TableModel prior,
            List<RewardExpression> rewards,
            List<Evidence> evidence,
            Map<String, ExactCompletions.Columns> columns) {
        this.prior = prior;
        this.rewards = rewards;
        this.evidence = evidence;
        this.columns = columns;
    }

    /**
     * Enumerates.
     *
     * @param asked which texts
     * @param rewards computed of each
     * @param evidence asked of each
     * @return the table
     */
    public static ModelWorld of(ModelPrompts asked, List<RewardExpression> rewards, List<Evidence> evidence) {
        ExactCompletions enumeration =
                new ExactCompletions(1, rewards, asked.model().texts().tokenizer()).asking(evidence, asked.tokens());
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        Map<String, ExactCompletions.Columns> columns = new HashMap<>();
        asked.ids().forEach((prompt, ids) -> {
            ExactCompletions.Columns all =
                    enumeration.of(List.of(asked.model().transformer()), prompt, ids, asked.horizon());
            byPrompt.put(prompt, Distribution.ofLogWeights(names(all.texts()), all.logProbs()[0]));
            columns.put(prompt, all.withoutProbabilities());
        });
        return new ModelWorld(TableModel.of(byPrompt), List.copyOf(rewards), List.copyOf(evidence), columns);
    }

    /** {@return the model's probabilities of all texts} */
    public TableModel prior() {
        return prior;
    }

    /**
     * A reward of the outcomes.
     *
     * @param reward one of those computed
     * @return the same by the outcomes' names
     */
    public RewardFunction reward(RewardExpression reward) {
        int column = rewards.indexOf(reward);
        return (prompt, name) -> columns(prompt).rewards()[column][index(prompt, name)];
    }

    /**
     * Evidence on the outcomes.
     *
     * @param asked one of those asked
     * @return the same by the outcomes' names
     */
    public Evidence evidence(Evidence asked) {
        int column = evidence.indexOf(asked);
        return new Evidence() {
            @Override
            public double logLikelihood(String prompt, String name) {
                return columns(prompt).logLikelihoods()[column][index(prompt, name)];
            }

            @Override
            public RewardType rewardType() {
                return asked.rewardType();
            }

            @Override
            public String describe() {
                return asked.describe();
            }
        };
    }

    private ExactCompletions.Columns columns(String prompt) {
        return Objects.requireNonNull(columns.get(prompt), prompt);
    }

    private int index(String prompt, String name) {
        return prior.given(prompt).indexOf(name);
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
