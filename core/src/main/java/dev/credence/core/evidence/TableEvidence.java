package dev.credence.core.evidence;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.HashMap;
import java.util.Map;

/** Evidence about the reward, computed beforehand for every text of a table. */
final class TableEvidence implements Evidence {
    private final RewardLikelihood likelihood;
    private final Map<String, Map<String, Double>> byPrompt; // prompt to completion to nats

    private TableEvidence(RewardLikelihood likelihood, Map<String, Map<String, Double>> byPrompt) {
        this.likelihood = likelihood;
        this.byPrompt = byPrompt;
    }

    static TableEvidence of(RewardLikelihood likelihood, RewardFunction reward, TableModel prior) {
        Map<String, Map<String, Double>> byPrompt = new HashMap<>();
        for (String prompt : prior.prompts()) {
            Distribution distribution = prior.given(prompt);
            double[] rewards = reward.rewards(prompt, distribution);
            double[] logLikelihood = likelihood.logLikelihoods(rewards, distribution.probabilities());
            Map<String, Double> ofPrompt = new HashMap<>(2 * rewards.length);
            for (int i = 0; i < rewards.length; i++) {
                ofPrompt.put(distribution.outcomes().get(i), logLikelihood[i]);
            }
            byPrompt.put(prompt, ofPrompt);
        }
        return new TableEvidence(likelihood, byPrompt);
    }

    @Override
    public double logLikelihood(String prompt, String completion) {
        Double logLikelihood = byPrompt.getOrDefault(prompt, Map.of()).get(completion);
        if (logLikelihood == null) {
            throw new IllegalArgumentException("completion '" + completion + "' of prompt '" + prompt
                    + "' is not in the prior's table, so the prior's distribution of rewards does not place it");
        }
        return logLikelihood;
    }

    @Override
    public String describe() {
        return likelihood.describe();
    }

    @Override
    public RewardType rewardType() {
        return likelihood.isProbability() ? RewardType.LOG_PROBABILITY : RewardType.SCORE;
    }
}
