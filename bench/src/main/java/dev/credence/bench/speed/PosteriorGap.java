package dev.credence.bench.speed;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.ColumnPosterior;
import dev.credence.core.probability.Divergences;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.OpenModel;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.CompletionTrie;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * KL(π*‖π) of policies by enumeration. The posterior of every completion is kept; of a policy the log-probabilities are
 * computed each time.
 */
final class PosteriorGap {
    private final List<int[]> prompts = new ArrayList<>();
    private final List<double[]> asked = new ArrayList<>(); // (prompts) (completions) log π*
    private final int horizon;

    /**
     * Enumerates the posterior.
     *
     * @param prior the prior
     * @param texts the prompts, all of equal weight
     * @param horizon tokens after which texts are cut
     * @param reward of completions
     * @param beta KL coefficient: the posterior is prior × exp(reward/beta)
     */
    PosteriorGap(OpenModel prior, List<String> texts, int horizon, RewardExpression reward, double beta) {
        this.horizon = horizon;
        ExactCompletions enumeration =
                new ExactCompletions(1, List.of(reward), prior.texts().tokenizer());
        for (String text : texts) {
            int[] prompt = prior.prompt(text, BeginToken.YES);
            ExactCompletions.Columns all = enumeration.of(List.of(prior.transformer()), text, prompt, horizon);
            if (!Arrays.equals(all.logProbs()[0], logProbs(prior.transformer(), prompt))) {
                throw new IllegalStateException("completions come in another order the second time");
            }
            prompts.add(prompt);
            asked.add(ColumnPosterior.of(all.logProbs()[0], all.rewards()[0], RewardLikelihood.tilt(1 / beta))
                    .logProbs());
        }
    }

    /** KL(π*‖π), the mean over prompts, nats. */
    double of(Transformer policy) {
        double sum = 0;
        for (int c = 0; c < prompts.size(); c++) {
            sum += Divergences.kl(asked.get(c), logProbs(policy, prompts.get(c)));
        }
        return sum / prompts.size();
    }

    private double[] logProbs(Transformer model, int[] prompt) {
        return new CompletionTrie(List.of(model))
                .walk(prompt, horizon, TorchWork.LogProbs::new).stream()
                        .flatMapToDouble(TorchWork.LogProbs::stream)
                        .toArray();
    }
}
