package dev.credence.lab.posteriors;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.evidence.TokenReward;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NextTokenPosterior;
import dev.credence.core.model.PosteriorDraws;
import dev.credence.core.model.PrefixLimitException;
import dev.credence.core.model.SoftValues;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.runs.Listener;
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
    /** Looked at where all that is not decided is asked for: some minutes of a small model. */
    private static final double MOST_BRANCHES = 3e6;

    private static final long MINUTE = 60_000_000_000L;
    private static final int SOFT_VALUES = 4_000_000; // prefixes with a soft value of their own, 200 MB

    private final ModelPrompts texts;
    private final AskedEvidence asked;
    private final Evidence evidence;
    private final SearchRequest request;
    private final TextTokens tokens;
    private final Listener listener;
    private long lastTold = System.nanoTime();

    /**
     * A search.
     *
     * @throws IllegalArgumentException if the evidence depends on the rewards of all texts
     */
    ModelSearch(ModelPrompts texts, AskedEvidence asked, SearchRequest request, Listener listener) {
        this.listener = listener;
        this.texts = texts;
        this.asked = asked;
        this.evidence = asked.ofEachText();
        this.request = request;
        this.tokens = texts.tokens();
    }

    /** Why some of the evidence is not bounded token by token. */
    List<String> unfollowed() {
        return evidence.on(tokens, "").unfollowed();
    }

    Map<String, PromptSearch> byPrompt() {
        Map<String, PromptSearch> byPrompt = new LinkedHashMap<>();
        texts.ids().forEach((prompt, ids) -> byPrompt.put(prompt, search(prompt, ids)));
        return byPrompt;
    }

    private PromptSearch search(String prompt, int[] ids) {
        TokenEvidence behind = new Checked(evidence.on(tokens, prompt), asked.words(), prompt, tokens);
        long deadline = System.nanoTime() + (long) Math.min(1e18, 1e9 * request.seconds());
        Predicate<LogPartition> inTime = so -> {
            double branches = (double) so.seen() + so.settled() + so.excluded() + so.cut();
            tell(prompt, branches, so);
            return System.nanoTime() - deadline < 0 && (request.isAnytime() || branches < MOST_BRANCHES);
        };
        SoftValues.Recorder recorder = request.tells() ? SoftValues.recorder(SOFT_VALUES) : null;
        AnytimePartition.Search how = recorder == null
                ? new AnytimePartition.Search(request.width(), inTime)
                : new AnytimePartition.Search(request.width(), inTime, recorder);
        AnytimePartition.Found found;
        try {
            found = new AnytimePartition(transformer(), behind).search(ids, texts.horizon(), how);
        } catch (PrefixLimitException e) {
            throw InputException.ofSetting(
                    "horizon", Integer.toString(texts.horizon()), String.valueOf(e.getMessage()));
        }
        LogPartition logZ = found.logPartition();
        if (!request.isAnytime() && logZ.width() > 0) {
            throw InputException.ofSetting(
                    "horizon",
                    Integer.toString(texts.horizon()),
                    "there are " + FigureFormat.inWords(texts.completions()) + " completions, and after "
                            + FigureFormat.inWords(MOST_BRANCHES) + " branches log Z of prompt '" + prompt
                            + "' is known within " + FigureFormat.of(logZ.width())
                            + " nats only: choose a shorter one, or say with which width or after how many seconds to stop"
                            + " (until, budget)");
        }
        if (logZ.upper() == Double.NEGATIVE_INFINITY) {
            throw new NoPosteriorException("'" + asked.words() + "' was never seen under the prior of prompt '" + prompt
                    + "' up to " + texts.horizon() + " tokens");
        }
        if (!LogMath.hasDigits(logZ.upper()) || !LogMath.hasDigits(logZ.lower())) {
            throw InputException.ofSetting(
                    asked.isTilt() ? "copies" : "evidence",
                    asked.isTilt() ? FigureFormat.inWords(asked.copies()) : asked.words(),
                    "log Z is about " + FigureFormat.inWords(logZ.upper())
                            + " nats, beside which the prior's logarithms are"
                            + " rounded away: ask for fewer copies, or for the best texts alone (beta 0)");
        }
        SoftValues.Extent extent = new SoftValues.Extent(ids, texts.horizon());
        SoftValues values = recorder == null ? null : recorder.finish();
        return new PromptSearch(
                PosteriorFindings.ofSearch(found, asked.isTilt() ? asked.copies() : 0),
                new PromptSearch.CertifiedSum(logZ, texts.completions()),
                logZ.width() > request.width(),
                values == null ? List.of() : draws(prompt, behind, extent, values),
                values == null || request.next() == null ? null : next(behind, extent, values));
    }

    /** A line a minute, so that long work is not taken for a hanging one. */
    private void tell(String prompt, double branches, LogPartition so) {
        if (System.nanoTime() - lastTold > MINUTE) {
            lastTold = System.nanoTime();
            listener.accept("prompt '" + prompt + "': " + FigureFormat.inWords(branches) + " branches of "
                    + FigureFormat.inWords(texts.completions()) + " completions looked at, log Z known within "
                    + FigureFormat.of(so.width()) + " nats");
        }
    }

    private List<PromptSearch.Draw> draws(
            String prompt, TokenEvidence behind, SoftValues.Extent extent, SoftValues values) {
        List<PromptSearch.Draw> draws = new ArrayList<>();
        if (request.draw() == 0) {
            return draws;
        }
        TokenReward reward =
                asked.reward().map(named -> named.function().on(tokens, prompt)).orElse(null);
        PosteriorDraws source;
        try {
            source = new PosteriorDraws(transformer(), behind, extent, values);
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("draw", Integer.toString(request.draw()), String.valueOf(e.getMessage()));
        }
        for (PosteriorDraws.Drawn drawn : source.draw(request.draw(), new SplittableRandom(request.seed()))) {
            int length = drawn.tokens().length - (drawn.finished() ? 1 : 0);
            draws.add(new PromptSearch.Draw(
                    tokenizer().decode(drawn.tokens(), length),
                    drawn.tokens(),
                    drawn.finished(),
                    drawn.logPrior(),
                    source.logPosterior(drawn),
                    reward == null ? Double.NaN : reward.reward(drawn.tokens(), length, drawn.finished())));
        }
        return draws;
    }

    private PromptSearch.Next next(TokenEvidence behind, SoftValues.Extent extent, SoftValues values) {
        String text = String.valueOf(request.next());
        int[] tokens = text.isEmpty() ? new int[0] : tokenizer().completion(text);
        tokenizer().unknown(text).ifPresent(part -> {
            throw InputException.ofSetting("next", text, "the tokenizer has no token for '" + part + "'");
        });
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

    /** Evidence whose log-likelihoods are likelihoods: an infinite one has no posterior, and NaN says nothing. */
    private record Checked(TokenEvidence evidence, String words, String prompt, TextTokens texts)
            implements TokenEvidence {
        @Override
        public double logLikelihood(int[] ids, int length, boolean finished) {
            double logLikelihood = evidence.logLikelihood(ids, length, finished);
            if (!(logLikelihood < Double.POSITIVE_INFINITY)) {
                String why = Double.isNaN(logLikelihood) ? "a likelihood must be a number" : "Z is infinite";
                throw new NoPosteriorException("log-likelihood of '" + texts.decode(ids, length) + "' (prompt '"
                        + prompt + "') under '" + words + "' is " + logLikelihood + ": " + why);
            }
            return logLikelihood;
        }

        @Override
        public LogBounds bounds(int[] ids, int length) {
            return evidence.bounds(ids, length);
        }
    }

    private Transformer transformer() {
        return texts.model().transformer();
    }

    private TextTokenizer tokenizer() {
        return texts.model().texts().tokenizer();
    }
}
