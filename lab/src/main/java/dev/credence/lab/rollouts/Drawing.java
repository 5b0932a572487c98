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
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws completions of one prompt from a model, and scores them under the others. */
final class Drawing {
    private final ModelPair models;
    private final Sampling sampling;
    private final @Nullable TokenDivergence divergence;
    private final @Nullable OpenModel bridge;

    /**
     * From these models.
     *
     * @param models prior and policy
     * @param bridge drawn from as well, and scores all texts; or null
     * @param maxNewTokens at so many tokens a text is cut
     */
    Drawing(ModelPair models, @Nullable OpenModel bridge, int maxNewTokens) {
        this.models = models;
        this.bridge = bridge;
        this.sampling = Sampling.upTo(maxNewTokens); // the models' own distributions: what the divergence is of
        this.divergence = models.hasDistributions() ? models.divergence() : null;
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
     * Draws only: of each text the log-probabilities under the other models are NaN.
     *
     * @param from what is drawn
     * @param chunks how many times
     * @param n so many
     * @param random one number a chunk is taken from it
     * @return (chunks · n)
     */
    List<Rollout> sample(Source from, int chunks, int n, RandomGenerator random) {
        OpenModel drawer = drawer(from.source);
        List<Rollout> texts = new ArrayList<>(chunks * n);
        for (List<Sample> chunk : drawer.model().sample(Collections.nCopies(chunks, from.ids), n, sampling, random)) {
            List<String> spelled = drawer.texts(chunk);
            for (int i = 0; i < chunk.size(); i++) {
                Sample sample = chunk.get(i);
                double own = sample.logProb();
                texts.add(new Rollout(
                        from.prompt,
                        spelled.get(i),
                        sample.tokens(),
                        sample.finished(),
                        from.source,
                        from.source == RolloutLog.PRIOR ? own : Double.NaN,
                        from.source == RolloutLog.POLICY ? own : Double.NaN,
                        from.source == DrawRound.BRIDGE ? own : Double.NaN,
                        Double.NaN,
                        Double.NaN));
            }
        }
        return texts;
    }

    private OpenModel drawer(byte source) {
        return switch (source) {
            case RolloutLog.PRIOR -> models.prior();
            case RolloutLog.POLICY -> models.policy();
            default -> Objects.requireNonNull(bridge);
        };
    }

    /**
     * Scores what was drawn.
     *
     * @param from what it was drawn from
     * @param texts as {@link #sample} gives them
     * @return the same with the log-probabilities under every model
     */
    List<Rollout> score(Source from, List<Rollout> texts) {
        if (texts.isEmpty()) {
            return texts;
        }
        List<Continuation> drawn = texts.stream()
                .map(text -> new Continuation(from.ids, text.ids()))
                .toList();
        List<Rollout> scored = switch (from.source) {
            case RolloutLog.PRIOR -> ofPrior(texts, drawn);
            case RolloutLog.POLICY -> ofPolicy(texts, drawn);
            default -> ofBridge(texts, drawn);
        };
        return bridge == null || from.source == DrawRound.BRIDGE ? scored : underBridge(scored, sums(bridge, drawn));
    }

    private List<Rollout> ofPrior(List<Rollout> texts, List<Continuation> drawn) {
        double[] policy = sums(models.policy(), drawn);
        List<Rollout> scored = new ArrayList<>(texts.size());
        for (int i = 0; i < policy.length; i++) {
            scored.add(texts.get(i).scored(texts.get(i).logPrior(), policy[i], Double.NaN));
        }
        return scored;
    }

    private List<Rollout> ofPolicy(List<Rollout> texts, List<Continuation> drawn) {
        List<Rollout> scored = new ArrayList<>(texts.size());
        if (divergence == null) {
            double[] prior = sums(models.prior(), drawn);
            for (int i = 0; i < prior.length; i++) {
                scored.add(texts.get(i).scored(prior[i], texts.get(i).logPolicy(), Double.NaN));
            }
            return scored;
        }
        List<TokenDivergence.Of> scores = divergence.of(drawn);
        for (int i = 0; i < scores.size(); i++) {
            TokenDivergence.Of of = scores.get(i);
            scored.add(texts.get(i).scored(of.logPrior(), texts.get(i).logPolicy(), of.kl()));
        }
        return scored;
    }

    private List<Rollout> ofBridge(List<Rollout> texts, List<Continuation> drawn) {
        double[] prior = sums(models.prior(), drawn);
        double[] policy = sums(models.policy(), drawn);
        List<Rollout> scored = new ArrayList<>(texts.size());
        for (int i = 0; i < prior.length; i++) {
            scored.add(texts.get(i).scored(prior[i], policy[i], Double.NaN));
        }
        return scored;
    }

    private static List<Rollout> underBridge(List<Rollout> texts, double[] scores) {
        List<Rollout> scored = new ArrayList<>(texts.size());
        for (int i = 0; i < scores.length; i++) {
            scored.add(texts.get(i).bridged(scores[i]));
        }
        return scored;
    }

    /** (texts) log-probabilities, nats. */
    private static double[] sums(OpenModel model, List<Continuation> drawn) {
        return Arrays.stream(model.model().logProbs(drawn))
                .mapToDouble(tokens -> Arrays.stream(tokens).sum())
                .toArray();
    }
}
