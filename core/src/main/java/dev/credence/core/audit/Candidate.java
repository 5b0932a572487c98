package dev.credence.core.audit;

/**
 * One rival conditional: the tilt family of one reward, at the member nearest to the policy.
 *
 * @param name the reward's name
 * @param copies the moment-matching λ
 * @param departure KL(π‖π*_λ) in nats, the family's best
 * @param bayesFraction share of KL(π‖π0) that the family explains
 * @param samplesToSeparate policy records that tell it from the best candidate; infinite for the best itself
 */
public record Candidate(String name, double copies, double departure, double bayesFraction, double samplesToSeparate) {}
