package dev.credence.app.bench;

import dev.credence.core.probability.LogMath;
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
            asked.add(posterior(all.logProbs()[0], all.rewards()[0], beta));
        }
    }

    private static double[] posterior(double[] logPrior, double[] rewards, double beta) {
        double[] logs = new double[rewards.length];
        Arrays.setAll(logs, i -> logPrior[i] + rewards[i] / beta);
        double logTotal = LogMath.logSumExp(logs);
        Arrays.setAll(logs, i -> logs[i] - logTotal);
        return logs;
    }

    /** KL(π*‖π), the mean over prompts, nats. */
    double of(Transformer policy) {
        double sum = 0;
        for (int c = 0; c < prompts.size(); c++) {
            double[] posterior = asked.get(c);
            double[] got = logProbs(policy, prompts.get(c));
            for (int i = 0; i < got.length; i++) {
                double p = Math.exp(posterior[i]);
                sum += p > 0 ? p * (posterior[i] - got[i]) : 0;
            }
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
