package dev.credence.lab.models;

import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.PointwiseLikelihood;
import dev.credence.core.model.TokenEvidence;
import dev.credence.core.model.Vocabulary;
import dev.credence.data.rewards.RewardBounds;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.TextTokenizer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A reward of texts as evidence on a model's tokens, bounded by automata where tokens spell the text. */
public final class RewardOnTokens {
    private final RewardExpression reward;
    private final PointwiseLikelihood likelihood;
    private final TextTokenizer tokenizer;
    private final @Nullable RewardBounds bounds;

    /**
     * Evidence on every prompt of a model.
     *
     * @param reward of the completion's text
     * @param likelihood what of the reward was observed
     * @param tokenizer gives the text
     * @param vocabulary the model's tokens
     * @param horizon tokens after which a text is cut
     */
    public RewardOnTokens(
            RewardExpression reward,
            PointwiseLikelihood likelihood,
            TextTokenizer tokenizer,
            Vocabulary vocabulary,
            int horizon) {
        this.reward = reward;
        this.likelihood = likelihood;
        this.tokenizer = tokenizer;
        Optional<TokenTexts> spelled = tokenizer.spelled(vocabulary);
        this.bounds = spelled.map(texts -> reward.bounds(texts, horizon)).orElse(null);
    }

    /** {@return why some of the reward is not followed token by token; none where all of it is} */
    public List<String> unfollowed() {
        return bounds == null ? List.of("the tokenizer does not spell texts token by token") : bounds.unfollowed();
    }

    /**
     * The evidence on the tokens behind a prompt.
     *
     * @param prompt its text
     * @return the evidence
     */
    public TokenEvidence behind(String prompt) {
        return new TokenEvidence() {
            @Override
            public double logLikelihood(int[] tokens, int length, boolean finished) {
                return likelihood.of(rewardOf(prompt, tokens, length, finished));
            }

            @Override
            public LogBounds bounds(int[] tokens, int length) {
                return bounds == null ? LogBounds.UNBOUNDED : likelihood.of(bounds.of(tokens, length));
            }
        };
    }

    /**
     * The reward of a completion.
     *
     * @param prompt the prompt's text
     * @param tokens array that begins with the completion's tokens, its end not among them
     * @param length how many they are
     * @param finished whether the text ended
     * @return its reward
     * @throws dev.credence.core.provenance.InputException if it is not finite
     */
    public double rewardOf(String prompt, int[] tokens, int length, boolean finished) {
        return new CompletionReward(prompt, tokenizer.decode(tokens, length), length + (finished ? 1 : 0)).of(reward);
    }
}
