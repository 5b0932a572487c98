package dev.credence.app.command;

import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NextTokenPosterior;
import dev.credence.core.model.PosteriorDraws;
import dev.credence.core.model.PrefixLimitException;
import dev.credence.core.model.SoftValues;
import dev.credence.core.model.TokenEvidence;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.RewardOnTokens;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.AnytimePartition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The posterior of a model's texts without a table of them: a search for log Z, and what its soft values tell. */
final class ModelSearch {
    private static final int SOFT_VALUES = 4_000_000; // prefixes with a soft value of their own, 200 MB

    private final ModelPrompts asked;
    private final EvidenceOption.Pointwise evidence;
    private final SearchOptions options;
    private final long seed;
    private final RewardOnTokens reward;

    ModelSearch(ModelPrompts asked, EvidenceOption.Pointwise evidence, SearchOptions options, long seed) {
        this.asked = asked;
        this.evidence = evidence;
        this.options = options;
        this.seed = seed;
        this.reward = new RewardOnTokens(
                asked.reward(),
                evidence.likelihood(),
                tokenizer(),
                asked.model().transformer().vocabulary(),
                asked.horizon());
    }

    /** Why some of the reward is not bounded token by token. */
    List<String> unfollowed() {
        return reward.unfollowed();
    }

    Map<String, PromptSearch> byPrompt() {
        Map<String, PromptSearch> byPrompt = new LinkedHashMap<>();
        asked.ids().forEach((prompt, ids) -> byPrompt.put(prompt, search(prompt, ids)));
        return byPrompt;
    }

    private PromptSearch search(String prompt, int[] ids) {
        TokenEvidence behind = reward.behind(prompt);
        long deadline = System.nanoTime() + (long) Math.min(1e18, 1e9 * options.seconds());
        Predicate<LogPartition> inTime = so -> System.nanoTime() - deadline < 0;
        SoftValues.Recorder recorder = options.tells() ? SoftValues.recorder(SOFT_VALUES) : null;
        AnytimePartition.Search how = recorder == null
                ? new AnytimePartition.Search(options.width(), inTime)
                : new AnytimePartition.Search(options.width(), inTime, recorder);
        AnytimePartition.Found found;
        try {
            found = new AnytimePartition(transformer(), behind).search(ids, asked.horizon(), how);
        } catch (PrefixLimitException e) {
            throw InputException.ofSetting(
                    "horizon", Integer.toString(asked.horizon()), String.valueOf(e.getMessage()));
        }
        LogPartition logZ = found.logPartition();
        if (logZ.upper() == Double.NEGATIVE_INFINITY) {
            throw new NoPosteriorException("'" + evidence.words() + "' was never seen under the prior of prompt '"
                    + prompt + "' up to " + asked.horizon() + " tokens");
        }
        SoftValues.Extent extent = new SoftValues.Extent(ids, asked.horizon());
        SoftValues values = recorder == null ? null : recorder.finish();
        return new PromptSearch(
                PromptSearch.findings(found, evidence),
                new PromptSearch.Certificate(logZ, asked.completions()),
                logZ.width() > options.width(),
                values == null ? List.of() : draws(prompt, behind, extent, values),
                values == null || options.next() == null ? null : next(behind, extent, values));
    }

    private List<PromptSearch.Draw> draws(
            String prompt, TokenEvidence behind, SoftValues.Extent extent, SoftValues values) {
        List<PromptSearch.Draw> draws = new ArrayList<>();
        if (options.draws() == 0) {
            return draws;
        }
        PosteriorDraws source;
        try {
            source = new PosteriorDraws(transformer(), behind, extent, values);
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("draw", Integer.toString(options.draws()), String.valueOf(e.getMessage()));
        }
        for (PosteriorDraws.Drawn drawn : source.draw(options.draws(), new SplittableRandom(seed))) {
            int length = drawn.tokens().length - (drawn.finished() ? 1 : 0);
            draws.add(new PromptSearch.Draw(
                    tokenizer().decode(drawn.tokens(), length),
                    drawn.tokens(),
                    drawn.finished(),
                    drawn.logPrior(),
                    source.logPosterior(drawn),
                    reward.rewardOf(prompt, drawn.tokens(), length, drawn.finished())));
        }
        return draws;
    }

    private PromptSearch.Next next(TokenEvidence behind, SoftValues.Extent extent, SoftValues values) {
        String text = String.valueOf(options.next());
        int[] tokens = text.isEmpty() ? new int[0] : tokenizer().completion(text);
        try {
            transformer().vocabulary().check(tokens);
            NextTokenPosterior next = NextTokenPosterior.of(transformer(), behind, extent, values, tokens);
            List<String> texts = IntStream.range(0, next.lower().length)
                    .mapToObj(v -> transformer().vocabulary().isEnd(v)
                            ? "(end)"
                            : tokenizer().decode(new int[] {v}, 1))
                    .toList();
            return new PromptSearch.Next(text, next, texts);
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("next", text, String.valueOf(e.getMessage()));
        }
    }

    private Transformer transformer() {
        return asked.model().transformer();
    }

    private TextTokenizer tokenizer() {
        return asked.model().texts().tokenizer();
    }
}
