package dev.credence.core.posterior;

/**
 * One member π*_λ ∝ π0 e^{λr} of a {@link TiltedFamily}, in figures (nats).
 *
 * @param lambda copies λ = 1/β; ±∞ for the limit on the extreme rewards
 * @param logPartition κ(λ) = log Z(λ) = log E_π0 e^{λr}; infinite at λ = ±∞ unless the extreme reward is 0
 * @param mean E* r = κ′
 * @param variance Var* r = κ″
 * @param thirdCumulant κ‴
 * @param klToPrior KL(π*‖π0) = λκ′ − κ
 * @param klFromPrior KL(π0‖π*) = κ − λE0 r; ∞ where an outcome of the prior is excluded
 * @param entropy of π*
 * @param acceptanceRate Z e^{−λ r_max}: how often exact rejection sampling accepts (with the smallest reward for λ &lt; 0)
 */
public record TiltFigures(
        double lambda,
        double logPartition,
        double mean,
        double variance,
        double thirdCumulant,
        double klToPrior,
        double klFromPrior,
        double entropy,
        double acceptanceRate) {

    /**
     * The value of the KL-penalised objective, max J = β log Z.
     *
     * @return reward units; the mean reward at λ = ±∞, and E0 r (the limit β → ∞) at λ = 0
     */
    public double objective() {
        if (lambda == 0 || Double.isInfinite(lambda)) {
            return mean;
        }
        return logPartition / lambda;
    }
}
