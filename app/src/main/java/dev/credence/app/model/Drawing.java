package dev.credence.app.model;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Draws completions of one prompt from a model and scores them under the other one. */
final class Drawing {
    private final ModelPair models;
    private final Sampling sampling;

    Drawing(ModelPair models, int maxNewTokens) {
        this.models = models;
        this.sampling = Sampling.upTo(maxNewTokens);
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
        boolean fromPrior = source == RolloutLog.PRIOR;
        OpenModel drawer = fromPrior ? models.prior() : models.policy();
        OpenModel other = fromPrior ? models.policy() : models.prior();
        List<Sample> samples = drawer.transformer().sample(ids, n, sampling, random);
        List<Continuation> drawn = new ArrayList<>(n);
        samples.forEach(sample -> drawn.add(new Continuation(ids, sample.tokens())));
        double[][] scores = other.transformer().logProbs(drawn);
        List<Rollout> rollouts = new ArrayList<>(n);
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            double own = sample.logProb();
            double others = Arrays.stream(scores[i]).sum();
            rollouts.add(new Rollout(
                    prompt,
                    drawer.texts().text(sample),
                    sample.tokens(),
                    sample.finished(),
                    source,
                    fromPrior ? own : others,
                    fromPrior ? others : own));
        }
        return rollouts;
    }
}
