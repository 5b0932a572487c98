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
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Draws completions of one prompt from a model and scores them under the other one. */
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
     * Draws.
     *
     * @param prompt its text
     * @param ids its tokens
     * @param source who draws
     * @param n how many
     * @param random one number is taken from it
     * @return (n)
     */
    List<Rollout> draw(String prompt, int[] ids, byte source, int n, RandomGenerator random) {
        OpenModel drawer = source == RolloutLog.PRIOR ? models.prior() : models.policy();
        List<Sample> samples = drawer.transformer().sample(ids, n, sampling, random);
        List<Continuation> drawn = new ArrayList<>(n);
        samples.forEach(sample -> drawn.add(new Continuation(ids, sample.tokens())));
        List<TokenDivergence.Of> scores =
                source == RolloutLog.PRIOR ? ofPrior(samples, drawn) : ofPolicy(samples, drawn);
        List<Rollout> rollouts = new ArrayList<>(n);
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            TokenDivergence.Of score = scores.get(i);
            rollouts.add(new Rollout(
                    prompt,
                    drawer.texts().text(sample),
                    sample.tokens(),
                    sample.finished(),
                    source,
                    score.logPrior(),
                    score.logPolicy(),
                    score.kl()));
        }
        return rollouts;
    }

    private List<TokenDivergence.Of> ofPrior(List<Sample> samples, List<Continuation> drawn) {
        double[][] scores = models.policy().transformer().logProbs(drawn);
        return IntStream.range(0, scores.length)
                .mapToObj(i -> new TokenDivergence.Of(
                        samples.get(i).logProb(), Arrays.stream(scores[i]).sum(), Double.NaN))
                .toList();
    }

    private List<TokenDivergence.Of> ofPolicy(List<Sample> samples, List<Continuation> drawn) {
        List<TokenDivergence.Of> scores = divergence.of(drawn);
        return IntStream.range(0, scores.size())
                .mapToObj(i -> new TokenDivergence.Of(
                        scores.get(i).logPrior(),
                        samples.get(i).logProb(),
                        scores.get(i).kl()))
                .toList();
    }
}
