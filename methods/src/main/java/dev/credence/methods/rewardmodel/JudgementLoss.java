package dev.credence.methods.rewardmodel;

import java.util.ArrayList;
import java.util.List;

/**
 * What judgements say against scores, for models whose texts share weights: a preference's −log σ(s_chosen − s_rejected), an
 * approval's −log σ(±s), of a stated probability half the square of its logit's distance from the score. The scores are logits
 * throughout; those of a table of its own for each text are fitted in {@link RewardModel}.
 *
 * @param judgements of any kinds
 */
public record JudgementLoss(List<Judgement> judgements) {
    /**
     * Copies the list.
     *
     * @param judgements as above
     * @throws IllegalArgumentException if there are none, or a probability is stated to be 1, which has no logit
     */
    public JudgementLoss {
        judgements = List.copyOf(judgements);
        if (judgements.isEmpty()) {
            throw new IllegalArgumentException("judgements are none; a loss needs one");
        }
        for (Judgement one : judgements) {
            if (one instanceof Judgement.Stated stated && !(stated.logProbability() < 0)) {
                throw new IllegalArgumentException("logProbability is " + stated.logProbability()
                        + "; a logit is fitted, which a probability of 1 has not");
            }
        }
    }

    /**
     * A text that is scored.
     *
     * @param prompt before it
     * @param text the text
     */
    public record Judged(String prompt, String text) {}

    /** {@return the texts to score, in the judgements' order: of a pair the chosen one, then the rejected} */
    public List<Judged> texts() {
        List<Judged> texts = new ArrayList<>();
        for (Judgement one : judgements) {
            if (one instanceof Judgement.Pair pair) {
                texts.add(new Judged(pair.prompt(), pair.chosen()));
                texts.add(new Judged(pair.prompt(), pair.rejected()));
            } else if (one instanceof Judgement.Approval approval) {
                texts.add(new Judged(approval.prompt(), approval.text()));
            } else if (one instanceof Judgement.Stated stated) {
                texts.add(new Judged(stated.prompt(), stated.text()));
            }
        }
        return texts;
    }

    /**
     * The mean loss by weight.
     *
     * @param scores of {@link #texts}
     * @return nats; of stated probabilities half a squared logit
     */
    public double loss(double[] scores) {
        double sum = 0;
        int at = 0;
        for (Judgement one : judgements) {
            double loss;
            if (one instanceof Judgement.Pair) {
                loss = -RewardModel.logLogistic(scores[at] - scores[at + 1]);
                at++;
            } else if (one instanceof Judgement.Approval approval) {
                loss = -RewardModel.logLogistic(approval.approved() ? scores[at] : -scores[at]);
            } else {
                double distance = logit(((Judgement.Stated) one).logProbability()) - scores[at];
                loss = 0.5 * distance * distance;
            }
            at++;
            sum += one.weight() * loss;
        }
        return sum / weight();
    }

    /**
     * The descent of the mean loss.
     *
     * @param scores of {@link #texts}
     * @return (texts) −d loss / d score
     */
    public double[] descent(double[] scores) {
        double[] descent = new double[scores.length];
        double all = weight();
        int at = 0;
        for (Judgement one : judgements) {
            double share = one.weight() / all;
            if (one instanceof Judgement.Pair) {
                double wrong = RewardModel.logistic(scores[at + 1] - scores[at]);
                descent[at++] = share * wrong;
                descent[at++] = -share * wrong;
            } else if (one instanceof Judgement.Approval approval) {
                double p = RewardModel.logistic(scores[at]);
                descent[at++] = share * ((approval.approved() ? 1 : 0) - p);
            } else {
                double aimed = logit(((Judgement.Stated) one).logProbability());
                descent[at] = share * (aimed - scores[at]);
                at++;
            }
        }
        return descent;
    }

    private double weight() {
        return judgements.stream().mapToDouble(Judgement::weight).sum();
    }

    private static double logit(double logProbability) {
        return logProbability - Math.log(-Math.expm1(logProbability));
    }
}
