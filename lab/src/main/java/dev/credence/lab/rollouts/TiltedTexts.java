package dev.credence.lab.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.evidence.TokenReward;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.PosteriorDraws;
import dev.credence.core.model.PrefixLimitException;
import dev.credence.core.model.SoftValues;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.models.OpenModel;
import dev.credence.torch.trie.AnytimePartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Exact draws from π0 e^{λr}/Z, where the reward can be followed token by token: the prior's next-token probabilities times soft
 * values, rejected where those are bounds ({@link PosteriorDraws}). How long is searched for the soft values depends on what
 * is found, not on a clock, so that the texts depend on the seed alone.
 */
final class TiltedTexts {
    private static final String FIELD = "tilts";
    private static final double WIDTH = 0.5; // nats of log Z; a proposal in e^0.5 is then kept
    private static final long MOST_SEEN = 2_000_000; // texts and branches
    private static final int SOFT_VALUES = 4_000_000; // 200 MB

    private final OpenModel prior;
    private final RewardExpression reward;
    private final int horizon;
    private final TextTokens tokens;

    /**
     * Of a prior and a reward.
     *
     * @throws InputException if the reward, or a part of it, is not followed token by token
     */
    TiltedTexts(OpenModel prior, RewardExpression reward, int horizon) {
        this.prior = prior;
        this.reward = reward;
        this.horizon = horizon;
        this.tokens = prior.texts().tokenizer().tokens(prior.transformer().vocabulary(), horizon);
        List<String> unfollowed = reward.on(tokens, "").unfollowed();
        if (!unfollowed.isEmpty()) {
            throw InputException.ofSetting(
                    FIELD,
                    reward.toString(),
                    "exact draws need a reward that is followed token by token; " + String.join("; ", unfollowed));
        }
    }

    /**
     * Draws.
     *
     * @param prompt its text
     * @param ids its tokens
     * @param lambda λ
     * @param n how many
     * @param seed of the draws
     * @return (n) texts with their log-probability under the prior, whose source they bear
     * @throws InputException if log Z is not found narrowly enough
     */
    List<Rollout> draw(String prompt, int[] ids, double lambda, int n, long seed) {
        TokenEvidence evidence = Evidence.reward(reward).times(lambda).on(tokens, prompt);
        TokenReward scored = reward.on(tokens, prompt);
        SoftValues values = search(prompt, ids, lambda, evidence);
        SoftValues.Extent extent = new SoftValues.Extent(ids, horizon);
        List<Rollout> texts = new ArrayList<>(n);
        for (PosteriorDraws.Drawn drawn :
                new PosteriorDraws(prior.transformer(), evidence, extent, values).draw(n, new SplittableRandom(seed))) {
            int length = drawn.tokens().length - (drawn.finished() ? 1 : 0);
            texts.add(new Rollout(
                    prompt,
                    prior.texts().tokenizer().decode(drawn.tokens(), length),
                    drawn.tokens(),
                    drawn.finished(),
                    RolloutLog.PRIOR,
                    drawn.logPrior(),
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    scored.reward(drawn.tokens(), length, drawn.finished())));
        }
        return texts;
    }

    private SoftValues search(String prompt, int[] ids, double lambda, TokenEvidence evidence) {
        SoftValues.Recorder recorder = SoftValues.recorder(SOFT_VALUES);
        AnytimePartition.Search how = new AnytimePartition.Search(
                WIDTH, so -> so.seen() + so.settled() + so.excluded() + so.cut() < MOST_SEEN, recorder);
        LogPartition found;
        try {
            found = new AnytimePartition(prior.transformer(), evidence)
                    .search(ids, horizon, how)
                    .logPartition();
        } catch (PrefixLimitException e) {
            throw tooFar(prompt, lambda, String.valueOf(e.getMessage()));
        }
        if (!(found.width() <= PosteriorDraws.WIDEST)) {
            String rule = String.format(
                    Locale.ROOT,
                    "its log Z is between %.4g and %.4g after a long search, and exact draws need %.0f nats",
                    found.lower(),
                    found.upper(),
                    PosteriorDraws.WIDEST);
            throw tooFar(prompt, lambda, rule);
        }
        return recorder.finish();
    }

    private static InputException tooFar(String prompt, double lambda, String why) {
        return InputException.ofSetting(
                FIELD,
                Double.toString(lambda),
                "prompt '" + prompt + "': " + why + "; fewer new tokens or a smaller λ are within reach");
    }
}
