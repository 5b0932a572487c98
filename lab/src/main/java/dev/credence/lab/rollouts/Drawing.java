package dev.credence.lab.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.TokenDivergence;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** Draws completions of one prompt from a model, and scores them under the other one. */
final class Drawing {
    private final ModelPair models;
    private final Sampling sampling;
    private final TokenDivergence divergence;

    Drawing(ModelPair models, int maxNewTokens) {
        this.models = models;
        this.sampling = Sampling.upTo(maxNewTokens); // the models' own distributions: what the divergence is of
        this.divergence = models.divergence();
    }

    /**
     * What is drawn: of one prompt, from one model.
     *
     * @param prompt its text
     * @param ids its tokens
     * @param source who draws
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Source(String prompt, int[] ids, byte source) {}

    /**
     * Draws and scores.
     *
     * @param from what is drawn
     * @param n how many
     * @param random one number is taken from it
     * @return (n)
     */
    List<Rollout> draw(Source from, int n, RandomGenerator random) {
        return score(from, sample(from, 1, n, random));
    }

    /**
     * Draws only: of each text the log-probability under the other model is NaN.
     *
     * @param from what is drawn
     * @param chunks how many times
     * @param n so many
     * @param random one number a chunk is taken from it
     * @return (chunks · n)
     */
    List<Rollout> sample(Source from, int chunks, int n, RandomGenerator random) {
        boolean isPrior = from.source == RolloutLog.PRIOR;
        OpenModel drawer = isPrior ? models.prior() : models.policy();
        List<Rollout> texts = new ArrayList<>(chunks * n);
        for (List<Sample> chunk :
                drawer.transformer().sample(Collections.nCopies(chunks, from.ids), n, sampling, random)) {
            for (Sample sample : chunk) {
                double own = sample.logProb();
                texts.add(new Rollout(
                        from.prompt,
                        drawer.texts().text(sample),
                        sample.tokens(),
                        sample.finished(),
                        from.source,
                        isPrior ? own : Double.NaN,
                        isPrior ? Double.NaN : own,
                        Double.NaN,
                        Double.NaN));
            }
        }
        return texts;
    }

    /**
     * Scores what was drawn.
     *
     * @param from what it was drawn from
     * @param texts as {@link #sample} gives them
     * @return the same with both log-probabilities
     */
    List<Rollout> score(Source from, List<Rollout> texts) {
        if (texts.isEmpty()) {
            return texts;
        }
        List<Continuation> drawn = texts.stream()
                .map(text -> new Continuation(from.ids, text.ids()))
                .toList();
        List<Rollout> scored = new ArrayList<>(texts.size());
        if (from.source == RolloutLog.PRIOR) {
            double[][] scores = models.policy().transformer().logProbs(drawn);
            for (int i = 0; i < scores.length; i++) {
                Rollout text = texts.get(i);
                scored.add(text.scored(text.logPrior(), Arrays.stream(scores[i]).sum(), Double.NaN));
            }
        } else {
            List<TokenDivergence.Of> scores = divergence.of(drawn);
            for (int i = 0; i < scores.size(); i++) {
                Rollout text = texts.get(i);
                scored.add(text.scored(
                        scores.get(i).logPrior(),
                        text.logPolicy(),
                        scores.get(i).kl()));
            }
        }
        return scored;
    }
}
