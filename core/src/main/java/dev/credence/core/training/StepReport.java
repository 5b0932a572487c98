package dev.credence.core.training;

/**
 * What a step saw.
 *
 * @param step how many steps the policy has taken, this one included
 * @param logProbs (n) (tokens) nats, of the batch before the step
 * @param gradientNorm Euclidean norm of the gradient before clipping; NaN or infinite where the step was not taken
 * @param learningRate of this step
 */
public record StepReport(long step, double[][] logProbs, double gradientNorm, double learningRate) {
    /** {@return whether the parameters were changed: a gradient that is not finite changes nothing} */
    public boolean taken() {
        return Double.isFinite(gradientNorm);
    }
}
