package dev.credence.core.probability;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A predictive model small enough to write down: for each prompt a {@link Distribution} over completions, and a weight
 * for each prompt (they sum to one). Priors, posteriors and tuned policies of exact worlds are all of this type.
 */
public final class TableModel {
    private final Map<String, Distribution> byPrompt;
    private final Map<String, Double> weights;

    private TableModel(Map<String, Distribution> byPrompt, Map<String, Double> weights) {
        this.byPrompt = byPrompt;
        this.weights = weights;
    }

    /**
     * A model with the single empty prompt.
     *
     * @param distribution over completions
     * @return the model
     */
    public static TableModel of(Distribution distribution) {
        return of(Map.of("", distribution));
    }

    /**
     * A model with equally weighted prompts.
     *
     * @param byPrompt prompt to distribution, at least one
     * @return the model, in the map's iteration order
     */
    public static TableModel of(Map<String, Distribution> byPrompt) {
        Map<String, Double> equal = new LinkedHashMap<>();
        byPrompt.keySet().forEach(prompt -> equal.put(prompt, 1.0));
        return of(byPrompt, equal);
    }

    /**
     * A model with weighted prompts.
     *
     * @param byPrompt prompt to distribution, at least one
     * @param weights prompt to weight, finite and positive; divided by their sum
     * @return the model, in the first map's iteration order
     * @throws IllegalArgumentException if there is no prompt, a weight is missing or not positive
     */
    public static TableModel of(Map<String, Distribution> byPrompt, Map<String, Double> weights) {
        if (byPrompt.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one prompt");
        }
        double[] all = new double[byPrompt.size()];
        int count = 0;
        for (String prompt : byPrompt.keySet()) {
            Double weight = weights.get(prompt);
            if (weight == null || !(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "weight of prompt '" + prompt + "' is " + weight + "; it must be finite and positive");
            }
            all[count++] = weight;
        }
        WeightSum sum = WeightSum.of(all);
        Map<String, Double> normalised = new LinkedHashMap<>();
        for (String prompt : byPrompt.keySet()) {
            normalised.put(prompt, sum.share(weights.getOrDefault(prompt, Double.NaN)));
        }
        return new TableModel(new LinkedHashMap<>(byPrompt), normalised);
    }

    /** {@return the prompts, in order} */
    public List<String> prompts() {
        return new ArrayList<>(byPrompt.keySet());
    }

    /**
     * The distribution over completions of one prompt.
     *
     * @param prompt a prompt of this model
     * @return its distribution
     * @throws IllegalArgumentException if the prompt is unknown
     */
    public Distribution given(String prompt) {
        Distribution distribution = byPrompt.get(prompt);
        if (distribution == null) {
            throw new IllegalArgumentException("prompt '" + prompt + "' is not one of " + byPrompt.keySet());
        }
        return distribution;
    }

    /**
     * The weight of one prompt.
     *
     * @param prompt a prompt of this model
     * @return its share, in (0, 1]
     */
    public double weight(String prompt) {
        given(prompt);
        return weights.getOrDefault(prompt, 0.0);
    }

    /**
     * The model whose every distribution is a function of this one's; weights stay.
     *
     * @param change from prompt and distribution to the new distribution
     * @return the changed model
     */
    public TableModel map(BiFunction<String, Distribution, Distribution> change) {
        Map<String, Distribution> changed = new LinkedHashMap<>();
        byPrompt.forEach((prompt, distribution) -> changed.put(prompt, change.apply(prompt, distribution)));
        return new TableModel(changed, weights);
    }
}
