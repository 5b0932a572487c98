package dev.credence.methods.training;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.TrainablePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens between prompt and completion that tell a model which quantile of texts is wanted. The best is told by none: the policy
 * behind the bare prompt is the one that is asked for it, begins as the prior, and is drawn from, audited and saved as it is.
 * Every other is told by two: the lowest id that ends a text, then an id of its own, that of the second best being the lowest that
 * ends none. Each model that ends has them. What it writes behind the bare prompt never goes on behind an end, so that nothing
 * learned behind these tokens is a part of the law that is asked for.
 */
final class QuantileTokens {
    private QuantileTokens() {}

    /**
     * What tells a quantile.
     *
     * @param vocabulary of the model
     * @param quantile from 0, the best
     * @return token ids to be put behind a prompt
     * @throws InputException if the vocabulary ends no text, or has fewer ids than are needed
     */
    static int[] of(Vocabulary vocabulary, int quantile) {
        if (quantile == 0) {
            return new int[0];
        }
        if (vocabulary.ends().isEmpty()) {
            throw InputException.ofSetting(
                    "quantiles",
                    "" + (quantile + 1),
                    "all but the best are told behind a token that ends a text; the model has none");
        }
        int own = -1;
        for (int left = quantile; left > 0; left--) {
            do {
                own++;
            } while (vocabulary.isEnd(own));
            if (!(own < vocabulary.size())) {
                int most = vocabulary.size() - vocabulary.ends().size() + 1;
                throw InputException.ofSetting(
                        "quantiles",
                        "" + (quantile + 1),
                        "all but the best need a token that ends no text; the model has them for " + most);
            }
        }
        return new int[] {vocabulary.ends().iterator().next(), own};
    }

    /**
     * A task on every quantile: the prompts themselves, then those that tell the second best, and so on, all with the weights that
     * they have.
     *
     * @param policy which reads them
     * @param task of bare prompts
     * @param quantiles at least 1
     * @return the task
     * @throws InputException if a prompt, its tokens and the horizon are too long for the model, or it is what tells another
     *     prompt's quantile
     */
    static TrainingTask told(TrainablePolicy policy, TrainingTask task, int quantiles) {
        List<TrainingTask.Prompt> all = new ArrayList<>();
        for (int k = 0; k < quantiles; k++) {
            int[] tokens = of(policy.vocabulary(), k);
            for (TrainingTask.Prompt prompt : task.prompts()) {
                int length = prompt.ids().length;
                int[] ids = Arrays.copyOf(prompt.ids(), length + tokens.length);
                System.arraycopy(tokens, 0, ids, length, tokens.length);
                all.add(new TrainingTask.Prompt(prompt.text(), ids, prompt.weight()));
            }
        }
        requireApart(task, all);
        requireRoom(policy, task, all);
        return new TrainingTask(all, task.reward(), task.horizon(), null, null, task.rewardType());
    }

    private static void requireApart(TrainingTask task, List<TrainingTask.Prompt> all) {
        for (TrainingTask.Prompt told : all.subList(task.prompts().size(), all.size())) {
            for (TrainingTask.Prompt bare : task.prompts()) {
                int length = told.ids().length;
                boolean begins =
                        length <= bare.ids().length && Arrays.equals(told.ids(), 0, length, bare.ids(), 0, length);
                if (begins) {
                    throw InputException.ofSetting(
                            "prompts",
                            "'" + bare.text() + "'",
                            "it begins with what tells the model a quantile of prompt '" + told.text() + "'");
                }
            }
        }
    }

    private static void requireRoom(TrainablePolicy policy, TrainingTask task, List<TrainingTask.Prompt> all) {
        TrainingTask.Prompt longest = all.get(0);
        for (TrainingTask.Prompt prompt : all) {
            longest = prompt.ids().length > longest.ids().length ? prompt : longest;
        }
        try {
            policy.logProbs(List.of(new Continuation(longest.ids(), new int[task.horizon()])));
        } catch (ContextWindowException e) {
            String rule = "behind prompt '" + longest.text()
                    + "' two tokens tell the quantile, and there is no room for them: " + e.getMessage();
            throw (InputException) InputException.ofSetting("horizon", "" + task.horizon(), rule)
                    .initCause(e);
        }
    }
}
