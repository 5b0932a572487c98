package dev.credence.core.audit;

/**
 * One rival conditional: the tilt family of one reward, at the member nearest to the policy.
 * A number is NaN where a gate withdraws the figure of that name in an audit of this reward.
 *
 * @param name the reward's name
 * @param copies the moment-matching λ
 * @param departure KL(π‖π*_λ) in nats, the family's best
 * @param bayesFraction share of KL(π‖π0) that the family explains
 * @param samplesToSeparate policy records that tell it from the best candidate; infinite for the best itself
 */
public record Candidate(String name, double copies, double departure, double bayesFraction, double samplesToSeparate) {
    /** The same without the numbers that the gates of an audit of this reward withdraw. */
    Candidate standing(Evaluation own) {
        if (own.sources() == Sources.EXACT) {
            return this;
        }
        return new Candidate(
                name,
                own.get(Figure.MOMENT_MATCH).stands() ? copies : Double.NaN,
                own.get(Figure.KL_DEPARTURE).stands() ? departure : Double.NaN,
                own.get(Figure.BAYES_FRACTION).stands() ? bayesFraction : Double.NaN,
                samplesToSeparate);
    }
}
