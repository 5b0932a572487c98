package dev.credence.core.evidence;

/**
 * A reward on its way to evidence: it says nothing until its strength is given.
 *
 * @param reward the reward
 * @param type what it is
 */
public record ScoredTexts(RewardFunction reward, RewardType type) {
    /**
     * The reward under a KL coefficient: the evidence r/β that KL-penalised RL conditions on.
     *
     * @param beta the coefficient, in (0, ∞]; ∞ is no evidence. The limit β = 0 needs to know which texts there are: it is
     *     {@code RewardLikelihood.tilt(Double.POSITIVE_INFINITY)}
     * @return r/β nats
     * @throws IllegalArgumentException unless beta is positive
     */
    public Evidence atKl(double beta) {
        if (!(beta > 0)) {
            throw new IllegalArgumentException("beta is " + beta + "; the KL coefficient must be positive");
        }
        return times(1 / beta);
    }

    /**
     * So many copies of the reward, read as a log-likelihood.
     *
     * @param lambda copies, λ = 1/β; any finite real number
     * @return λ·r nats; a text of reward −∞ stays excluded at every λ
     * @throws IllegalArgumentException unless lambda is finite
     */
    public Evidence times(double lambda) {
        boolean stays = lambda == 1 || (type == RewardType.LOG_PROBABILITY && lambda >= 0);
        Tilting tilting = new Tilting(lambda);
        // several copies of a probability are none any more, nor of a logit
        return new RewardEvidence(tilting, reward, tilting.describe(), stays ? type : RewardType.SCORE);
    }
}
