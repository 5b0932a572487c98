package dev.credence.methods;

import java.util.OptionalDouble;

/**
 * How a training ended. One that was to run to its limit has either come there or not; what is stated as the limit is then
 * compared with where it stands.
 *
 * @param why it took no further step, in words
 * @param toLimit whether it was to run to its limit, expectations enumerated
 * @param reached whether it did; true where it was not to
 * @param distance from the limit that the method states, total variation of the prompt where it is largest; empty where it was
 *     not to run there or states none
 * @param gradientNorm of its objective by the logits, at the last step
 * @param equalGroups share of the groups, over all steps, whose texts were all rewarded alike, so that nothing was learnt of
 *     them; empty where there are no groups
 */
public record TrainingEnd(
        String why,
        boolean toLimit,
        boolean reached,
        OptionalDouble distance,
        double gradientNorm,
        OptionalDouble equalGroups) {
    /** Total variation within which a limit is reached. */
    public static final double REACHED = 1e-6;

    /** {@return whether a limit was to be reached and was not} */
    public boolean isMissed() {
        return toLimit && !reached;
    }

    /** {@return whether most groups taught nothing, or all} */
    public boolean isMostlyEqual() {
        return equalGroups.orElse(0) > 0.5;
    }
}
