package dev.credence.data.rewards;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenReward;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reward expression of a model's completions.
 *
 * @param reward of the completion's text
 * @param followed what automata know of beginnings; null where tokens do not spell the text
 * @param texts how tokens make texts
 * @param prompt the prompt's text
 */
record RewardOnTokens(RewardExpression reward, @Nullable RewardBounds followed, TextTokens texts, String prompt)
        implements TokenReward {
    @Override
    public double reward(int[] tokens, int length, boolean finished) {
        return reward.reward(prompt, texts.decode(tokens, length), length + (finished ? 1 : 0));
    }

    @Override
    public ValueBounds bounds(int[] tokens, int length) {
        return followed == null ? ValueBounds.UNKNOWN : followed.of(tokens, length);
    }

    @Override
    public List<String> unfollowed() {
        return followed == null ? List.of("the tokenizer does not spell texts token by token") : followed.unfollowed();
    }
}
