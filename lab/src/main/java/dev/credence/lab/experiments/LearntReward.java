package dev.credence.lab.experiments;

import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.JudgementLoss;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.training.TrainedScorer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** A small transformer's weights with a head of one number, fitted to judgements in memory. */
final class LearntReward implements AutoCloseable {
    private static final int TOGETHER = 256; // judgements a step; all where they are fewer

    private final Transformer start;
    private final TrainedScorer scorer;

    /**
     * How it is fitted.
     *
     * @param steps of AdamW, without decay
     * @param rate the highest learning rate; it rises over a twentieth of the steps, then falls to 0 along half a cosine
     * @param level stated log-probability that a score of 0 stands for, nats
     */
    record Fitting(int steps, double rate, double level) {
        Optimiser optimiser() {
            return Optimiser.adamW(LearningRate.cosine(rate, Math.max(1, steps / 20), steps, 0));
        }

        JudgementLoss loss(List<Judgement> judgements) {
            return JudgementLoss.onLogProbabilities(judgements, level);
        }
    }

    private LearntReward(Transformer start, Optimiser optimiser) {
        this.start = start;
        this.scorer = TrainedScorer.of(start, optimiser);
    }

    /**
     * Fits one.
     *
     * @param base a language model, whose weights it begins with
     * @param judgements of texts
     * @param ids the tokens of a prompt and a text, all that is read
     * @param fitting how
     * @param random of the judgements that a step reads
     * @param listener may stop it
     * @return the model; the caller closes it
     */
    static LearntReward fit(
            Transformer base,
            List<? extends Judgement> judgements,
            Function<JudgementLoss.Judged, int[]> ids,
            Fitting fitting,
            SplittableRandom random,
            Listener listener) {
        WeightNames names = (role, layer) -> new WeightNames.Place(List.of(role + "." + layer), WeightNames.Order.ROWS);
        LearntReward reward = new LearntReward(base.scoring(names), fitting.optimiser());
        try {
            List<Judgement> merged = merged(judgements);
            boolean all = merged.size() <= TOGETHER;
            JudgementLoss loss = fitting.loss(all ? merged : some(merged, random));
            for (int step = 0; step < fitting.steps; step++) {
                if (listener.isStopped()) {
                    throw new InterruptedRunException("a reward model was being fitted, of which nothing is kept");
                }
                reward.scorer.step(loss.texts().stream().map(ids).toList(), loss::descent);
                loss = all ? loss : fitting.loss(some(merged, random));
            }
        } catch (RuntimeException e) {
            reward.close();
            throw e;
        }
        return reward;
    }

    private static List<Judgement> some(List<Judgement> all, SplittableRandom random) {
        List<Judgement> some = new ArrayList<>();
        for (int i = 0; i < TOGETHER; i++) {
            some.add(all.get(random.nextInt(all.size())));
        }
        return some;
    }

    /** Equal judgements are one, with their number as its weight. */
    private static List<Judgement> merged(List<? extends Judgement> judgements) {
        Map<Judgement, Double> weights = new LinkedHashMap<>();
        judgements.forEach(one -> weights.merge(weighing(one, 1), one.weight(), Double::sum));
        List<Judgement> merged = new ArrayList<>();
        weights.forEach((one, weight) -> merged.add(weighing(one, weight)));
        return merged;
    }

    private static Judgement weighing(Judgement one, double weight) {
        if (one instanceof Judgement.Pair pair) {
            return new Judgement.Pair(pair.prompt(), pair.chosen(), pair.rejected(), weight);
        }
        if (one instanceof Judgement.Approval approval) {
            return new Judgement.Approval(approval.prompt(), approval.text(), approval.approved(), weight);
        }
        Judgement.Stated stated = (Judgement.Stated) one;
        return new Judgement.Stated(stated.prompt(), stated.text(), stated.logProbability(), weight);
    }

    /** {@return the model that scores} */
    Transformer model() {
        return scorer.transformer();
    }

    @Override
    public void close() {
        scorer.close();
        start.close();
    }
}
