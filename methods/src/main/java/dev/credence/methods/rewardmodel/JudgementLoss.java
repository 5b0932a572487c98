package dev.credence.methods.rewardmodel;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * What judgements say against scores, for models whose texts share weights: a preference's −log σ(s_chosen − s_rejected), an
 * approval's −log σ(±s), of a stated probability half the square of its logit's (or its log's) distance from the score. Scores of a
 * table, one for each text, are fitted in {@link RewardModel}.
 */
public final class JudgementLoss {
    private static final int NONE = -1;

    private final List<Judged> texts;
    private final int[] first; // of each judgement, the text's place; of a pair the chosen one's
    private final int[] second; // the rejected one's; −1 where there is no pair
    private final double[] target; // 0 or 1 of an approval, a score of a stated probability
    private final boolean[] isStated;
    private final double[] share; // of the weight

    private JudgementLoss(Collection<? extends Judgement> judgements, DoubleUnaryOperator scoreOfLog) {
        int n = judgements.size();
        this.first = new int[n];
        this.second = new int[n];
        this.target = new double[n];
        this.isStated = new boolean[n];
        this.share = new double[n];
        Map<Judged, Integer> places = new LinkedHashMap<>();
        double all = judgements.stream().mapToDouble(Judgement::weight).sum();
        int k = 0;
        for (Judgement one : judgements) {
            second[k] = NONE;
            share[k] = one.weight() / all;
            if (one instanceof Judgement.Pair pair) {
                first[k] = place(places, pair.prompt(), pair.chosen());
                second[k] = place(places, pair.prompt(), pair.rejected());
            } else if (one instanceof Judgement.Approval approval) {
                first[k] = place(places, approval.prompt(), approval.text());
                target[k] = approval.approved() ? 1 : 0;
            } else if (one instanceof Judgement.Stated stated) {
                first[k] = place(places, stated.prompt(), stated.text());
                target[k] = scoreOfLog.applyAsDouble(stated.logProbability());
                isStated[k] = true;
            }
            k++;
        }
        this.texts = List.copyOf(places.keySet());
    }

    /**
     * The loss of logits.
     *
     * @param judgements of any kinds, one at least
     * @return the loss
     * @throws IllegalArgumentException if there are none, or a probability is stated to be 1, which has no logit
     */
    public static JudgementLoss of(Collection<? extends Judgement> judgements) {
        return checked(judgements, JudgementLoss::logit);
    }

    /**
     * The same, except that stated probabilities are met by their logs, which are evidence themselves (reading a).
     *
     * @param judgements of any kinds, one at least
     * @param level log-probability that a score of 0 stands for, nats; a constant changes no posterior
     * @return the loss
     * @throws IllegalArgumentException if there are none
     */
    public static JudgementLoss onLogProbabilities(Collection<? extends Judgement> judgements, double level) {
        return checked(judgements, log -> log - level);
    }

    private static JudgementLoss checked(Collection<? extends Judgement> judgements, DoubleUnaryOperator scoreOfLog) {
        if (judgements.isEmpty()) {
            throw new IllegalArgumentException("judgements are none; a loss needs one");
        }
        return new JudgementLoss(judgements, scoreOfLog);
    }

    private static int place(Map<Judged, Integer> places, String prompt, String text) {
        return places.computeIfAbsent(new Judged(prompt, text), key -> places.size());
    }

    /**
     * A text that is scored.
     *
     * @param prompt before it
     * @param text the text
     */
    public record Judged(String prompt, String text) {}

    /** {@return the texts to score, each once, in the order in which judgements name them} */
    public List<Judged> texts() {
        return texts;
    }

    /**
     * The mean loss by weight.
     *
     * @param scores of {@link #texts}
     * @return nats; of stated probabilities half a square
     */
    public double loss(double[] scores) {
        double sum = 0;
        for (int k = 0; k < first.length; k++) {
            double score = scores[first[k]];
            double loss;
            if (second[k] != NONE) {
                loss = -RewardModel.logLogistic(score - scores[second[k]]);
            } else if (isStated[k]) {
                loss = 0.5 * (target[k] - score) * (target[k] - score);
            } else {
                loss = -RewardModel.logLogistic(target[k] == 1 ? score : -score);
            }
            sum += share[k] * loss;
        }
        return sum;
    }

    /**
     * The descent of the mean loss.
     *
     * @param scores of {@link #texts}
     * @return (texts) −d loss / d score
     */
    public double[] descent(double[] scores) {
        double[] descent = new double[scores.length];
        for (int k = 0; k < first.length; k++) {
            double score = scores[first[k]];
            if (second[k] != NONE) {
                double wrong = RewardModel.logistic(scores[second[k]] - score);
                descent[first[k]] += share[k] * wrong;
                descent[second[k]] -= share[k] * wrong;
            } else {
                descent[first[k]] += share[k] * (target[k] - (isStated[k] ? score : RewardModel.logistic(score)));
            }
        }
        return descent;
    }

    private static double logit(double logProbability) {
        if (!(logProbability < 0)) {
            throw new IllegalArgumentException(
                    "logProbability is " + logProbability + "; a logit is fitted, which a probability of 1 has not");
        }
        return logProbability - Math.log(-Math.expm1(logProbability));
    }
}
