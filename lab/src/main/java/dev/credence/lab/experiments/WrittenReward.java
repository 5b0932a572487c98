package dev.credence.lab.experiments;

import dev.credence.core.diagnostics.RewardBound;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A reward for a wanted conditional, and back: r(x) = β log(p*(x)/π0(x)) is the one whose RL optimum at β is p*, up to a constant
 * of each prompt; β log(π/π0) of that optimum is r again (docs/theory.md, writing a reward).
 *
 * @param prior of the texts
 * @param wanted conditional, on the prior's texts
 * @param beta KL coefficient that the reward is written for
 */
record WrittenReward(TableModel prior, TableModel wanted, double beta) {
    /** Reward of a text: −∞ where the wanted conditional excludes it. */
    RewardFunction reward() {
        return (prompt, text) -> beta * logRatio(wanted, prompt, text);
    }

    private double logRatio(TableModel of, String prompt, String text) {
        double p = of.given(prompt).probability(text);
        return p > 0 ? Math.log(p) - Math.log(prior.given(prompt).probability(text)) : Double.NEGATIVE_INFINITY;
    }

    /** The wanted conditional as it is read off a joint: prompt by prompt, weights of the texts in the prior's order. */
    static TableModel wanted(TableModel prior, Map<String, double[]> weights) {
        return prior.map((prompt, texts) -> {
            Map<String, Double> byText = new LinkedHashMap<>();
            double[] of = weights.getOrDefault(prompt, new double[texts.size()]);
            for (int i = 0; i < of.length; i++) {
                byText.put(texts.outcome(i), of[i]);
            }
            return Distribution.normalised(byText);
        });
    }

    /** Adds figures and table. */
    void add(String name, ExperimentResult.Builder result) {
        RewardFunction written = reward();
        TableModel policy = TablePosterior.of(prior, written, RewardLikelihood.tilt(1 / beta))
                .model();
        double distance = 0;
        double kl = 0;
        double back = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        DataTable.Builder table = DataTable.of(
                "The reward that is written for " + name,
                "prompt",
                "text",
                "prior",
                "wanted",
                "reward",
                "policy that it makes",
                "reward read off the policy");
        for (String prompt : prior.prompts()) {
            Distribution texts = prior.given(prompt);
            distance += prior.weight(prompt) * Divergences.totalVariation(wanted.given(prompt), policy.given(prompt));
            kl += prior.weight(prompt) * Divergences.kl(wanted.given(prompt), texts);
            for (int i = 0; i < texts.size(); i++) {
                if (!(texts.probability(i) > 0)) {
                    continue;
                }
                String text = texts.outcome(i);
                double r = written.reward(prompt, text);
                double read = beta * logRatio(policy, prompt, text);
                least = Math.min(least, r);
                most = Math.max(most, r);
                back = r == read ? back : Math.max(back, Math.abs(r - read));
                table.row(
                        prompt,
                        text,
                        texts.probability(i),
                        wanted.given(prompt).probability(text),
                        r,
                        policy.given(prompt).probability(text),
                        read);
            }
        }
        result.exact(
                "written.distance",
                "Total variation between the wanted conditional and the policy that the reward written for it makes?",
                distance,
                "probability");
        result.exact(
                "written.back",
                "Largest difference between that reward and the one read off the policy, β log π/π0?",
                back,
                "reward");
        result.exact("written.kl", "How far is the wanted conditional from the prior?", kl, "nats");
        double range = most - least;
        result.exact("written.range", "Between which bounds must the reward lie, from least to most?", range, "reward");
        result.exact(
                "written.bound",
                "Largest KL that any reward between such bounds buys at this β?",
                Double.isInfinite(range) ? range : RewardBound.of(range, beta).worstKl(),
                "nats");
        result.table("written", table.build());
    }

    /** A sentence for the conclusion, from the figures. */
    static String words(String name, ExperimentResult.Builder result) {
        double range = result.estimate("written.range");
        return "The reward β log(p*/π0) that is written for '" + name + "' makes that conditional (total variation "
                + FigureFormat.of(result.estimate("written.distance"))
                + "), and is read off the policy again (largest difference "
                + FigureFormat.of(result.estimate("written.back")) + ")"
                + (Double.isInfinite(range)
                        ? "; no bounded reward makes it, as it excludes texts of the prior."
                        : "; it spans " + FigureFormat.of(range) + ".");
    }
}
